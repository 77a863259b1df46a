import { CacheError } from '../errors.js'
import { Flights } from '../flights.js'
import { canonicalKey } from '../key.js'
import type { Key } from '../key-rules.js'
import { checkKnown, type Names } from '../known-options.js'
import { NEVER } from '../store/item.js'
import { OP_DELETE, OP_TOUCH } from '../store/order.js'
import { ABSENT, type Found, type FoundHead } from '../store/reader.js'
import { parseDuration } from '../units.js'
import { BatchCall, SingleCall } from './calls.js'
import { patiently } from './lookup.js'
import {
  type Condition,
  type RemoveResult,
  removeResult,
  succeeded,
  type WriteResult,
  writeResult,
} from './outcomes.js'
import type { BucketRecord } from './records.js'
import { bytesOf, submitAll, type Value, type WriteHost, Writes } from './writes.js'

export interface PutOptions {
  /** A duration, or milliseconds; the bucket's default where absent. */
  readonly ttl?: string | number | undefined
}

const PUT_OPTIONS = { ttl: true } as const satisfies Names<PutOptions>

/** Makes the value of a key that is missing. */
export type Loader = (key: Key) => Value | Promise<Value>

export interface Entry {
  readonly value: Buffer
  readonly contentType: string | undefined
  readonly version: number
  /** What is left of its life, in ms; undefined without a TTL. */
  readonly ttlMs: number | undefined
}

export interface EntryHead extends Omit<Entry, 'value'> {
  readonly sizeBytes: number
}

export interface WriteOptions {
  readonly ttlMs?: number | undefined
  readonly contentType?: string | undefined
  readonly onlyIf?: Condition | undefined
}

/** Reads by key, from memory. They throw `invalid_key`, `key_too_long` and `busy`. */
export interface Reads {
  readonly space: number
  bytes(key: string): Buffer | undefined
  text(key: string): string | undefined
  find(key: string): Found | undefined
  head(key: string): FoundHead | undefined
  copyTo(key: string, target: Uint8Array, at: number): number
}

/** What of a bucket changes while it is open. */
export interface BucketState {
  readonly record: BucketRecord
  /** See Tenant. */
  readonly outreach: number
}

/**
 * A bucket's keys, read and written: what of a bucket any thread that may write can do. Every call names
 * its errors as CacheError.
 */
export class Keys<R extends Reads = Reads> {
  readonly id: string
  readonly accountId: string
  readonly reads: R
  private readonly state: BucketState
  private readonly keysHost: WriteHost
  private readonly writes: Writes
  private readonly flights = new Flights<Buffer>((value) => Buffer.from(value))

  constructor(host: WriteHost, state: BucketState, reads: R) {
    this.id = state.record.id
    this.accountId = state.record.accountId
    this.state = state
    this.reads = reads
    this.keysHost = host
    this.writes = new Writes(host, this)
  }

  get record(): BucketRecord {
    return this.state.record
  }

  /** The most copies that any key may have: see Tenant. */
  get outreach(): number {
    return this.state.outreach
  }

  /** The value in a buffer of its own, or undefined on a miss. No hop: read from shared memory. */
  getSync(key: Key): Buffer | undefined {
    return this.reads.bytes(typeof key === 'string' ? key : canonicalKey(key))
  }

  getTextSync(key: Key): string | undefined {
    return this.reads.text(typeof key === 'string' ? key : canonicalKey(key))
  }

  /**
   * Copies the value to `target` from `offset` on: a read that makes no buffer. Returns the value's length
   * in bytes, or undefined on a miss; where that is more than the room there, nothing was copied.
   */
  getInto(key: Key, target: Uint8Array, offset = 0): number | undefined {
    if (!Number.isInteger(offset) || offset < 0 || offset > target.length) {
      throw new RangeError(`offset ${offset} is not in a target of ${target.length} bytes`)
    }
    const name = typeof key === 'string' ? key : canonicalKey(key)
    const length = this.reads.copyTo(name, target, offset)
    return length === ABSENT ? undefined : length
  }

  get(key: Key): Promise<Buffer | undefined> {
    return patiently(() => this.getSync(key))
  }

  getText(key: Key): Promise<string | undefined> {
    return patiently(() => this.getTextSync(key))
  }

