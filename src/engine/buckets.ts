import { CacheError } from '../errors.js'
import type { KeyScratch } from '../key.js'
import type { Node } from '../node/node.js'
import { Bucket } from './bucket.js'
import type { BucketOptions, BucketPatch } from './bucket-options.js'
import type { Catalogue } from './catalogue.js'
import type { Cluster } from './cluster.js'
import type { Directory } from './directory.js'
import type { Generations } from './generations.js'
import type { Coordinator } from './motion/coordinator.js'
import type { Tenant } from './motion/held.js'
import type { News } from './news.js'
import type { BucketRecord } from './records.js'
import { nodesOf, type Tallies } from './tallies.js'
import { Turns } from './turns.js'
import { addCounts, type Copies, NOTHING, type Usage, usageOf } from './usage.js'

/** No item is ever in the node's own space. */
const NO_SPACE = 0

export interface BucketsHost {
  readonly catalogue: Catalogue
  readonly cluster: Cluster
  readonly coordinator: Coordinator
  readonly generations: Generations
  readonly directory: Directory
  readonly tallies: Tallies
  readonly maxValueBytes: number
  readonly scratch: KeyScratch
  now(): number
  /** Other threads are to know. */
  tell(news: News): void
  /** A bucket has another number of copies from now on: its keys are to be settled. */
  recopy(): void
}

/** The buckets that are open: made, flushed, changed and deleted, one change of each at a time. */
export class Buckets {
  private readonly host: BucketsHost
  private readonly opened = new Map<string, Bucket>()
  private readonly bySpace = new Map<number, Tenant>()
  /** Counts of the generations, and of the nodes, that a bucket has behind it. */
  private readonly past = new Map<string, typeof NOTHING>()
  /** Whose number of copies has changed since the repair under way began. */
  private readonly recopied = new Set<Bucket>()
  /** The outreach that other threads still go by, until all writes that wait for their turn landed. */
  private readonly toldOutreach = new Map<string, number>()
  private readonly turns = new Turns()
  private readonly nodeReads: Float64Array

  constructor(host: BucketsHost) {
    this.host = host
    this.nodeReads = nodesOf(host.tallies.add())
  }

  get(id: string): Bucket | undefined {
    return this.opened.get(id)
  }

  get count(): number {
    return this.opened.size
  }

  /** Of one account, or all, in order of creation. */
  list(accountId?: string): Bucket[] {
    const known = this.host.catalogue.buckets(accountId)
    return known.flatMap((record) => this.opened.get(record.id) ?? [])
  }

  tenants(): ReadonlyMap<number, Tenant> {
    return this.bySpace
  }

  async create(name: string, options?: BucketOptions, accountId?: string): Promise<Bucket> {
    const issued = await this.host.catalogue.createBucket(name, options, accountId)
    const bucket = await this.open(issued.bucket).catch(async (error: unknown) => {
      await this.delete(issued.bucket.id).catch(() => {})
      throw error
    })
    return bucket.withCredential(issued.credentialId, issued.credentialKey)
  }

  async open(record: BucketRecord): Promise<Bucket> {
    const { host } = this
    const space = await host.generations.open(record.seed, record.maxBytes)
    const bucket = new Bucket(
      {
        routes: host.cluster,
        coordinator: host.coordinator,
        scratch: host.scratch,
        nodeReads: this.nodeReads,
        maxValueBytes: host.maxValueBytes,
        now: () => host.now(),
        update: (id, patch) => this.update(id, patch),
        flush: (one) => this.flush(one),
        usage: (one) => this.usage(one),
        copies: (one) => this.copies(one),
      },
      record,
      space,
    )
    if (record.replicas > 0) {
      await host.cluster.topUpOwn()
    }
    this.bySpace.set(space, bucket)
    this.opened.set(record.id, bucket)
    host.tallies.restart(record.slot)
    host.directory.announce(record, space)
    host.tell(this.newsOf(bucket))
    return bucket
  }

  /** Every bucket, for a thread that attaches. */
  news(): News[] {
    return [...this.opened.values()].map((bucket) => this.newsOf(bucket))
  }

  private newsOf({ record, outreach }: Bucket): News {
    const told = this.toldOutreach.get(record.id) ?? 0
    return { kind: 'bucket', record, outreach: Math.max(outreach, told) }
  }

