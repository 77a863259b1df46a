import { CacheError, type ErrorCode } from '../errors.js'
import type { Flights } from '../flights.js'
import type { Key } from '../key-rules.js'
import { checkKnown, type Names } from '../known-options.js'
import { parseDuration } from '../units.js'
import { Batches, frameBytesOf, isTooMuch, ofLaterPart, partsOf } from './batches.js'
import type { PutOptions, Value } from './cache-bucket.js'
import { unlessRefused } from './client-error.js'
import { headersOf, type WriteOptions } from './conditions.js'
import { A_VALUE, cacheStatusOf, DONE, type Expected, STORED } from './expected.js'
import { type Gatherer, type Source, unlessAborted } from './gather.js'
import { bytesOfValue, itemsOf, textOfKey, textsOfKeys } from './key-text.js'
import type { CallOptions } from './options.js'
import { type Answer, type Limits, type Sent, type Transport, textOf } from './transport.js'

export interface EntryHead {
  readonly sizeBytes: number
  readonly contentType: string
  /** Of the stored version: never used twice for a key. */
  readonly etag: string
  /** What is left of its life, in ms, to the second below; undefined without a TTL. */
  readonly ttlMs: number | undefined
}

export interface Entry extends Omit<EntryHead, 'sizeBytes'> {
  readonly value: Uint8Array
}

export interface PutCallOptions extends PutOptions, WriteOptions {
  /** Kept with the value, and given back with it. */
  readonly contentType?: string | undefined
}

export interface PutManyOptions extends PutOptions, CallOptions {}

const PUT_MANY = { ttl: true, signal: true, timeout: true } as const satisfies Names<PutManyOptions>
const PUT = {
  ...PUT_MANY,
  contentType: true,
  ifMatch: true,
  ifNoneMatch: true,
} as const satisfies Names<PutCallOptions>

/** Makes the value of a key that is missing. */
export type Loader = (key: Key) => Value | Promise<Value>

/** What all buckets of a client share. */
export interface Shared {
  readonly transport: Transport
  readonly gatherer: Gatherer
  readonly flights: Flights<Uint8Array>
}

/** What is said by `undefined`, and by `false`. */
const MISS: readonly ErrorCode[] = ['key_not_found']
const NOT_DONE: readonly ErrorCode[] = ['key_not_found', 'key_exists', 'version_mismatch']

/**
 * A bucket's keys on a server: the same calls as those of an engine's bucket. Keys and TTLs are checked
 * before anything is sent. Every call rejects with a CacheError, or its signal's reason.
 */
export class ClientKeys {
  readonly id: string
  protected readonly base: string
  protected readonly key: string | undefined
  protected readonly transport: Transport
  protected readonly batches: Batches
  private readonly shared: Shared
  private readonly source: Source

  /** `base` is the address below which the bucket's calls stand. */
  constructor(shared: Shared, id: string, base: string, key: string | undefined) {
    this.id = id
    this.base = base
    this.key = key
    this.shared = shared
    this.transport = shared.transport
    this.batches = new Batches(shared.transport, { base, key })
    this.source = {
      name: `${base} ${key}`,
      fetchMany: (keys, signal) => {
        return this.transport.within({ signal }, (limits) => this.fetchMany(keys, limits))
      },
    }
  }

  /**
   * The value, or undefined on a miss. Gets of one turn of the event loop travel together, unless they
   * have a timeout of their own or the client was told not to.
   */
  async get(key: Key, options: CallOptions = {}): Promise<Uint8Array | undefined> {
    const text = textOfKey(key)
    if (options.timeout === undefined && this.transport.settings.gathers) {
      return this.shared.gatherer.get(this.source, text, options.signal)
    }
    return this.transport.within(options, (limits) => this.fetchOne(text, limits))
  }

  async getText(key: Key, options: CallOptions = {}): Promise<string | undefined> {
    const value = await this.get(key, options)
    return value === undefined ? undefined : textOf(value)
  }