  async getMany(keys: readonly Key[]): Promise<(Buffer | undefined)[]> {
    const values = new Array<Buffer | undefined>(keys.length)
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i]
      try {
        values[i] = this.getSync(key)
      } catch (error) {
        if (!(error instanceof CacheError) || error.code !== 'busy') {
          throw error
        }
        values[i] = await this.get(key)
      }
    }
    return values
  }

  /** Value, content type, version and remaining TTL: all that HTTP answers with. */
  lookup(key: string): Entry | undefined {
    const found = this.reads.find(key)
    if (found === undefined) {
      return undefined
    }
    const { value, type, version, deadline } = found
    return { value, contentType: type, version, ttlMs: this.ttlLeft(deadline) }
  }

  /** The same without the value, and not counted as a get. */
  head(key: string): EntryHead | undefined {
    const found = this.reads.head(key)
    if (found === undefined) {
      return undefined
    }
    const { sizeBytes, type, version, deadline } = found
    return { sizeBytes, contentType: type, version, ttlMs: this.ttlLeft(deadline) }
  }

  /** False where the bucket is immutable and the key lives. */
  async put(key: Key, value: Value, options: PutOptions = {}): Promise<boolean> {
    const deadline = this.writes.deadline(ttlOf(options))
    const text = canonicalKey(key)
    const submit = () => this.writes.put(text, value, deadline, call, 0)
    const call: SingleCall<boolean> = new SingleCall(succeeded, submit)
    submit()
    return call.promise
  }

  /**
   * Same order as asked. A key named twice is stored twice: the last one wins. One bad item refuses
   * all before anything is stored, and the error names its index.
   */
  async putMany(
    entries: readonly (readonly [Key, Value])[],
    options: PutOptions = {},
  ): Promise<boolean[]> {
    this.writes.checkAll(entries)
    const deadline = this.writes.deadline(ttlOf(options))
    const submit = (i: number) => {
      const [key, value] = entries[i]
      this.writes.put(typeof key === 'string' ? key : canonicalKey(key), value, deadline, call, i)
    }
    const call: BatchCall<boolean> = new BatchCall(entries.length, succeeded, submit)
    submitAll(entries.length, call, submit)
    return call.promise
  }

  /**
   * The value that is there; else the loader's, which is then stored where the key is still absent. Of
   * all who miss a key at one time, one calls its loader. Where another value was put meanwhile, that
   * one is stored and returned. A loader that throws rejects all who wait for it.
   */
  async getOrSet(key: Key, loader: Loader, options: PutOptions = {}): Promise<Buffer> {
    const ttlMs = ttlOf(options)
    const text = canonicalKey(key)
    const store = (value: Buffer) => this.write(text, value, { ttlMs, onlyIf: { kind: 'absent' } })
    return this.flights.getOrSet(text, {
      read: () => this.get(text),
      load: async () => bytesOf(await loader(key)),
      store: async (value) => (await store(value)).outcome === 'created',
    })
  }

  async getOrSetText(key: Key, loader: Loader, options: PutOptions = {}): Promise<string> {
    return (await this.getOrSet(key, loader, options)).toString()
  }

  async write(key: string, value: Value, options: WriteOptions = {}): Promise<WriteResult> {
    const deadline = this.writes.deadline(options.ttlMs)
    const { contentType, onlyIf } = options
    const submit = () => this.writes.put(key, value, deadline, call, 0, contentType, onlyIf, true)
    const call: SingleCall<WriteResult> = new SingleCall(writeResult, submit)
    submit()
    return call.promise
  }

  async delete(key: Key): Promise<boolean> {
    return (await this.remove(canonicalKey(key))).outcome === 'done'
  }

  async deleteMany(keys: readonly Key[]): Promise<boolean[]> {
    const texts = this.writes.checkKeys(keys)
    const submit = (i: number) => this.writes.submit(OP_DELETE, texts[i], NEVER, undefined, call, i)
    const call: BatchCall<boolean> = new BatchCall(keys.length, succeeded, submit)
    submitAll(keys.length, call, submit)
    return call.promise
  }

  async remove(key: string, onlyIf?: Condition): Promise<RemoveResult> {
    const submit = () => this.writes.submit(OP_DELETE, key, NEVER, onlyIf, call, 0, true)
    const call: SingleCall<RemoveResult> = new SingleCall(removeResult, submit)
    submit()
    return call.promise
  }

  /** Gives a key a new TTL, its value untouched. False: no such key. */
  async touch(key: Key, ttl: string | number): Promise<boolean> {
    return (await this.retime(canonicalKey(key), parseDuration(ttl))).outcome === 'done'
  }

  async retime(key: string, ttlMs: number, onlyIf?: Condition): Promise<RemoveResult> {
    const deadline = this.writes.deadline(ttlMs)
    const submit = () => this.writes.submit(OP_TOUCH, key, deadline, onlyIf, call, 0, true)
    const call: SingleCall<RemoveResult> = new SingleCall(removeResult, submit)
    submit()
    return call.promise
  }

  private ttlLeft(deadline: number): number | undefined {
    if (deadline === NEVER) {
      return undefined
    }
    return Math.max(0, deadline - (this.keysHost.now() - this.keysHost.routes.baseMs))
  }
}

/** Throws `invalid_option` and `invalid_ttl`: what a misspelled TTL is put with would stay for ever. */
function ttlOf(options: PutOptions): number | undefined {
  for (const name in options) if (name !== 'ttl') checkKnown(options, PUT_OPTIONS)
  return options.ttl === undefined ? undefined : parseDuration(options.ttl)
}
