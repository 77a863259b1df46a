import { setTimeout as pass } from 'node:timers/promises'
import { CacheError } from '../errors.js'
import type { Departure } from '../node/far-node.js'
import type { Node } from '../node/node.js'
import type { Ring } from '../ring/ring.js'
import { formatSize } from '../units.js'
import type { Cluster } from './cluster.js'
import { type EpochHost, Epochs, lastNode, type Next, notFound } from './epochs.js'
import { LEFT } from './events.js'
import type { Generations } from './generations.js'
import { Changes } from './motion/changes.js'
import type { Coordinator } from './motion/coordinator.js'
import type { Tenant } from './motion/held.js'
import { Meter } from './motion/meter.js'
import type { Migration } from './motion/migration.js'
import { type Job, Mover } from './motion/mover.js'
import { planMove } from './motion/plan.js'
import type { MigrationKind, Plan } from './motion/receipt.js'
import type { Tenants } from './motion/walk.js'
import type { AddNodeOptions } from './new-members.js'
import type { RingNode } from './records.js'
import { type Circle, holdersOf, holdsAnew } from './routes.js'

/** A mover that fails (a node is being recovered, its queue is full) tries again so often. */
const MAX_ATTEMPTS = 100
const ATTEMPT_PAUSE_MS = 100
/** Somebody waits for a plan: a quarter of this thread's time, for as long as it takes to count. */
const PLAN_PACE = 0.25

export interface RemoveNodeOptions {
  /** Also where what stays is too small to hold everything. */
  readonly force?: boolean | undefined
  readonly pace?: number | undefined
}

export interface MembershipHost extends EpochHost {
  readonly generations: Generations
  readonly coordinator: Coordinator
  readonly tenants: Tenants
  /** The part of this thread's time that a migration may take where nobody says. */
  readonly pace: number
  now(): number
  /** Measures the work of migrations, in ms. */
  readonly stopwatch: () => number
  /** A node's counts are about to go with it. */
  leaving(node: Node): void
  /** The node answers nothing any more: threads that wrote to it by themselves are to know. */
  gone(node: Node, departure: Departure): void
  /** A look at every key begins; every key has as many copies as it should, and no more. */
  repairing(): void
  repaired(): void
}

/**
 * Who is in the ring: nodes join, leave and go bad. Each change is an epoch, on disk before it is
 * used; while keys move, the epoch has two rings, and the next one ends that.
 */
export class Membership {
  readonly changes: Changes
  private readonly host: MembershipHost
  private readonly mover: Mover
  private readonly epochs: Epochs
  private isClosing = false

  constructor(host: MembershipHost) {
    this.host = host
    this.mover = new Mover(host.coordinator, host.tenants, host.stopwatch)
    this.epochs = new Epochs(host)
    host.coordinator.settledByWrite = (key, fate) => this.changes.running?.count(key, fate)
    this.changes = new Changes(
      () => host.now(),
      (migration) => host.tell({ type: 'migration', migration }),
      host.record().epoch,
    )
  }

  /** Throws invalid_option, node_exists and overloaded. */
  add(options: AddNodeOptions): Migration {
    const { members, pace } = this.host
    const member = members.propose(options, this.taken())
    const what = { kind: 'join', node: member.id, pace: checkPace(options.pace ?? pace) } as const
    const migration = this.change(what, (one) => this.join(one, member))
    members.take(member)
    return migration
  }

  /** Throws node_not_found, last_node and, unless forced, ring_too_small. */
  async remove(id: string, options: RemoveNodeOptions): Promise<Migration> {
    const { host } = this
    const pace = checkPace(options.pace ?? host.pace)
    this.checkRemovable(id)
    if (options.force !== true) {
      const plan = await this.planRemove(id)
      if (!plan.fits) {
        throw tooSmall(plan)
      }
    }
    return this.change({ kind: 'leave', node: id, pace }, async (migration) => {
      const node = this.checkRemovable(id)
      migration.planAs(await this.planRemove(id, pace))
      host.cluster.roles.set(node, 'draining')
      this.tellNode(node, 'asked to leave')
      await this.move(migration, (now) => ({
        ring: now.ring.without(id),
        nodes: now.nodes.filter((one) => one !== node),
        before: now,
      })).catch((error: unknown) => {
        host.cluster.roles.delete(node)
        throw error
      })
      await this.finish(migration, node)
    })
  }

