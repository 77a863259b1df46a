import { canonicalKey } from '../key.js'
import type { Key } from '../key-rules.js'
import { angle } from '../ring/ring.js'
import type { BucketPatch } from './bucket-options.js'
import { Keys } from './keys.js'
import { everyItem, type KeyPage, type ListOptions, listKeys } from './listing.js'
import { Lookup } from './lookup.js'
import type { Coordinator } from './motion/coordinator.js'
import type { BucketRecord } from './records.js'
import type { Routes } from './routes.js'
import type { Copies, Usage } from './usage.js'
import type { WriteHost } from './writes.js'

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

/** What a bucket needs of its engine. */
export interface BucketHost extends WriteHost {
  readonly routes: Routes
  readonly coordinator: Coordinator
  /** This thread's tally of reads by node. */
  readonly nodeReads: Float64Array
  update(id: string, patch: BucketPatch): Promise<BucketRecord>
  flush(bucket: Bucket): Promise<void>
  usage(bucket: Bucket): Usage
  copies(record: BucketRecord): Copies
}

/** A customer's keys, and what their owner can do with all of them. Reads count as gets in `usage`. */
export class Bucket extends Keys<Lookup> {
  /** Set on the object that creation returned, and nowhere else. */
  readonly credentialKey: string | undefined = undefined
  readonly credentialId: string | undefined = undefined
  private readonly host: BucketHost
  private readonly current: { record: BucketRecord; outreach: number }

  constructor(host: BucketHost, record: BucketRecord, space: number) {
    const { routes, scratch, coordinator, nodeReads } = host
    const isInHand = (hash: number) => coordinator.isInHand(hash)
    const reads = new Lookup(routes, scratch, space, record.seed, nodeReads, isInHand)
    const current = { record, outreach: record.replicas }
    super(host, current, reads)
    this.host = host
    this.current = current
    reads.isEconomy = record.tier === 'economy'
  }

  /** The same bucket, with the credential that is shown once. */
  withCredential(credentialId: string, credentialKey: string): Bucket {
    return Object.assign(Object.create(this) as Bucket, { credentialId, credentialKey })
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

  /**
   * Deletes every key that begins so and lives throughout; returns how many were deleted. Also what no
   * reader sees at the moment: it must not come back.
   */
  async deletePrefix(prefix: string): Promise<number> {
    let count = 0
    let cursor: string | null = null
    do {
      const options = { prefix, cursor: cursor ?? undefined }
      const page: KeyPage = await listKeys(this.host.routes, this, options, everyItem)
      count += (await this.deleteMany(page.keys)).filter(Boolean).length
      cursor = page.cursor
    } while (cursor !== null)
    return count
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
}
