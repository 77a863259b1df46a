import { CacheError } from '../errors.js'
import { canonicalKey, type Key } from '../key.js'
import { angle } from '../ring/ring.js'
import { NEVER } from '../store/item.js'
import { OP_DELETE, OP_TOUCH } from '../store/order.js'
import { parseDuration } from '../units.js'
import type { BucketPatch } from './bucket-options.js'
import { BatchCall, SingleCall } from './calls.js'
import { type KeyPage, type ListOptions, listKeys } from './listing.js'
import { Lookup, patiently } from './lookup.js'
import {
  type Condition,
  type RemoveResult,
  removeResult,
  succeeded,
  type WriteResult,
  writeResult,
} from './outcomes.js'
import type { BucketRecord } from './records.js'
import type { Copies, Usage } from './usage.js'
import { submitAll, type Value, type WriteHost, Writes } from './writes.js'

export interface PutOptions {
  /** A duration, or milliseconds; the bucket's default where absent. */
  readonly ttl?: string | number | undefined
}

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

export interface BucketDescription {
  readonly id: string
  readonly name: string
  readonly accountId: string
  readonly defaultTtl?: number
  readonly maxBytes?: number
  readonly immutable: boolean
  readonly tier: BucketRecord['tier']
  readonly replicas: number
  readonly copies: Copies
  readonly createdAt: string
}

export interface Explanation {
  readonly key: string
  readonly hash: number
  readonly angle: number
  readonly token: number
  readonly owner: string
  readonly successors: string[]
  readonly epoch: number
}

export interface WriteOptions {
  readonly ttlMs?: number | undefined
  readonly contentType?: string | undefined
  readonly onlyIf?: Condition | undefined
}

/** What a bucket needs of its engine. */
export interface BucketHost extends WriteHost {
  update(id: string, patch: BucketPatch): Promise<BucketRecord>
  flush(bucket: Bucket): Promise<void>
  usage(bucket: Bucket): Usage
  copies(record: BucketRecord): Copies
}

/** A customer's keys. Every call names its errors as CacheError; reads count as gets in `usage`. */
export class Bucket {
  readonly id: string
  readonly accountId: string
  readonly reads: Lookup
  /** Set on the object that creation returned, and nowhere else. */
  readonly credentialKey: string | undefined = undefined
  readonly credentialId: string | undefined = undefined
  private readonly host: BucketHost
  private readonly writes: Writes
  private readonly current: { record: BucketRecord; outreach: number }

  constructor(host: BucketHost, record: BucketRecord, space: number) {
    this.host = host
    this.id = record.id
    this.accountId = record.accountId
    this.current = { record, outreach: record.replicas }
    const { routes, scratch, coordinator } = host
    this.reads = new Lookup(routes, scratch, space, record.seed, (hash) =>
      coordinator.isInHand(hash),
    )
    this.reads.isEconomy = record.tier === 'economy'
    this.writes = new Writes(host, this)
  }

  /** The same bucket, with the credential that is shown once. */
  withCredential(credentialId: string, credentialKey: string): Bucket {
    return Object.assign(Object.create(this) as Bucket, { credentialId, credentialKey })
  }

  get record(): BucketRecord {
    return this.current.record
  }

  /** The most copies that any key may have: see Tenant. */
  get outreach(): number {
    return this.current.outreach
  }

  /** Every key has as many copies as it should. */
  repaired(): void {
    this.current.outreach = this.record.replicas
  }

  /** From the next call on the bucket is as `record` says. */
  become(record: BucketRecord): void {
    this.current.record = record
    this.current.outreach = Math.max(this.current.outreach, record.replicas)
    this.reads.isEconomy = record.tier === 'economy'
  }

  get name(): string {
    return this.record.name
  }

  /** The value in a buffer of its own, or undefined on a miss. No hop: read from shared memory. */
  getSync(key: Key): Buffer | undefined {
    return this.reads.bytes(typeof key === 'string' ? key : canonicalKey(key))
  }

  getTextSync(key: Key): string | undefined {
    return this.reads.text(typeof key === 'string' ? key : canonicalKey(key))
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
    const call = new SingleCall(succeeded)
    this.writes.put(canonicalKey(key), value, deadline, call, 0)
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
    const call = new BatchCall(entries.length, succeeded)
    submitAll(entries.length, call, (i) => {
      const [key, value] = entries[i]
      this.writes.put(typeof key === 'string' ? key : canonicalKey(key), value, deadline, call, i)
    })
    return call.promise
  }