  /**
   * The host went bad, its memory is gone: the ring closes over it. Everybody else's arcs stay as they
   * are. Returns the migration that makes lost copies again, where any bucket has copies.
   */
  async fail(id: string): Promise<Migration | undefined> {
    const { host } = this
    this.checkOpen()
    const { node, routes } = await this.epochs.closeOver(id, (one) => {
      host.leaving(one)
      host.cluster.forget(one)
      this.tellNode(one, 'the host went bad', true)
    })
    await node.fail()
    host.gone(node, 'lost')
    await host.generations.reshare()
    const circles = routes.before === undefined ? [routes] : [routes, routes.before]
    return this.repair(id, (tenant, hash) =>
      circles.some((circle) => holdersOf(circle, hash, tenant.outreach).includes(node)),
    )
  }

  /**
   * Gives every key as many copies as it should have, and takes surplus ones away. `node`: that it
   * makes up for, if any; `mayLack`: which keys there is anything to do for.
   */
  repair(node: string, mayLack: Job['mayLack'] = () => true): Migration | undefined {
    const { host } = this
    if (![...host.tenants().values()].some((tenant) => tenant.outreach > 0)) {
      return undefined
    }
    const list = this.changes.list()
    const waiting = list.find((one) => one.kind === 'repair' && one.node === '' && one.isQueued)
    if (node === '' && waiting !== undefined) {
      return waiting // it will see what is now
    }
    return this.change({ kind: 'repair', node, pace: host.pace }, async (migration) => {
      host.repairing()
      await this.settleAll(migration, () => false, mayLack)
      host.repaired()
      migration.end('done')
    })
  }

  /** Throws as `add`. */
  async planAdd(options: AddNodeOptions): Promise<Plan> {
    checkPace(options.pace ?? this.host.pace)
    const member = this.host.members.propose(options, this.taken())
    const after = this.host.cluster.ring.with({ id: member.id, weight: member.weight })
    return this.planFor('join', member.id, after, PLAN_PACE, member.memoryBytes)
  }

  async planRemove(id: string, pace = PLAN_PACE): Promise<Plan> {
    this.checkRemovable(id)
    return this.planFor('leave', id, this.host.cluster.ring.without(id), pace, 0)
  }

  record(id: string): { readonly weight: number; readonly incarnation: number } {
    return this.host.members.known(id)
  }

  /** Nothing new begins; what is under way stops where it is. */
  async close(): Promise<void> {
    this.isClosing = true
    for (const migration of this.changes.list()) {
      if (migration.isQueued) {
        migration.end('failed', 'the cache was closed')
      }
    }
    await this.changes.idle()
  }

  private change(...change: Parameters<Changes['add']>): Migration {
    this.checkOpen()
    return this.changes.add(...change)
  }

  private checkOpen(): void {
    if (this.isClosing) {
      throw new CacheError('closed', 'the cache is closed: its ring changes no more')
    }
  }

  private async join(migration: Migration, member: RingNode): Promise<void> {
    const { cluster, generations } = this.host
    const { ring } = cluster
    const after = ring.with({ id: member.id, weight: member.weight })
    const { pace } = migration
    migration.planAs(await this.planFor('join', member.id, after, pace, member.memoryBytes))
    const node = await cluster.launch(member)
    try {
      cluster.roles.set(node, 'joining')
      this.tellNode(node, 'asked to join')
      await generations.admit(node)
      await this.move(migration, (now) => {
        if (!cluster.all.has(node)) {
          throw new CacheError('node_not_found', `node ${node.id} went bad before it joined`)
        }
        const next = now.ring === ring ? after : now.ring.with(member)
        return { ring: next, nodes: [...now.nodes, node], before: now }
      })
    } catch (error) {
      if (cluster.all.has(node) && !cluster.isRouted(node)) {
        cluster.forget(node)
        await node.close()
      }
      throw error
    }
    await this.finish(migration, node)
  }

  /** From one ring to the next, unless the migration is cancelled: then not at all, or back again. */
  private async move(migration: Migration, next: (now: Circle) => Next): Promise<void> {
    const { cluster, generations } = this.host
    if (migration.isCancelling) {
      return
    }
    if (cluster.before !== undefined) {
      await this.settleAll(migration, () => false) // what a change that failed has left
    }
    const coming = () => next({ ring: cluster.ring, nodes: cluster.nodes })
    await generations.reshare(coming().ring)
    await this.enter(migration, `${migration.kind} of ${migration.node}`, coming)
    await generations.reshare()
    await this.settleAll(migration, () => migration.isCancelling)
    if (migration.isCancelling && cluster.before !== undefined) {
      migration.turnBack()
      await this.enter(migration, `${migration.id} cancelled`, () => turnedBack(cluster))
      await this.settleAll(migration, () => false)
    }
    if (!this.isClosing) {
      migration.conclude()
      await this.enter(migration, `${migration.id} settled`, () => ({
        ring: cluster.ring,
        nodes: cluster.nodes,
        before: undefined,
      }))
      await generations.reshare()
    }
  }

