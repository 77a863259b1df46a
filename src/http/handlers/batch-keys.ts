import type { Bucket } from '../../engine/bucket.js'
import { canonicalKey, type Key, KeyScratch } from '../../key.js'
import { type BucketAccess, confirm } from '../auth.js'
import type { Exchange } from '../exchange.js'
import { MAX_JSON_BYTES, readJsonText } from '../json-body.js'
import { atIndex, Problem } from '../problem.js'

export const MAX_BATCH_KEYS = 1_000

export async function readBatch(
  x: Exchange,
  bucket: Bucket,
  access: BucketAccess,
): Promise<unknown> {
  const json = await readJsonText(x, MAX_JSON_BYTES, () => {
    return new Problem('batch_too_large', 'A batch has 16 MiB at most; split it.')
  })
  confirm(x, bucket, access)
  return json
}

/**
 * Looked at before the items are checked, so that a batch of a million is refused for its size.
 * What is no array is left for the schema to refuse.
 */
export function refuseMany(json: unknown, ...fields: readonly string[]): void {
  if (typeof json !== 'object' || json === null) return
  for (const field of fields) {
    const list: unknown = Object.hasOwn(json, field) ? Reflect.get(json, field) : undefined
    if (Array.isArray(list) && list.length > MAX_BATCH_KEYS) {
      throw new Problem(
        'batch_too_large',
        `${field} has ${list.length} entries; a batch has ${MAX_BATCH_KEYS} keys at most.`,
      )
    }
  }
}

const scratch = new KeyScratch()

/** The canonical form of each key; the first that is no key refuses the batch. */
export function canonicalKeys(keys: readonly unknown[]): string[] {
  return keys.map((key, index) => {
    try {
      const canonical = canonicalKey(key as Key)
      scratch.encode(canonical)
      return canonical
    } catch (error) {
      throw atIndex(error, index, 'Key')
    }
  })
}
