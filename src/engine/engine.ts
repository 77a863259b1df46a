import { randomBytes } from 'node:crypto'
import { stopwatchOf, systemClock } from '../clock.js'
import { KeyScratch } from '../key.js'
import type { Key } from '../key-rules.js'
import type { Ring } from '../ring/ring.js'
import { Announcer, type EngineHandle, type HandleOptions } from './announcer.js'
import { AttachedEngine } from './attached.js'
import type { Bucket } from './bucket.js'
import type { BucketOptions } from './bucket-options.js'
import { Buckets } from './buckets.js'
import type { Catalogue, CredentialInfo, IssuedCredential } from './catalogue.js'
import { checkedGet, checkedPut } from './checked-calls.js'
import { Cluster } from './cluster.js'
import type { Principal } from './credentials.js'
import { Directory } from './directory.js'
import type { EngineParts } from './engine-parts.js'
import { type Listener, Watchers } from './events.js'
import { Generations } from './generations.js'
import { HandedWrites } from './handed-writes.js'
import { checkPace, Membership, type RemoveNodeOptions } from './membership.js'
import { spacesFor } from './memory-plan.js'
import { Coordinator } from './motion/coordinator.js'
import type { Migration } from './motion/migration.js'
import type { Plan } from './motion/receipt.js'
import { type AddNodeOptions, NewMembers } from './new-members.js'
import { openCatalogue } from './open-catalogue.js'
import { checkNames, checkWriters, DEFAULTS, type EngineOptions } from './options.js'
import type { Role } from './records.js'
import { planRing } from './ring-plan.js'
import { type RingStatus, ringStatus } from './ring-status.js'
import { type NodeReport, reportNodes } from './statistics.js'
import { Tallies } from './tallies.js'
import type { Value } from './writes.js'

/** How often version ranges are topped up, and inline nodes looked after. */
const UPKEEP_MS = 250

/** A cache: accounts and their buckets over a ring of nodes. Close it, or the process lives on. */
export class Engine implements AsyncDisposable {
  /** The root key, where this start made it: it is shown once and never again. */
  readonly newRootKey: string | undefined
  /** For the operator: where an option differs from what the data directory holds. */
  readonly notices: readonly string[]
  readonly maxValueBytes: number
  private readonly catalogue: Catalogue
  private readonly cluster: Cluster
  private readonly announcer: Announcer
  private readonly bucketList: Buckets
  private readonly coordinator: Coordinator
  private readonly tallies: Tallies
  private readonly membership: Membership
  private readonly watchers = new Watchers()
  private readonly upkeep: NodeJS.Timeout
  private closing: Promise<void> | undefined

  private constructor(parts: EngineParts) {
    this.newRootKey = parts.newRootKey
    this.notices = parts.notices
    this.maxValueBytes = parts.maxValueBytes
    this.catalogue = parts.catalogue
    this.cluster = parts.cluster
    const { cluster, catalogue, clock } = parts
    const directory = Directory.create(parts.maxBuckets)
    const tallies = new Tallies(parts.maxBuckets)
    this.tallies = tallies
    const coordinator = new Coordinator(
      () => cluster.current,
      () => cluster.nextVersion(),
      directory,
    )
    this.coordinator = coordinator
    const generations = new Generations(cluster, parts.spaces)
    const now = () => clock.now()
    const handed = new HandedWrites(coordinator, (id) => this.bucketList.get(id))
    this.announcer = new Announcer({
      routes: cluster,
      directory,
      tallies,
      clock,
      maxValueBytes: parts.maxValueBytes,
      writers: parts.writers,
      known: (writes) => [
        ...this.bucketList.news(),
        ...(writes ? [{ kind: 'credentials', changes: catalogue.credentials() } as const] : []),
      ],
      carryOut: (writes, answer) => handed.carryOut(writes, answer),
    })
    catalogue.told = (changes) => this.announcer.tell({ kind: 'credentials', changes })
    this.bucketList = new Buckets({
      catalogue,
      cluster,
      coordinator,
      generations,
      directory,
      tallies,
      maxValueBytes: parts.maxValueBytes,
      scratch: new KeyScratch(),
      now,
      tell: (news) => this.announcer.tell(news),
      recopy: () => void this.membership.repair(''),
    })
    this.membership = new Membership({
      cluster,
      generations,
      coordinator,
      tenants: () => this.bucketList.tenants(),
      members: new NewMembers(parts.record, parts.maxValueBytes, parts.spaces),
      pace: parts.movePace,
      now,
      stopwatch: stopwatchOf(clock),
      record: () => catalogue.ring ?? parts.record,
      setRecord: (record) => catalogue.setRing(record),
      leaving: (node) => this.bucketList.leaving(node),
      repairing: () => this.bucketList.repairing(),
      repaired: () => this.bucketList.repaired(),
      gone: (node, departure) => this.announcer.gone(node, departure),
      tell: (event) => this.watchers.tell(event),
    })
    this.upkeep = setInterval(() => {
      this.cluster.tick()
      this.cluster.topUp().catch(() => {}) // the next round tries again; puts say NO_VERSION
    }, UPKEEP_MS)
    this.upkeep.unref()
  }

