import { randomBytes } from 'node:crypto'
import { systemClock } from '../clock.js'
import { CacheError } from '../errors.js'
import { type Key, KeyScratch } from '../key.js'
import type { Ring } from '../ring/ring.js'
import { checkAccess } from './access.js'
import { AttachedEngine, type EngineHandle } from './attached.js'
import { Bucket } from './bucket.js'
import type { BucketOptions, BucketPatch } from './bucket-options.js'
import type { Catalogue, CredentialInfo, IssuedCredential } from './catalogue.js'
import { Cluster } from './cluster.js'
import type { Principal } from './credentials.js'
import { Directory } from './directory.js'
import { Generations } from './generations.js'
import { spacesFor } from './memory-plan.js'
import { openCatalogue } from './open-catalogue.js'
import { DEFAULTS, type EngineOptions } from './options.js'
import type { BucketRecord, Role } from './records.js'
import { planRing } from './ring-plan.js'
import { Turns } from './turns.js'
import { addCounts, NOTHING, type Usage, usageOf } from './usage.js'
import type { Value } from './writes.js'

/** How often version ranges are topped up, and inline nodes looked after. */
const UPKEEP_MS = 250
/** No item is ever in the node's own space. */
const NO_SPACE = 0

export interface RingStatus {
  readonly epoch: number
  readonly tokens: number
  readonly nodes: readonly {
    readonly id: string
    readonly state: string
    readonly weight: number
    readonly share: number
    readonly items: number
    readonly bytes: number
    readonly memoryBytes: number
  }[]
}

/** A cache: accounts and their buckets over a ring of nodes. Close it, or the process lives on. */
export class Engine implements AsyncDisposable {
  /** The root key, where this start made it: it is shown once and never again. */
  readonly newRootKey: string | undefined
  /** For the operator: where an option differs from what the data directory holds. */
  readonly notices: readonly string[]
  readonly maxValueBytes: number
  private readonly catalogue: Catalogue
  private readonly cluster: Cluster
  private readonly generations: Generations
  private readonly directory: Directory
  private readonly scratch = new KeyScratch()
  private readonly open_ = new Map<string, Bucket>()
  /** Counts of the generations that a bucket has behind it. */
  private readonly past = new Map<string, typeof NOTHING>()
  private readonly clock: NonNullable<EngineOptions['clock']>
  /** Changes of one bucket go one at a time. */
  private readonly turns = new Turns()
  private readonly upkeep: NodeJS.Timeout
  private closing: Promise<void> | undefined

  private constructor(parts: EngineParts) {
    this.newRootKey = parts.newRootKey
    this.notices = parts.notices
    this.maxValueBytes = parts.maxValueBytes
    this.catalogue = parts.catalogue
    this.cluster = parts.cluster
    this.clock = parts.clock
    this.generations = new Generations(parts.cluster, parts.spaces)
    this.directory = Directory.create(parts.maxBuckets)
    this.upkeep = setInterval(() => {
      this.cluster.tick()
      this.cluster.topUp().catch(() => {}) // the next round tries again; puts say NO_VERSION
    }, UPKEEP_MS)
    this.upkeep.unref()
  }

  /** Opens an engine; with `data`, as it was left there. */
  static async open(options: EngineOptions = {}): Promise<Engine> {
    const clock = options.clock ?? systemClock
    const maxBuckets = options.maxBuckets ?? DEFAULTS.maxBuckets
    const spaces = spacesFor(maxBuckets)
    const { catalogue, newRootKey, rootKeyReplaced } = await openCatalogue({
      data: options.data,
      rootKey: options.rootKey,
      maxBuckets,
      clock: () => clock.now(),
      random: options.random ?? randomBytes,
      check: (ring) => planRing(ring, options, spaces),
    })
    let cluster: Cluster | undefined
    try {
      const { record, maxValueBytes, notices } = planRing(catalogue.ring, options, spaces)
      if (catalogue.ring === undefined) await catalogue.setRing(record)
      if (rootKeyReplaced) {
        notices.push('the given root key replaces the old one')
      }
      cluster = await Cluster.start(record, {
        kind: options.kind ?? 'worker',
        spaces,
        maxValueBytes,
        clock,
        grantVersions: () => catalogue.grantVersions(),
        onDeath: options.onDeath ?? (() => {}),
      })
      const engine = new Engine({
        catalogue,
        cluster,
        clock,
        maxBuckets,
        maxValueBytes,
        newRootKey,
        notices,
        spaces,
      })
      await Promise.all(catalogue.buckets().map((bucket) => engine.openBucket(bucket)))
      return engine
    } catch (error) {
      await cluster?.close()
      await catalogue.close()
      throw error
    }
  }

