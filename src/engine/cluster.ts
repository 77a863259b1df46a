import type { Clock } from '../clock.js'
import { CacheError } from '../errors.js'
import { KeyScratch } from '../key.js'
import { VERSION_RANGE } from '../node/execute.js'
import type { Node, NodeState, Write } from '../node/node.js'
import { Ring } from '../ring/ring.js'
import { IF_ANY, OP_FENCE, OP_GRANT, OP_TICK } from '../store/order.js'
import { SingleCall } from './calls.js'
import { ask } from './motion/ask.js'
import type { Current } from './motion/coordinator.js'
import { factoryOf, type NodeFactory, type NodeKind } from './node-kinds.js'
import { OwnVersions } from './own-versions.js'
import type { RingNode, RingRecord } from './records.js'
import type { Circle, Routes } from './routes.js'

export interface ClusterOptions {
  readonly kind: NodeKind | NodeFactory
  readonly spaces: number
  readonly maxValueBytes: number
  readonly clock: Clock
  readonly writers?: number
  /** The number of the next range of versions, given to nobody before: durable. */
  readonly grantVersions: () => Promise<number>
  /** A node has come up in this lane. */
  readonly onLane?: (lane: number) => void
  /** The routes are other ones from now on, and nothing has gone by them yet. */
  readonly onRoutes?: () => void
  readonly onDeath: (id: string, cause: unknown) => void
  readonly onDown: (id: string) => void
}

/**
 * The nodes, brought up, fed with version ranges, and closed; and the routes to them, which the
 * members of the ring and their changes decide.
 */
export class Cluster implements Routes {
  ring: Ring
  nodes: readonly Node[]
  before: Circle | undefined
  readonly baseMs: number
  fence = 0
  /** Every node that is up: those of both rings, and one that is about to join. */
  readonly all = new Set<Node>()
  /** What a node is in the ring's eyes, beside serving. */
  readonly roles = new Map<Node, NodeState>()
  private now: Current
  private readonly deaths = new Map<string, number>()
  private readonly options: ClusterOptions
  private readonly make: NodeFactory
  private readonly own: OwnVersions
  private isGranting = false

  private constructor(ring: Ring, baseMs: number, options: ClusterOptions, make: NodeFactory) {
    this.ring = ring
    this.nodes = []
    this.baseMs = baseMs
    this.options = options
    this.make = make
    this.own = new OwnVersions(options.grantVersions)
    this.now = { ring, nodes: [], before: undefined, baseMs, fence: 0, fenced: Promise.resolve() }
  }

  static async start(record: RingRecord, options: ClusterOptions): Promise<Cluster> {
    const ring = Ring.of(
      record.nodes.map(({ id, weight }) => ({ id, weight })),
      { virtualNodes: record.virtualNodes, epoch: record.epoch },
    )
    const make = await factoryOf(options.kind)
    const cluster = new Cluster(ring, Math.floor(options.clock.now()), options, make)
    try {
      await cluster.install(
        ring,
        record.nodes.map((node) => cluster.create(node)),
        undefined,
      ).fenced
      await Promise.all([...cluster.all].map((node) => cluster.grant(node)))
    } catch (error) {
      await cluster.close()
      throw error
    }
    return cluster
  }

  /** The routes as one thing, which never changes: a change makes another. */
  get current(): Current {
    return this.now
  }

  get isReady(): boolean {
    return this.nodes.every((node) => node.state === 'serving')
  }

  stateOf(node: Node): NodeState {
    const { state } = node
    return state === 'serving' ? (this.roles.get(node) ?? state) : state
  }

  /** Whether keys may be there: the node is in the ring, or was until they began to move. */
  isRouted(node: Node): boolean {
    return this.nodes.includes(node) || this.before?.nodes.includes(node) === true
  }

  /** Routes anew from the next read and write on, and tells every node to refuse older writes. */
  install(ring: Ring, nodes: readonly Node[], before: Circle | undefined): Current {
    this.ring = ring
    this.nodes = nodes
    this.before = before
    return this.refence()
  }

