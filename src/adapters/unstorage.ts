import type { Driver, StorageMeta } from 'unstorage'
import type { CacheBucket, Value } from '../client/cache-bucket.js'
import { CacheError } from '../errors.js'
import { MAX_DURATION_MS } from '../units.js'
import { givenBucket } from './given-bucket.js'
import { allKeys } from './key-pages.js'
import { textOf } from './text.js'
import { putTimed } from './timed-puts.js'

/** A lifetime as unstorage has it: a number is **seconds**; a string is a duration such as `30s`. */
export type StorageTtl = number | string

/** What the buckets of engine and client know of an item; the rest of its life is in ms. */
interface ItemHead {
  readonly sizeBytes: number
  readonly ttlMs: number | undefined
}

/** A bucket that also tells of an item without its value. */
interface TellingBucket extends CacheBucket {
  head?(key: string): Promise<ItemHead | undefined> | ItemHead | undefined
}

export interface AnnulusDriverOptions {
  readonly bucket: TellingBucket
  /** Stands before every key, and a colon after it: for several storages in one bucket. */
  readonly base?: string | undefined
  /** Of items set without one; the bucket's default where absent. */
  readonly ttl?: StorageTtl | undefined
}

/** What of a call's options concerns an item that is set. */
interface SetOptions {
  readonly ttl?: StorageTtl | undefined
}

/**
 * A bucket as a driver of unstorage: `createStorage({ driver: annulusDriver({ bucket }) })`. What fails
 * rejects with the bucket's `CacheError`; a set that an immutable bucket refuses, with `key_exists`.
 */
export function annulusDriver(
  options: AnnulusDriverOptions,
): Driver<AnnulusDriverOptions, CacheBucket> {
  const bucket = givenBucket(options.bucket)
  const base = options.base ? `${options.base.replace(/:+$/, '')}:` : ''
  const ttlOf = (set: SetOptions | undefined) => milliseconds(set?.ttl ?? options.ttl)
  const put = async (key: string, value: Value, set: SetOptions | undefined) => {
    refuse(key, await bucket.put(base + key, value, { ttl: ttlOf(set) }))
  }
  return {
    name: 'annulus',
    flags: { ttl: true },
    options,
    getInstance: () => bucket,
    hasItem: async (key) => (await bucket.get(base + key)) !== undefined,
    getItem: async (key) => (await bucket.getText(base + key)) ?? null,
    getItemRaw: async (key) => (await bucket.get(base + key)) ?? null,
    getItems: async (items) => {
      const values = await bucket.getMany(items.map(({ key }) => base + key))
      return items.map(({ key }, i) => {
        const bytes = values[i]
        return { key, value: bytes === undefined ? null : textOf(bytes) }
      })
    },
    setItem: put,
    setItemRaw: (key, value: unknown, set) => put(key, rawBytes(value), set),
    setItems: async (items, common) => {
      const entries = items.map(({ key, value, options: own }) => {
        return { key: base + key, value, ttl: ttlOf({ ...common, ...own }) }
      })
      const stored = await putTimed(bucket, entries)
      for (const [i, { key }] of items.entries()) refuse(key, stored[i])
    },
    getMeta: async (key) => metaOf(await bucket.head?.(base + key)),
    removeItem: async (key) => {
      await bucket.delete(base + key)
    },
    getKeys: async (below) => {
      const keys = await allKeys(bucket, base + (below ?? ''))
      return keys.map((key) => key.slice(base.length))
    },
    clear: async (below) => {
      const prefix = base + (below ?? '')
      if (prefix === '') await bucket.flush()
      else await bucket.deletePrefix(prefix)
    },
    // The bucket is its maker's to close.
    dispose: () => {},
  }
}

export default annulusDriver

/** None, as other drivers have it, for 0; seconds are cut to 365 days. */
function milliseconds(ttl: StorageTtl | undefined): string | number | undefined {
  if (ttl === 0) return undefined
  return typeof ttl === 'number' ? Math.min(Math.ceil(ttl * 1_000), MAX_DURATION_MS) : ttl
}

/** `size` in bytes, and `ttl` in seconds as far as there is one; null where nothing is known. */
function metaOf(head: ItemHead | undefined): StorageMeta | null {
  if (head === undefined) return null
  const { ttlMs } = head
  return { size: head.sizeBytes, ...(ttlMs === undefined ? {} : { ttl: ttlMs / 1_000 }) }
}

function refuse(key: string, isStored: boolean): void {
  if (isStored) return
  throw new CacheError('key_exists', `${key} lives, and the bucket is immutable: remove it first`)
}

function rawBytes(value: unknown): Value {
  if (typeof value === 'string' || value instanceof Uint8Array) return value
  if (value instanceof ArrayBuffer) return new Uint8Array(value)
  if (ArrayBuffer.isView(value)) {
    return new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
  }
  const how = 'give setItemRaw bytes or a string, or take setItem'
  throw new CacheError(
    'invalid_body',
    `a raw value of type ${typeof value} cannot be stored: ${how}`,
  )
}