  /** Same order as asked. More than fit a request are asked for in several, one after the other. */
  async getMany(
    keys: readonly Key[],
    options: CallOptions = {},
  ): Promise<(Uint8Array | undefined)[]> {
    const parts = partsOf(textsOfKeys(keys), () => 0)
    return this.transport.within(options, async (limits) => {
      const values: (Uint8Array | undefined)[] = []
      for (const part of parts) values.push(...(await this.fetchMany(part, limits)))
      return values
    })
  }

  /** Value, content type, version and remaining TTL. */
  async entry(key: Key, options: CallOptions = {}): Promise<Entry | undefined> {
    const answer = await this.found(this.sentOf('GET', textOfKey(key), A_VALUE), options)
    if (answer === undefined) return undefined
    const { contentType, etag, ttlMs } = headOf(answer)
    return { value: answer.bytes, contentType, etag, ttlMs }
  }

  /** The same without the value, and not counted as a get. */
  async head(key: Key, options: CallOptions = {}): Promise<EntryHead | undefined> {
    const answer = await this.found(this.sentOf('HEAD', textOfKey(key), A_VALUE), options)
    return answer === undefined ? undefined : headOf(answer)
  }

  /** False where the bucket is immutable and the key lives, or where a condition does not hold. */
  async put(key: Key, value: Value, options: PutCallOptions = {}): Promise<boolean> {
    const ttlMs = ttlOf(options, PUT)
    const sent = this.putOf(textOfKey(key), bytesOfValue(value), ttlMs, options)
    return isDone(this.transport.call(sent, options))
  }

  /**
   * Same order as asked. One bad item refuses all before anything is stored, and the error names its
   * index. What does not fit one request travels in several, one after the other: then what the server
   * refuses leaves those before it stored, and `maybeStored` says so.
   */
  async putMany(
    entries: readonly (readonly [Key, Value])[],
    options: PutManyOptions = {},
  ): Promise<boolean[]> {
    const ttlMs = ttlOf(options, PUT_MANY)
    const items = itemsOf(entries)
    return this.inParts(partsOf(items, frameBytesOf), options, async (part, limits) => {
      if (!isTooMuch(part[0])) return this.batches.put(part, ttlMs, limits)
      const { key, value } = part[0]
      return [await isDone(this.transport.send(this.putOf(key, value, ttlMs), limits))]
    })
  }

  /** Whether there was such a key, and a condition held. */
  async delete(key: Key, options: WriteOptions = {}): Promise<boolean> {
    const sent = this.sentOf('DELETE', textOfKey(key), DONE, headersOf(options))
    return isDone(this.transport.call(sent, options))
  }

  /** Same order as asked. A key named twice was there but once. */
  async deleteMany(keys: readonly Key[], options: CallOptions = {}): Promise<boolean[]> {
    const texts = textsOfKeys(keys)
    const once = [...new Set(texts)]
    const answers = await this.inParts(
      partsOf(once, () => 0),
      options,
      (part, limits) => {
        return this.batches.delete(part, limits)
      },
    )
    const deleted = new Set(once.filter((_, i) => answers[i]))
    return texts.map((text) => deleted.delete(text))
  }

  /** Gives a key a new TTL, its value untouched. False: no such key, or not as the condition has it. */
  async touch(key: Key, ttl: string | number, options: WriteOptions = {}): Promise<boolean> {
    const sent = this.sentOf('PATCH', textOfKey(key), DONE, headersOf(options))
    const url = `${sent.url}?ttl=${parseDuration(ttl)}`
    return isDone(this.transport.call({ ...sent, url }, options))
  }

