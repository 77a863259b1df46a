import type { CacheBucket } from '../client/cache-bucket.js'
import { CacheError } from '../errors.js'
import { MAX_DURATION_MS } from '../units.js'
import { givenBucket } from './given-bucket.js'
import { keyPages } from './key-pages.js'
import { textOf } from './text.js'
import { OVER, putTimed, type TimedEntry } from './timed-puts.js'

interface Entry {
  readonly key: string
  readonly value: unknown
  /** Of Keyv 5: milliseconds, below 0 where it is over already. */
  readonly ttl?: number | undefined
  /** Of Keyv 6: milliseconds since 1970. */
  readonly expires?: number | undefined
}

type Listener = (error: unknown) => void

/** What is left in ms; the bucket's default where undefined. */
type Ttl = number | undefined | typeof OVER

/** Keyv 6 tells times in ms since 1970: whatever is less than this is a TTL of Keyv 5. */
const YEAR_1973_MS = 1e11
/** Keyv 6 makes each entry's end at its own time: those of one TTL are to come into one batch. */
const BATCH_STEP_MS = 128 // 365 days are a multiple of it

/**
 * A bucket as the store of a Keyv 5 or 6: `new Keyv({ store: new KeyvAnnulus(bucket) })`. What fails
 * comes to Keyv's listeners of `error` as the bucket's `CacheError`, and counts as a miss, or as false.
 */
export class KeyvAnnulus {
  /** Keyv 5 iterates only over stores of a dialect that it knows. */
  readonly opts = { url: '', dialect: 'redis' }
  /** Set by Keyv. The bucket's keys have `namespace:` before them: Keyv 5 puts it there, 6 does not. */
  namespace: string | undefined
  private readonly bucket: CacheBucket
  private isOfKeyv6 = false
  private readonly listeners: Listener[] = []

  constructor(bucket: CacheBucket) {
    this.bucket = givenBucket(bucket)
  }

  /**
   * Keyv 6 asks this of a store before it uses it, and takes one that says nothing for a store of
   * Keyv 5, with a bridge between; Keyv 5 asks nothing. So whoever asks is answered as Keyv 6 is.
   * docs/decisions/0017-keyv-5-and-6.md
   */
  get capabilities(): { readonly expires: true } {
    this.isOfKeyv6 = true
    return { expires: true }
  }

  /** The one event is `error`, and only Keyv 5 needs it: 6 tells of each rejection itself. */
  on(event: string, listener: Listener): this {
    if (event === 'error') this.listeners.push(listener)
    return this
  }

  /** What Keyv made of a value; undefined on a miss. Rejects where the read fails. */
  async get<V>(key: string): Promise<V | undefined> {
    try {
      return asStored<V>(await this.bucket.getText(this.named(key)))
    } catch (error) {
      // Keyv 5 takes it for a miss and tells nobody; with throwOnErrors it throws what comes.
      if (!this.isOfKeyv6) this.tell(error)
      throw error
    }
  }

  /** Same order as asked. */
  async getMany<V>(keys: string[]): Promise<(V | undefined)[]> {
    return (await this.read(keys)).map((bytes) => asStored<V>(bytes && textOf(bytes)))
  }

  /** Until the end: a TTL of Keyv 5, the time of Keyv 6. False where an immutable bucket has the key. */
  async set(key: string, value: unknown, end?: number): Promise<boolean> {
    const ttl = this.ttlOf(end, Date.now())
    if (ttl !== OVER) return this.bucket.put(this.named(key), storable(value), { ttl })
    await this.bucket.delete(this.named(key))
    return true
  }

  /** Resolves to what `set` would for each: Keyv 5 hands it on, though its type has no room for it. */
  async setMany(entries: readonly Entry[]): Promise<void> {
    const now = Date.now()
    const timed = entries.map(({ key, value, ttl, expires }): TimedEntry => {
      const left = this.isOfKeyv6 ? inSteps(this.ttlOf(expires, now)) : this.ttlOf(ttl, now)
      return { key: this.named(key), value: storable(value), ttl: left }
    })
    return (await putTimed(this.bucket, timed)) as unknown as undefined
  }

  /** Whether there was such a key. */
  delete(key: string): Promise<boolean> {
    return this.bucket.delete(this.named(key))
  }

  /** Whether each was there, as Keyv 6 asks; to Keyv 5, as its type says, whether all were. */
  async deleteMany(keys: string[]): Promise<boolean> {
    const deleted = await this.bucket.deleteMany(keys.map((key) => this.named(key)))
    return this.isOfKeyv6 ? (deleted as unknown as boolean) : deleted.every(Boolean)
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
    namespace = this.namespace,
  ): AsyncGenerator<(string | Awaited<V> | undefined)[], void> {
    const prefix = namespace ? prefixOf(namespace) : ''
    const known = this.isOfKeyv6 ? prefix.length : 0
    for await (const keys of keyPages(this.bucket, prefix)) {
      const values = await this.bucket.getMany(keys)
      for (const [i, bytes] of values.entries()) {
        if (bytes !== undefined) yield [keys[i].slice(known), textOf(bytes)]
      }
    }
  }

  /** Nothing to do: the bucket is its maker's to close. */
  async disconnect(): Promise<void> {}

  /** All are misses where the read fails: Keyv 5 would pass a rejection on to its caller. */
  private async read(keys: readonly string[]): Promise<(Uint8Array | undefined)[]> {
    try {
      return await this.bucket.getMany(keys.map((key) => this.named(key)))
    } catch (error) {
      if (this.isOfKeyv6) throw error
      this.tell(error)
      return keys.map(() => undefined)
    }
  }

  /** The bucket's name of a key. */
  private named(key: string): string {
    return this.isOfKeyv6 && this.namespace ? prefixOf(this.namespace) + key : key
  }

  /**
   * Up to 365 days. Keyv keeps the exact time beside the value: part of a millisecond more does no
   * harm. Where it is over before it is stored, whoever sets it wants what is there gone.
   */
  private ttlOf(end: number | undefined, now: number): Ttl {
    if (end === undefined) return undefined
    if (this.isOfKeyv6 && end > 0 && end < YEAR_1973_MS) throw ofAnotherKeyv()
    const left = this.isOfKeyv6 ? end - now : end
    const isOver = this.isOfKeyv6 ? left <= 0 : left < 0
    return isOver ? OVER : Math.min(Math.ceil(left), MAX_DURATION_MS)
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
function asStored<V>(text: string | undefined): V | undefined {
  return text as V | undefined
}

function inSteps(ttl: Ttl): Ttl {
  return typeof ttl === 'number' ? Math.ceil(ttl / BATCH_STEP_MS) * BATCH_STEP_MS : ttl
}

function ofAnotherKeyv(): CacheError {
  const why = 'a Keyv 6 has asked for the capabilities of this store, and now a TTL of Keyv 5 comes'
  return new CacheError('invalid_option', `${why}: make a store for each Keyv`)
}

function storable(value: unknown): string {
  if (typeof value === 'string') return value
  const how = 'leave serialize (Keyv 6: serialization) as it is, or give one that makes strings'
  throw new CacheError('invalid_body', `a value of type ${typeof value} cannot be stored: ${how}`)
}