  /** Gone with all its keys. Throws `bucket_not_found`. */
  delete(id: string): Promise<void> {
    const { catalogue, directory, generations } = this.host
    return this.turns.take(id, async () => {
      const record = await catalogue.deleteBucket(id)
      const bucket = this.opened.get(id)
      this.opened.delete(id)
      this.past.delete(id)
      this.toldOutreach.delete(id)
      directory.withdraw(record.slot)
      this.host.tell({ kind: 'no bucket', id })
      if (bucket !== undefined) {
        const { space } = bucket.reads
        this.bySpace.delete(space)
        bucket.reads.space = NO_SPACE // whoever still holds the bucket finds nothing in it
        await generations.kill(space).finally(() => catalogue.releaseSlot(record.slot))
      } else {
        catalogue.releaseSlot(record.slot)
      }
    })
  }

  /** The counts of a node that is about to go stay on the bill. */
  leaving(node: Node): void {
    for (const [space, { record }] of this.bySpace) {
      const counts = { ...node.counts(space), items: 0, bytes: 0 }
      this.past.set(record.id, addCounts(this.past.get(record.id) ?? NOTHING, counts))
    }
  }

  /** A look at every key begins. */
  repairing(): void {
    this.recopied.clear()
  }

  /** Every key has as many copies as its bucket asked for when that look began. */
  repaired(): void {
    for (const bucket of this.opened.values()) {
      if (!this.recopied.has(bucket)) {
        this.narrow(bucket)
      }
    }
  }

  /**
   * The bucket's keys have no copies beyond those that it asks for. Other threads write to owners alone
   * once nothing is in its turn here that still goes to more.
   */
  private narrow(bucket: Bucket): void {
    const { id, outreach } = bucket
    bucket.repaired()
    if (bucket.outreach < outreach) {
      this.toldOutreach.set(id, outreach)
      this.host.coordinator.caughtUp().then(
        () => {
          this.toldOutreach.delete(id)
          if (this.opened.get(id) === bucket) {
            this.host.tell(this.newsOf(bucket))
          }
        },
        () => {}, // the engine is closed
      )
    }
  }

  private update(id: string, patch: BucketPatch): Promise<BucketRecord> {
    const { catalogue, cluster, directory, generations } = this.host
    return this.turns.take(id, async () => {
      const record = await catalogue.updateBucket(id, patch)
      const bucket = this.opened.get(id)
      if (bucket === undefined) {
        return record
      }
      const { replicas } = bucket.record
      if (record.replicas > 0) {
        await cluster.topUpOwn()
      }
      bucket.become(record)
      directory.announce(record, bucket.reads.space)
      this.host.tell(this.newsOf(bucket))
      if (record.replicas !== replicas) {
        this.recopied.add(bucket)
        cluster.refence() // writes that went to the owner at once come before those with copies
        this.host.recopy()
      }
      await generations.configure(bucket.reads.space, record.seed, record.maxBytes)
      return record
    })
  }

  /** The new generation is open everywhere before the switch, and the switch is one assignment. */
  private flush(bucket: Bucket): Promise<void> {
    const { catalogue, directory, generations } = this.host
    return this.turns.take(bucket.id, async () => {
      const record = catalogue.bucket(bucket.id)
      const open = this.opened.get(bucket.id)
      if (record === undefined || open === undefined) {
        throw new CacheError('bucket_not_found', `bucket ${bucket.id} was deleted`)
      }
      const space = await generations.open(record.seed, record.maxBytes)
      const old = open.reads.space
      open.reads.space = space
      this.bySpace.delete(old)
      this.bySpace.set(space, open)
      directory.announce(record, space)
      const counts = await generations.kill(old)
      this.past.set(record.id, addCounts(this.past.get(record.id) ?? NOTHING, counts))
    })
  }

  private usage(bucket: Bucket): Usage {
    const { record, reads } = bucket
    const past = this.past.get(record.id) ?? NOTHING
    const counts = addCounts(this.host.generations.counts(reads.space), past)
    const attached = this.host.tallies.of(record.slot)
    const read = { hits: reads.hits + attached.hits, misses: reads.misses + attached.misses }
    return usageOf(record.tier, counts, read, this.copies(record))
  }

  private copies({ replicas }: BucketRecord): Copies {
    const wanted = replicas + 1
    return { wanted, kept: Math.min(wanted, this.host.cluster.ring.members.length) }
  }
}