  /** As if routed anew: whoever waits for `fenced` finds nothing older under way. */
  refence(): Current {
    const { ring, nodes, before, baseMs } = this
    const fence = ++this.fence
    this.options.onRoutes?.() // whoever writes by older ones is refused, and finds these at hand
    const fences = Promise.all([...this.all].map((node) => this.raise(node, fence)))
    const fenced = fences.then(() => {})
    fenced.catch(() => {}) // those who wait hear of it
    this.now = { ring, nodes, before, baseMs, fence, fenced }
    return this.now
  }

  /** Brings a node up, empty, with versions to give. It is in no ring yet. */
  async launch(record: RingNode): Promise<Node> {
    const node = this.create(record)
    try {
      await this.grant(node)
    } catch (error) {
      this.forget(node)
      await node.close()
      throw error
    }
    return node
  }

  /** From now on the node is told nothing any more; its end is the caller's. */
  forget(node: Node): void {
    this.all.delete(node)
    this.roles.delete(node)
  }

  /** Of workers of a node of this name. */
  deathsOf(id: string): number {
    return this.deaths.get(id) ?? 0
  }

  node(id: string): Node | undefined {
    return [...this.all].find((node) => node.id === id)
  }

  /** Gives a further range of versions to each node that has less than half of one left. */
  async topUp(): Promise<void> {
    if (this.isGranting) {
      return
    }
    this.isGranting = true
    try {
      if (this.own.isInUse) {
        await this.own.topUp()
      }
      for (const node of this.all) {
        if (node.state === 'serving' && node.versionsLeft() < VERSION_RANGE / 2) {
          await this.grant(node)
        }
      }
    } finally {
      this.isGranting = false
    }
  }

  /** A version for a write with copies, which no single node gives; 0: none is left. */
  nextVersion(): number {
    return this.own.next()
  }

  /** Sees to it that `nextVersion` has some. */
  topUpOwn(): Promise<void> {
    return this.own.topUp()
  }

  tick(): void {
    for (const node of this.all) {
      node.tick()
    }
  }

  /** Resolves when every node has freed all that was due at the clock's time now. */
  async settle(): Promise<void> {
    await Promise.all([...this.all].map((node) => this.order(node, OP_TICK, 0)))
  }

  async close(): Promise<void> {
    await Promise.all([...this.all].map((node) => node.close()))
  }

  private create({ id, memoryBytes }: RingNode): Node {
    const lane = this.freeLane()
    const onDeath = (died: string, cause: unknown) => {
      this.deaths.set(died, this.deathsOf(died) + 1)
      this.options.onDeath(died, cause)
    }
    const { baseMs } = this
    const node = this.make({ ...this.options, id, memoryBytes, lane, baseMs, onDeath })
    this.all.add(node)
    this.options.onLane?.(lane)
    return node
  }

  /** The ring and what comes and goes are far fewer than there are lanes. */
  private freeLane(): number {
    const taken = new Set([...this.all].map((node) => node.lane))
    let lane = 0
    while (taken.has(lane)) {
      lane++
    }
    return lane
  }

  private async grant(node: Node): Promise<void> {
    const range = await this.options.grantVersions()
    await this.order(node, OP_GRANT, range * VERSION_RANGE)
  }

  /** Waits however long a queue is full; a node that is gone carries out nothing any more. */
  private async raise(node: Node, fence: number): Promise<void> {
    while (this.all.has(node)) {
      try {
        await ask(node, nodeOrder(OP_FENCE, fence))
        return
      } catch (error) {
        const code = error instanceof CacheError ? error.code : undefined
        if (code === 'closed' || code === 'recovering') {
          return
        }
        if (code !== 'overloaded') {
          throw error
        }
      }
    }
  }

  private order(node: Node, op: number, version: number): Promise<void> {
    const call = new SingleCall<void>(() => {})
    node.submit(nodeOrder(op, version), call, 0)
    return call.promise
  }
}

function nodeOrder(op: number, version: number): Write {
  return {
    op,
    space: 0,
    hash: 0,
    condition: IF_ANY,
    version,
    deadline: 0,
    key: NO_KEY,
    type: '',
    value: '',
  }
}

const NO_KEY = new KeyScratch()