  /**
   * The value that is there; else the loader's, which is then stored where the key is still absent. Of
   * all who miss a key at one time, one calls its loader. Where another value was put meanwhile, that
   * one is stored and returned. A loader that throws rejects all who wait for it.
   */
  async getOrSet(key: Key, loader: Loader, options: PutManyOptions = {}): Promise<Uint8Array> {
    const text = textOfKey(key)
    const ttlMs = ttlOf(options, PUT_MANY)
    const { signal, timeout } = options
    signal?.throwIfAborted()
    const store = (value: Uint8Array) => {
      const sent = this.putOf(text, value, ttlMs, { ifNoneMatch: '*' })
      return isDone(this.transport.call(sent, { timeout }))
    }
    // A load serves others as well: the signal of one of them does not end it.
    const value = this.shared.flights.getOrSet(`${this.source.name} ${text}`, {
      read: () => this.get(text, { timeout }),
      load: async () => bytesOfValue(await loader(key)),
      store,
    })
    return unlessAborted(value, signal)
  }

  async getOrSetText(key: Key, loader: Loader, options: PutManyOptions = {}): Promise<string> {
    return textOf(await this.getOrSet(key, loader, options))
  }

  private async fetchOne(key: string, limits: Limits): Promise<Uint8Array | undefined> {
    const asked = this.transport.send(this.sentOf('GET', key, A_VALUE), limits)
    return (await unlessRefused(asked, MISS, undefined))?.bytes
  }

  private found(sent: Sent, options: CallOptions): Promise<Answer | undefined> {
    return unlessRefused(this.transport.call(sent, options), MISS, undefined)
  }

  /** In halves where the values are too much for one answer. */
  private async fetchMany(
    keys: readonly string[],
    limits: Limits,
  ): Promise<(Uint8Array | undefined)[]> {
    if (keys.length === 1) return [await this.fetchOne(keys[0], limits)]
    try {
      return await this.batches.get(keys, limits)
    } catch (error) {
      if (!(error instanceof CacheError) || error.code !== 'batch_too_large') throw error
    }
    const half = keys.length >>> 1
    const first = await this.fetchMany(keys.slice(0, half), limits)
    return [...first, ...(await this.fetchMany(keys.slice(half), limits))]
  }

  private inParts<T>(
    parts: readonly T[][],
    options: CallOptions,
    write: (part: T[], limits: Limits) => Promise<boolean[]>,
  ): Promise<boolean[]> {
    return this.transport.within(options, async (limits) => {
      const outcomes: boolean[] = []
      for (const part of parts) {
        try {
          outcomes.push(...(await write(part, limits)))
        } catch (error) {
          throw ofLaterPart(error, outcomes.length)
        }
      }
      return outcomes
    })
  }

  private putOf(
    key: string,
    body: Uint8Array,
    ttlMs: number | undefined,
    { contentType, ...conditions }: PutCallOptions = {},
  ): Sent {
    const sent = this.sentOf('PUT', key, STORED, headersOf(conditions, contentType))
    return { ...sent, url: ttlMs === undefined ? sent.url : `${sent.url}?ttl=${ttlMs}`, body }
  }

  private sentOf(
    method: Sent['method'],
    key: string,
    expects: Expected,
    headers: Sent['headers'] = {},
  ): Sent {
    const url = `${this.base}/keys/${encodeURIComponent(key)}`
    return { method, url, key: this.key, headers, expects }
  }
}

async function isDone(asked: Promise<Answer>): Promise<boolean> {
  return (await unlessRefused(asked, NOT_DONE, undefined)) !== undefined
}

function headOf({ headers }: Answer): EntryHead {
  const seconds = /;\s*ttl=([0-9]+)/.exec(cacheStatusOf(headers))
  return {
    sizeBytes: Number(headers.get('Content-Length') ?? 0),
    contentType: headers.get('Content-Type') ?? 'application/octet-stream',
    etag: headers.get('ETag') ?? '',
    ttlMs: seconds === null ? undefined : Number(seconds[1]) * 1_000,
  }
}

/** Throws `invalid_option` and `invalid_ttl`: what a misspelled TTL is put with would stay for ever. */
function ttlOf(options: PutOptions, known: Readonly<Record<string, true>>): number | undefined {
  checkKnown(options, known)
  const { ttl } = options
  return ttl === undefined ? undefined : parseDuration(ttl)
}
