import session, { type SessionData } from 'express-session'
import type { CacheBucket } from '../client/cache-bucket.js'
import { CacheError } from '../errors.js'
import { checkKnown, type Names } from '../known-options.js'
import { MAX_DURATION_MS, parseDuration } from '../units.js'
import { givenBucket } from './given-bucket.js'
import { allKeys, keyPages } from './key-pages.js'
import { textOf } from './text.js'

export interface AnnulusSessionStoreOptions {
  readonly bucket: CacheBucket
  /** Stands before every session's id; `sess:` unless said. */
  readonly prefix?: string | undefined
  /** Of sessions whose cookie has no end: a duration, or milliseconds; a day unless said. */
  readonly ttl?: string | number | undefined
}

const OPTIONS = {
  bucket: true,
  prefix: true,
  ttl: true,
} as const satisfies Names<AnnulusSessionStoreOptions>

type Callback<T> = (error: unknown, result?: T) => void

/**
 * A bucket as the store of express-session. A session lives as long as its cookie, at most 365 days
 * from the last request. What fails goes to the callback, as the bucket's `CacheError`.
 */
export class AnnulusSessionStore extends session.Store {
  private readonly bucket: CacheBucket
  private readonly prefix: string
  private readonly ttlMs: number

  /** Throws `invalid_option` and `invalid_ttl`. */
  constructor(options: AnnulusSessionStoreOptions) {
    super()
    checkKnown(options, OPTIONS)
    const { bucket, prefix = 'sess:', ttl = '1d' } = options
    this.bucket = givenBucket(bucket)
    this.prefix = prefix
    this.ttlMs = parseDuration(ttl)
  }

  override get(sid: string, callback: Callback<SessionData | null>): void {
    answer(this.read(sid), callback)
  }

  override set(sid: string, data: SessionData, callback?: Callback<void>): void {
    answer(this.write(sid, data), callback)
  }

  /** A new end for the session, and nothing else: what another request has changed stays. */
  override touch(sid: string, data: SessionData, callback?: Callback<void>): void {
    answer(this.prolong(sid, data), callback)
  }

  override destroy(sid: string, callback?: Callback<void>): void {
    answer(this.remove(sid), callback)
  }

  /** Every session, by its id: all of them in memory at one time. */
  override all(callback: Callback<Record<string, SessionData>>): void {
    answer(this.readAll(), callback)
  }

  override length(callback: Callback<number>): void {
    answer(
      allKeys(this.bucket, this.prefix).then((keys) => keys.length),
      callback,
    )
  }

  override clear(callback?: Callback<void>): void {
    answer(this.removeAll(), callback)
  }

  private async read(sid: string): Promise<SessionData | null> {
    const text = await this.bucket.getText(this.prefix + sid)
    return text === undefined ? null : parse(text)
  }

  private async readAll(): Promise<Record<string, SessionData>> {
    const found: [string, SessionData][] = []
    for await (const keys of keyPages(this.bucket, this.prefix)) {
      const values = await this.bucket.getMany(keys)
      for (const [i, bytes] of values.entries()) {
        const data = bytes && sessionIn(textOf(bytes))
        if (data !== undefined) found.push([keys[i].slice(this.prefix.length), data])
      }
    }
    return Object.fromEntries(found)
  }

  private async write(sid: string, data: SessionData): Promise<void> {
    const ttl = this.ttlOf(data)
    if (ttl <= 0) return this.remove(sid)
    const isStored = await this.bucket.put(this.prefix + sid, JSON.stringify(data), { ttl })
    if (isStored) return
    throw new CacheError('key_exists', 'sessions change: take a bucket that is not immutable')
  }

  private async prolong(sid: string, data: SessionData): Promise<void> {
    const ttl = this.ttlOf(data)
    if (ttl <= 0) await this.remove(sid)
    else await this.bucket.touch(this.prefix + sid, ttl)
  }

  private async remove(sid: string): Promise<void> {
    await this.bucket.delete(this.prefix + sid)
  }

  private async removeAll(): Promise<void> {
    if (this.prefix === '') await this.bucket.flush()
    else await this.bucket.deletePrefix(this.prefix)
  }

  /** What is left of the cookie's life, in ms; 0 or less where it was set to be over. */
  private ttlOf({ cookie }: SessionData): number {
    // From JSON it comes as text.
    const expires: Date | string | null | undefined = cookie?.expires
    if (!expires) return this.ttlMs
    const leftMs = new Date(expires).getTime() - Date.now()
    // A request that outlasts its cookie was made in time: others may have prolonged the session.
    const ttl = leftMs > 0 ? leftMs : (cookie.originalMaxAge ?? leftMs)
    return Math.min(Math.ceil(ttl), MAX_DURATION_MS)
  }
}

/** Undefined where somebody else's value stands under the prefix. */
function sessionIn(text: string): SessionData | undefined {
  try {
    return parse(text)
  } catch {
    return undefined
  }
}

/** The stored end is of the last change, and touches came since: the cookie counts from now. */
function parse(text: string): SessionData {
  const data = JSON.parse(text) as SessionData
  const maxAge = data.cookie?.originalMaxAge
  if (typeof maxAge === 'number') data.cookie.expires = new Date(Date.now() + maxAge)
  return data
}

/** Calls back outside of the promise, where an error that the callback throws is the caller's own. */
function answer<T>(promise: Promise<T>, callback: Callback<T> = () => {}): void {
  promise.then(
    (result) => queueMicrotask(() => callback(null, result)),
    (error: unknown) => queueMicrotask(() => callback(error)),
  )
}