  /** Reads from an engine of another thread: `handle` as its `handle()` gave it. */
  static attach(handle: EngineHandle): AttachedEngine {
    return new AttachedEngine(handle)
  }

  handle(): EngineHandle {
    const { ring, nodes, baseMs } = this.cluster
    return {
      members: ring.members.map(({ id, weight }) => ({ id, weight })),
      virtualNodes: ring.virtualNodes,
      epoch: ring.epoch,
      baseMs,
      memories: nodes.map((node) => node.memory),
      directory: this.directory.buffer,
      clock: this.clock.shared,
    }
  }

  get ring(): Ring {
    return this.cluster.ring
  }

  /** Every node serves. */
  get ready(): boolean {
    return this.closing === undefined && this.cluster.isReady
  }

  ringStatus(): RingStatus {
    const { ring, nodes } = this.cluster
    const shares = ring.shares()
    return {
      epoch: ring.epoch,
      tokens: ring.tokens.length,
      nodes: nodes.map((node, i) => ({
        id: node.id,
        state: node.state,
        weight: ring.members[i].weight,
        share: shares.get(node.id) ?? 0,
        ...node.figures(),
      })),
    }
  }

  /** Resolves when every node has freed what was due; for tests that move the clock. */
  settle(): Promise<void> {
    return this.cluster.settle()
  }

