import type { CacheBucket, Value } from '../client/cache-bucket.js'
import { atItem, textOfKey } from '../client/key-text.js'
import { parseDuration } from '../units.js'

/** In place of a TTL: the time is up before the value is stored, and what is there has to go. */
export const OVER = Symbol('over')

/** A duration or milliseconds; the bucket's default where undefined. */
type Ttl = string | number | undefined | typeof OVER

/** What is to be stored, with a TTL of its own. */
export interface TimedEntry {
  readonly key: string
  readonly value: Value
  readonly ttl: Ttl
}

/** Where the entries of each TTL stand; no key is in it with two. */
type Round = Map<Ttl, number[]>

/**
 * Puts entries whose TTLs may differ: those of one TTL in one call, and one call after the other. Same
 * order as given; false where the bucket is immutable and the key lives. A bad key or TTL refuses all
 * before anything is stored; where a call fails for another reason, those before it are stored.
 */
export async function putTimed(
  bucket: CacheBucket,
  entries: readonly TimedEntry[],
): Promise<boolean[]> {
  for (const [index, { key, ttl }] of entries.entries()) {
    atItem(index, () => {
      textOfKey(key)
      if (ttl !== undefined && ttl !== OVER) parseDuration(ttl)
    })
  }
  const stored = new Array<boolean>(entries.length).fill(true)
  for (const round of roundsOf(entries)) {
    for (const [ttl, indices] of round) {
      if (ttl === OVER) {
        await bucket.deleteMany(indices.map((index) => entries[index].key))
        continue
      }
      const pairs = indices.map((index) => [entries[index].key, entries[index].value] as const)
      const outcomes = await bucket.putMany(pairs, { ttl })
      for (const [i, index] of indices.entries()) stored[index] = outcomes[i]
    }
  }
  return stored
}

/** A key that comes again with another TTL begins a new round: of a key, the last one is to stay. */
function roundsOf(entries: readonly TimedEntry[]): Round[] {
  let round: Round = new Map()
  let ttls = new Map<string, Ttl>()
  const rounds = [round]
  for (const [index, { key, ttl }] of entries.entries()) {
    if (ttls.has(key) && ttls.get(key) !== ttl) {
      round = new Map()
      ttls = new Map()
      rounds.push(round)
    }
    ttls.set(key, ttl)
    const indices = round.get(ttl)
    if (indices === undefined) round.set(ttl, [index])
    else indices.push(index)
  }
  return rounds
}