  async write(key: string, value: Value, options: WriteOptions = {}): Promise<WriteResult> {
    const call = new SingleCall<WriteResult>(writeResult)
    const deadline = this.writes.deadline(options.ttlMs)
    this.writes.put(key, value, deadline, call, 0, options.contentType, options.onlyIf, true)
    return call.promise
  }

  async delete(key: Key): Promise<boolean> {
    return (await this.remove(canonicalKey(key))).outcome === 'done'
  }

  async deleteMany(keys: readonly Key[]): Promise<boolean[]> {
    const texts = this.writes.checkKeys(keys)
    const call = new BatchCall(keys.length, succeeded)
    submitAll(keys.length, call, (i) => {
      this.writes.submit(OP_DELETE, texts[i], NEVER, undefined, call, i)
    })
    return call.promise
  }

  /** Deletes every key that begins so and lives throughout; returns how many were deleted. */
  async deletePrefix(prefix: string): Promise<number> {
    let count = 0
    let cursor: string | null = null
    do {
      const page: KeyPage = await this.list({ prefix, cursor: cursor ?? undefined })
      count += (await this.deleteMany(page.keys)).filter(Boolean).length
      cursor = page.cursor
    } while (cursor !== null)
    return count
  }

  async remove(key: string, onlyIf?: Condition): Promise<RemoveResult> {
    const call = new SingleCall<RemoveResult>(removeResult)
    this.writes.submit(OP_DELETE, key, NEVER, onlyIf, call, 0, true)
    return call.promise
  }

  /** Gives a key a new TTL, its value untouched. False: no such key. */
  async touch(key: Key, ttl: string | number): Promise<boolean> {
    return (await this.retime(canonicalKey(key), parseDuration(ttl))).outcome === 'done'
  }

  async retime(key: string, ttlMs: number, onlyIf?: Condition): Promise<RemoveResult> {
    const call = new SingleCall<RemoveResult>(removeResult)
    this.writes.submit(OP_TOUCH, key, this.writes.deadline(ttlMs), onlyIf, call, 0, true)
    return call.promise
  }

  /** Some keys and the cursor to go on from; null at the end. */
  list(options: ListOptions = {}): Promise<KeyPage> {
    return listKeys(this.host.routes, this, options)
  }

  async *keys(options: { readonly prefix?: string } = {}): AsyncGenerator<string, void, void> {
    let cursor: string | null = null
    do {
      const page: KeyPage = await this.list({ ...options, cursor: cursor ?? undefined })
      yield* page.keys
      cursor = page.cursor
    } while (cursor !== null)
  }

  /** Every key is gone at once. */
  flush(): Promise<void> {
    return this.host.flush(this)
  }

  usage(): Usage {
    return this.host.usage(this)
  }

  async update(patch: BucketPatch): Promise<void> {
    await this.host.update(this.id, patch)
  }

  describe(): BucketDescription {
    const { record } = this
    return {
      id: record.id,
      name: record.name,
      accountId: record.accountId,
      ...(record.defaultTtlMs === undefined ? {} : { defaultTtl: record.defaultTtlMs }),
      ...(record.maxBytes === undefined ? {} : { maxBytes: record.maxBytes }),
      immutable: record.immutable,
      tier: record.tier,
      replicas: record.replicas,
      copies: this.host.copies(record),
      createdAt: new Date(record.createdMs).toISOString(),
    }
  }

  /** Where a key stands on the ring, whether it is stored or not. */
  explain(key: Key): Explanation {
    const { scratch, routes } = this.host
    const text = canonicalKey(key)
    scratch.encode(text)
    const hash = scratch.hash(this.record.seed)
    const { ring } = routes
    return {
      key: text,
      hash,
      angle: angle(hash),
      token: ring.token(hash),
      owner: ring.owner(hash),
      successors: ring.successors(hash, ring.members.length),
      epoch: ring.epoch,
    }
  }

  private ttlLeft(deadline: number): number | undefined {
    if (deadline === NEVER) {
      return undefined
    }
    return Math.max(0, deadline - (this.host.now() - this.host.routes.baseMs))
  }
}

function ttlOf(options: PutOptions): number | undefined {
  return options.ttl === undefined ? undefined : parseDuration(options.ttl)
}