  /** The change is made, or undone, or neither: hosts that went bad may have decided otherwise. */
  private async finish(migration: Migration, node: Node): Promise<void> {
    const { cluster } = this.host
    if (this.isClosing) {
      migration.end('failed', 'the cache was closed')
      return
    }
    const isLost = !cluster.all.has(node)
    await this.tidy()
    if (isLost) {
      migration.end('failed', `node ${node.id} went bad meanwhile`)
    } else if (cluster.isRouted(node) === (migration.kind === 'join')) {
      migration.end('done')
    } else if (migration.isCancelling) {
      migration.end('cancelled')
    } else {
      migration.end('failed', 'the nodes that were to take its keys over went bad')
    }
  }

  /** Whoever is in a ring serves, and whoever is in none goes, be it from a change that failed. */
  private async tidy(): Promise<void> {
    const { cluster } = this.host
    for (const node of [...cluster.all]) {
      if (!cluster.isRouted(node)) {
        this.host.leaving(node)
        cluster.forget(node)
        this.tellNode(node, LEFT, true)
        await node.close()
        this.host.gone(node, 'left')
      } else if (cluster.roles.delete(node)) {
        this.tellNode(node, 'settled')
      }
    }
  }

  private async enter(migration: Migration, cause: string, next: () => Next): Promise<void> {
    migration.enter(await this.epochs.enter(cause, next))
  }

  /** Until every key is where it belongs, or `isStopped`. */
  private async settleAll(
    migration: Migration,
    isStopped: () => boolean,
    mayLack?: Job['mayLack'],
  ): Promise<void> {
    const { cluster } = this.host
    const job: Job = {
      pace: migration.pace,
      routes: () => cluster,
      nodes: () => [...cluster.all],
      isStopped: () => this.isClosing || isStopped(),
      mayLack: mayLack ?? ((tenant, hash) => holdersChange(cluster, tenant, hash)),
      report: (key, fate) => migration.count(key, fate),
    }
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.mover.run(job)
      } catch (error) {
        if (attempt === MAX_ATTEMPTS || this.isClosing) {
          throw error
        }
      }
      await pass(ATTEMPT_PAUSE_MS)
    }
  }

  private checkRemovable(id: string): Node {
    const { cluster } = this.host
    const node = cluster.node(id)
    if (node === undefined || !cluster.ring.has(id)) {
      throw notFound(id)
    }
    if (cluster.ring.members.length === 1) {
      throw lastNode(id)
    }
    return node
  }

  private planFor(
    kind: MigrationKind,
    id: string,
    after: Ring,
    pace: number,
    memoryBytes: number,
  ): Promise<Plan> {
    const { cluster, tenants } = this.host
    return planMove(
      kind,
      id,
      { ring: cluster.ring, nodes: cluster.nodes },
      { ring: after, nodes: after.members },
      tenants,
      new Meter(pace, this.host.stopwatch),
      (target) => cluster.node(target)?.figures() ?? { bytes: 0, memoryBytes },
    )
  }

  /** Names of nodes that are there, or asked for. */
  private taken(): string[] {
    const changes = this.changes.list().filter((one) => !one.hasEnded && one.kind !== 'repair')
    const asked = changes.map((one) => one.node)
    return [...asked, ...[...this.host.cluster.all].map((node) => node.id)]
  }

  private tellNode(node: Node, cause: string, isGone = false): void {
    const state = isGone ? 'down' : this.host.cluster.stateOf(node)
    this.host.tell({ type: 'node', node: node.id, state, cause })
  }
}

/** The two rings exchanged; they may have become one meanwhile. */
function turnedBack({
  ring,
  nodes,
  before,
}: Circle & { readonly before: Circle | undefined }): Next {
  const now = { ring, nodes }
  return before === undefined ? { ...now, before } : { ...before, before: now }
}

function holdersChange({ ring, nodes, before }: Cluster, tenant: Tenant, hash: number): boolean {
  const { replicas } = tenant.record
  return before !== undefined && holdsAnew(before, { ring, nodes }, hash, replicas)
}

export function checkPace(pace: number): number {
  if (pace >= 0.01 && pace <= 1) {
    return pace
  }
  throw new CacheError('invalid_option', `pace: ${pace} is not a number from 0.01 to 1`)
}

function tooSmall(plan: Plan): CacheError {
  const full = plan.targets.filter((one) => one.incomingBytes > one.freeBytes)
  const list = full.map(
    ({ id, incomingBytes, freeBytes }) =>
      `${id} gets ${formatSize(incomingBytes)} and has ${formatSize(freeBytes)} free`,
  )
  return new CacheError(
    'ring_too_small',
    `the nodes that stay cannot hold all bytes (${list.join('; ')}): add a node first, ` +
      'or force it (force=true, --force), and keys are evicted',
  )
}