  /** Ends when everything asked for is answered. */
  close(): Promise<void> {
    this.closing ??= this.shutDown()
    return this.closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  // Accounts and credentials

  /** Who holds this key; undefined for nobody. */
  authenticate(credentialKey: string): Principal | undefined {
    return this.catalogue.authenticate(credentialKey)
  }

  /** Changes whenever a credential is added or revoked. */
  get credentialEpoch(): number {
    return this.catalogue.credentialEpoch
  }

  createAccount(name: string): Promise<IssuedCredential & { id: string; name: string }> {
    return this.catalogue.createAccount(name)
  }

  listCredentials(scope: { readonly bucketId: string }): CredentialInfo[] {
    return this.catalogue.listCredentials(scope.bucketId)
  }

  createCredential(bucketId: string, role: Role): Promise<IssuedCredential & { role: Role }> {
    return this.catalogue.createCredential(bucketId, role)
  }

  deleteCredential(bucketId: string, credentialId: string): Promise<boolean> {
    return this.catalogue.deleteCredential(bucketId, credentialId)
  }

  /** A new key for an account's or the root credential; the old one is refused from then on. */
  rotateCredential(credentialId: string): Promise<IssuedCredential> {
    return this.catalogue.rotateCredential(credentialId)
  }

  // Buckets

  /** A new bucket, of the default account where none is named; its credential is shown once. */
  async createBucket(name: string, options?: BucketOptions, accountId?: string): Promise<Bucket> {
    const issued = await this.catalogue.createBucket(name, options, accountId)
    const bucket = await this.openBucket(issued.bucket).catch(async (error: unknown) => {
      await this.deleteBucket(issued.bucket.id).catch(() => {})
      throw error
    })
    return bucket.withCredential(issued.credentialId, issued.credentialKey)
  }

  bucket(id: string): Bucket | undefined {
    return this.open_.get(id)
  }

  buckets(accountId?: string): Bucket[] {
    const known = this.catalogue.buckets(accountId)
    return known.flatMap((record) => this.open_.get(record.id) ?? [])
  }

  /** Gone with all its keys. Throws `bucket_not_found`. */
  deleteBucket(id: string): Promise<void> {
    return this.turns.take(id, async () => {
      const record = await this.catalogue.deleteBucket(id)
      const bucket = this.open_.get(id)
      this.open_.delete(id)
      this.past.delete(id)
      this.directory.withdraw(record.slot)
      if (bucket !== undefined) {
        const { space } = bucket.reads
        bucket.reads.space = NO_SPACE // whoever still holds the bucket finds nothing in it
        await this.generations.kill(space).finally(() => this.catalogue.releaseSlot(record.slot))
      } else {
        this.catalogue.releaseSlot(record.slot)
      }
    })
  }

  // Single calls with the credential checked, as the HTTP API makes them

  get(key: readonly Key[], bucketId: string, credentialKey: string): Promise<(Buffer | undefined)[]>
  get(key: Key, bucketId: string, credentialKey: string): Promise<Buffer | undefined>
  async get(
    key: Key | readonly Key[],
    bucketId: string,
    credentialKey: string,
  ): Promise<Buffer | undefined | (Buffer | undefined)[]> {
    const bucket = this.authorized(bucketId, credentialKey, 'read')
    return Array.isArray(key) ? bucket.getMany(key) : bucket.get(key as Key)
  }

  put(
    key: readonly Key[],
    bucketId: string,
    value: readonly Value[],
    ttl: string | number | undefined,
    credentialKey: string,
  ): Promise<boolean[]>
  put(
    key: Key,
    bucketId: string,
    value: Value,
    ttl: string | number | undefined,
    credentialKey: string,
  ): Promise<boolean>
  async put(
    key: Key | readonly Key[],
    bucketId: string,
    value: Value | readonly Value[],
    ttl: string | number | undefined,
    credentialKey: string,
  ): Promise<boolean | boolean[]> {
    const bucket = this.authorized(bucketId, credentialKey, 'write')
    if (!Array.isArray(key)) {
      return bucket.put(key as Key, value as Value, { ttl })
    }
    if (!Array.isArray(value) || value.length !== key.length) {
      throw new CacheError('invalid_body', 'keys and values must be arrays of one length')
    }
    return bucket.putMany(
      key.map((one: Key, i) => [one, value[i]]),
      { ttl },
    )
  }

  private authorized(bucketId: string, credentialKey: string, role: 'read' | 'write'): Bucket {
    const principal = this.authenticate(credentialKey)
    if (principal === undefined) {
      throw new CacheError('unauthorized', 'this credential is unknown, or it was revoked')
    }
    const bucket = this.bucket(bucketId)
    if (bucket === undefined) {
      const code = principal.kind === 'root' ? 'bucket_not_found' : 'forbidden'
      throw new CacheError(code, `there is no bucket ${bucketId} that this credential reaches`)
    }
    checkAccess(principal, bucket, role)
    return bucket
  }

  private async openBucket(record: BucketRecord): Promise<Bucket> {
    const space = await this.generations.open(record.seed, record.maxBytes)
    const bucket = new Bucket(
      {
        routes: this.cluster,
        scratch: this.scratch,
        maxValueBytes: this.maxValueBytes,
        now: () => this.clock.now(),
        update: (id, patch) => this.updateBucket(id, patch),
        flush: (one) => this.flushBucket(one),
        usage: (one) => this.usageOf(one),
      },
      record,
      space,
    )
    this.directory.announce(record, space)
    this.open_.set(record.id, bucket)
    return bucket
  }

  private updateBucket(id: string, patch: BucketPatch): Promise<BucketRecord> {
    return this.turns.take(id, async () => {
      const record = await this.catalogue.updateBucket(id, patch)
      const bucket = this.open_.get(id)
      if (bucket !== undefined) {
        await this.generations.configure(bucket.reads.space, record.seed, record.maxBytes)
      }
      return record
    })
  }

  /** The new generation is open everywhere before the switch, and the switch is one assignment. */
  private flushBucket(bucket: Bucket): Promise<void> {
    return this.turns.take(bucket.id, async () => {
      const record = this.catalogue.bucket(bucket.id)
      if (record === undefined) {
        throw new CacheError('bucket_not_found', `bucket ${bucket.id} was deleted`)
      }
      const space = await this.generations.open(record.seed, record.maxBytes)
      const old = bucket.reads.space
      bucket.reads.space = space
      this.directory.announce(record, space)
      const counts = await this.generations.kill(old)
      this.past.set(record.id, addCounts(this.past.get(record.id) ?? NOTHING, counts))
    })
  }

  private usageOf(bucket: Bucket): Usage {
    const { record, reads } = bucket
    const past = this.past.get(record.id) ?? NOTHING
    const counts = addCounts(this.generations.counts(reads.space), past)
    const attached = this.directory.reads(record.slot)
    return usageOf(record.tier, counts, {
      gets: reads.gets + attached.gets,
      misses: reads.misses + attached.misses,
    })
  }

  private async shutDown(): Promise<void> {
    clearInterval(this.upkeep)
    await this.cluster.close()
    await this.catalogue.close()
  }
}

interface EngineParts {
  readonly catalogue: Catalogue
  readonly cluster: Cluster
  readonly clock: NonNullable<EngineOptions['clock']>
  readonly maxBuckets: number
  readonly maxValueBytes: number
  readonly newRootKey: string | undefined
  readonly notices: readonly string[]
  readonly spaces: number
}
