import type { KeyvStoreAdapter, StoredData } from 'keyv'
import type { CacheBucket } from '../client/cache-bucket.js'
import { CacheError } from '../errors.js'
import { MAX_DURATION_MS } from '../units.js'
import { keyPages } from './key-pages.js'
import { textOf } from './text.js'
import { putTimed } from './timed-puts.js'

interface Entry {
  readonly key: string
  readonly value: unknown
  readonly ttl?: number | undefined
}

type Listener = (error: unknown) => void

/**
 * A bucket as the store of a Keyv 5: `new Keyv({ store: new KeyvAnnulus(bucket) })`. TTLs are
 * milliseconds. Reads that fail are told as `error` events, as Keyv's own stores do, and count as
 * misses; writes that fail reject with the bucket's `CacheError`, which Keyv tells on as `error`.
 */
export class KeyvAnnulus implements KeyvStoreAdapter {
  /** Keyv iterates only over stores of a dialect that it knows. */
  readonly opts = { url: '', dialect: 'redis' }
  /** Set by Keyv; its keys come with `namespace:` before them. */
  namespace: string | undefined
  private readonly bucket: CacheBucket
  private readonly listeners: Listener[] = []

  constructor(bucket: CacheBucket) {
    this.bucket = bucket
  }

  /** The one event is `error`. */
  on(event: string, listener: Listener): this {
    if (event === 'error') this.listeners.push(listener)
    return this
  }

  /** What Keyv made of a value; undefined on a miss. Rejects where the read fails. */
  async get<V>(key: string): Promise<StoredData<V> | undefined> {
    try {
      return asStored<V>(await this.bucket.getText(key))
    } catch (error) {
      // Keyv takes it for a miss and tells nobody; with throwOnErrors it throws what comes.
      this.tell(error)
      throw error
    }
  }

  /** Same order as asked. */
  async getMany<V>(keys: string[]): Promise<StoredData<V | undefined>[]> {
    return (await this.read(keys)).map((bytes) => asStored<V>(bytes && textOf(bytes)))
  }

  /** False where the bucket is immutable and the key lives. */
  async set(key: string, value: unknown, ttl?: number): Promise<boolean> {
    if (isOver(ttl)) {
      await this.bucket.delete(key)
      return true
    }
    return this.bucket.put(key, storable(value), { ttl: wholeMs(ttl) })
  }

  /** Resolves to what `set` would for each: Keyv hands it on, though the type of a store has no room. */
  async setMany(entries: readonly Entry[]): Promise<void> {
    const live = entries.filter(({ ttl }) => !isOver(ttl))
    const timed = live.map(({ key, value, ttl }) => {
      return { key, value: storable(value), ttl: wholeMs(ttl) }
    })
    const stored = new Map(live.map((entry, i) => [entry, i]))
    const outcomes = await putTimed(this.bucket, timed)
    const over = entries.filter(({ ttl }) => isOver(ttl)).map(({ key }) => key)
    if (over.length > 0) await this.bucket.deleteMany(over)
    const all = entries.map((entry) => outcomes[stored.get(entry) ?? -1] ?? true)
    return all as unknown as undefined
  }

  /** Whether there was such a key. */
  delete(key: string): Promise<boolean> {
    return this.bucket.delete(key)
  }

  /** Whether all of them were there. */
  async deleteMany(keys: string[]): Promise<boolean> {
    return (await this.bucket.deleteMany(keys)).every(Boolean)
  }

  /** Deletes all keys of the namespace; without one, all of the bucket's. */
  async clear(): Promise<void> {
    if (this.namespace) await this.bucket.deletePrefix(prefixOf(this.namespace))
    else await this.bucket.flush()
  }

  async has(key: string): Promise<boolean> {
    return (await this.hasMany([key]))[0]
  }

  async hasMany(keys: string[]): Promise<boolean[]> {
    return (await this.read(keys)).map((bytes) => bytes !== undefined)
  }

  /** Keys and values of the namespace, of all where there is none; what lives throughout comes once. */
  async *iterator<V>(
    namespace?: string,
  ): AsyncGenerator<(string | Awaited<V> | undefined)[], void> {
    for await (const keys of keyPages(this.bucket, namespace ? prefixOf(namespace) : '')) {
      const values = await this.bucket.getMany(keys)
      for (const [i, bytes] of values.entries()) {
        if (bytes !== undefined) yield [keys[i], textOf(bytes)]
      }
    }
  }

  /** Nothing to do: the bucket is its maker's to close. */
  async disconnect(): Promise<void> {}

  /** All are misses where the read fails: Keyv would pass a rejection on to its caller. */
  private async read(keys: readonly string[]): Promise<(Uint8Array | undefined)[]> {
    try {
      return await this.bucket.getMany(keys)
    } catch (error) {
      this.tell(error)
      return keys.map(() => undefined)
    }
  }

  private tell(error: unknown): void {
    for (const listener of this.listeners) listener(error)
  }
}

export default KeyvAnnulus

function prefixOf(namespace: string): string {
  return `${namespace}:`
}

/** What Keyv takes for a value that it has yet to deserialize. */
function asStored<V>(text: string | undefined): StoredData<V> | undefined {
  return text as V | undefined
}

function storable(value: unknown): string {
  if (typeof value === 'string') return value
  const how = 'leave serialize of Keyv as it is, or give it one that makes strings'
  throw new CacheError('invalid_body', `a value of type ${typeof value} cannot be stored: ${how}`)
}

/** The value's time is up before it is stored: whoever sets it wants what is there gone. */
function isOver(ttl: number | undefined): boolean {
  return ttl !== undefined && ttl < 0
}

/** Up to 365 days. Keyv keeps the exact time beside the value: part of a millisecond more does no harm. */
function wholeMs(ttl: number | undefined): number | undefined {
  return ttl === undefined ? undefined : Math.min(Math.ceil(ttl), MAX_DURATION_MS)
}
