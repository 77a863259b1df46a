import type { CacheBucket, Value } from '../client/cache-bucket.js'
import { atItem, textOfKey } from '../client/key-text.js'
import { parseDuration } from '../units.js'

/** What is to be stored, with a TTL of its own: a duration or milliseconds. */
export interface TimedEntry {
  readonly key: string
  readonly value: Value
  readonly ttl: string | number | undefined
}

/**
 * Puts entries whose TTLs may differ: those of one TTL in one call, and one call after the other. Same
 * order as given; false where the bucket is immutable and the key lives. A bad key or TTL refuses all
 * before anything is stored; where a call fails for another reason, those before it are stored.
 */
export async function putTimed(
  bucket: CacheBucket,
  entries: readonly TimedEntry[],
): Promise<boolean[]> {
  const groups = new Map<TimedEntry['ttl'], number[]>()
  for (const [index, { key, ttl }] of entries.entries()) {
    atItem(index, () => {
      textOfKey(key)
      if (ttl !== undefined) parseDuration(ttl)
    })
    const group = groups.get(ttl)
    if (group === undefined) groups.set(ttl, [index])
    else group.push(index)
  }
  const stored = new Array<boolean>(entries.length)
  for (const [ttl, indices] of groups) {
    const pairs = indices.map((index) => [entries[index].key, entries[index].value] as const)
    const outcomes = await bucket.putMany(pairs, { ttl })
    for (const [i, index] of indices.entries()) stored[index] = outcomes[i]
  }
  return stored
}