  /** Opens an engine; with `data`, as it was left there. */
  static async open(options: EngineOptions = {}): Promise<Engine> {
    checkNames(options)
    const clock = options.clock ?? systemClock
    const maxBuckets = options.maxBuckets ?? DEFAULTS.maxBuckets
    const spaces = spacesFor(maxBuckets)
    const writers = checkWriters(options)
    const { catalogue, newRootKey, rootKeyReplaced } = await openCatalogue({
      data: options.data,
      rootKey: options.rootKey,
      maxBuckets,
      clock: () => clock.now(),
      random: options.random ?? randomBytes,
      check: (ring) => planRing(ring, options, spaces),
    })
    let cluster: Cluster | undefined
    let engine: Engine | undefined
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
        onDeath: (id, cause) => {
          options.onDeath?.(id, cause)
          engine?.workerDied(id, cause)
        },
        onDown: (id) => engine?.nodeDown(id),
        writers,
        onRoutes: () => engine?.announcer.routes(),
        onLane: (lane) => engine?.tallies.restartNode(lane),
      })
      engine = new Engine({
        catalogue,
        cluster,
        record,
        movePace: checkPace(options.movePace ?? DEFAULTS.movePace),
        clock,
        maxBuckets,
        maxValueBytes,
        writers,
        newRootKey,
        notices,
        spaces,
      })
      const { bucketList } = engine
      await Promise.all(catalogue.buckets().map((bucket) => bucketList.open(bucket)))
      return engine
    } catch (error) {
      await cluster?.close()
      await catalogue.close()
      throw error
    }
  }

  /** An engine of another thread: `handle` as its `handle()` gave it. */
  static attach(handle: EngineHandle): AttachedEngine {
    return new AttachedEngine(handle)
  }

  /**
   * What one other thread needs to read from here, and to write where it is one of `writers`. Its
   * `transfer` goes along as transfer list. Throws `overloaded` where as many write already.
   */
  handle(options?: HandleOptions): EngineHandle {
    return this.announcer.handle(options)
  }

  get ring(): Ring {
    return this.cluster.ring
  }

  /** While keys move: who owned them until now, and may have them still. */
  get formerRing(): Ring | undefined {
    return this.cluster.before?.ring
  }

  /** Every node serves. */
  get ready(): boolean {
    return this.closing === undefined && this.cluster.isReady
  }

  ringStatus(): RingStatus {
    return ringStatus(this.cluster, this.membership)
  }

  /** What every node counts, for operators: without a word to any of them. */
  nodeReports(): NodeReport[] {
    return reportNodes(this.cluster, this.tallies)
  }

  // Changes of the ring

  /** A node joins: only the arcs that it takes over move. Resolves when the change is queued. */
  async addNode(options: AddNodeOptions = {}): Promise<Migration> {
    return this.membership.add(options)
  }

  /** A node hands its keys to those that stay, then leaves. */
  removeNode(id: string, options: RemoveNodeOptions = {}): Promise<Migration> {
    return this.membership.remove(id, options)
  }

  /** A node's host went bad: its memory is gone at once. Where buckets have copies, these are remade. */
  failNode(id: string): Promise<Migration | undefined> {
    return this.membership.fail(id)
  }

  planAddNode(options: AddNodeOptions = {}): Promise<Plan> {
    return this.membership.planAdd(options)
  }

  async planRemoveNode(id: string, options: RemoveNodeOptions = {}): Promise<Plan> {
    checkPace(options.pace ?? DEFAULTS.movePace)
    return this.membership.planRemove(id)
  }

  migration(id: string): Migration | undefined {
    return this.membership.changes.get(id)
  }

  /** Newest first: all that wait or are under way, and the last that ended. */
  migrations(): Migration[] {
    return this.membership.changes.list()
  }

  /** Tells of every change of the ring, from now on. Returns what ends that. */
  watch(listener: Listener): () => void {
    return this.watchers.add(listener)
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
  createBucket(name: string, options?: BucketOptions, accountId?: string): Promise<Bucket> {
    return this.bucketList.create(name, options, accountId)
  }

  bucket(id: string): Bucket | undefined {
    return this.bucketList.get(id)
  }

  get bucketCount(): number {
    return this.bucketList.count
  }

  buckets(accountId?: string): Bucket[] {
    return this.bucketList.list(accountId)
  }

  /** Gone with all its keys. Throws `bucket_not_found`. */
  deleteBucket(id: string): Promise<void> {
    return this.bucketList.delete(id)
  }

  // Single calls with the credential checked, as the HTTP API makes them

  get(key: readonly Key[], bucketId: string, credentialKey: string): Promise<(Buffer | undefined)[]>
  get(key: Key, bucketId: string, credentialKey: string): Promise<Buffer | undefined>
  get(
    key: Key | readonly Key[],
    bucketId: string,
    credentialKey: string,
  ): Promise<Buffer | undefined | (Buffer | undefined)[]> {
    return checkedGet(this, key, bucketId, credentialKey)
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
  put(
    key: Key | readonly Key[],
    bucketId: string,
    value: Value | readonly Value[],
    ttl: string | number | undefined,
    credentialKey: string,
  ): Promise<boolean | boolean[]> {
    return checkedPut(this, key, bucketId, value, ttl, credentialKey)
  }

  /** No worker lives long enough there: the node counts as gone bad, unless it is the last one. */
  private nodeDown(id: string): void {
    const node = this.cluster.node(id)
    if (node !== undefined) this.announcer.gone(node, 'lost')
    this.watchers.tell({ type: 'node', node: id, state: 'down', cause: 'its workers keep dying' })
    setImmediate(() => this.membership.fail(id).catch(() => {}))
  }

  private workerDied(id: string, cause: unknown): void {
    const state = this.cluster.node(id)?.state
    const why = `its worker died: ${cause instanceof Error ? cause.message : String(cause)}`
    if (state !== undefined) this.watchers.tell({ type: 'node', node: id, state, cause: why })
  }

  private async shutDown(): Promise<void> {
    clearInterval(this.upkeep)
    const waiting = this.coordinator.close() // from here on no write begins
    await this.membership.close()
    await waiting
    await this.cluster.close()
    await this.catalogue.close()
    this.announcer.close()
  }
}
