import type { Clock } from '../clock.js'
import { KeyScratch } from '../key.js'
import { VERSION_RANGE } from '../node/execute.js'
import { InlineNode } from '../node/inline-node.js'
import type { Node, Write } from '../node/node.js'
import { WorkerNode } from '../node/worker-node.js'
import { Ring } from '../ring/ring.js'
import { IF_ANY, OP_GRANT, OP_TICK } from '../store/order.js'
import { SingleCall } from './calls.js'
import type { RingRecord } from './records.js'
import type { Routes } from './routes.js'

export type NodeKind = 'worker' | 'inline'

export interface ClusterOptions {
  readonly kind: NodeKind
  readonly spaces: number
  readonly maxValueBytes: number
  readonly clock: Clock
  /** The number of the next range of versions, given to nobody before: durable. */
  readonly grantVersions: () => Promise<number>
  readonly onDeath: (id: string, cause: unknown) => void
}

/** The ring and its nodes, brought up, fed with version ranges, and closed. */
export class Cluster implements Routes {
  readonly ring: Ring
  readonly nodes: readonly Node[]
  readonly baseMs: number
  private readonly options: ClusterOptions
  private isGranting = false

  private constructor(ring: Ring, nodes: readonly Node[], baseMs: number, options: ClusterOptions) {
    this.ring = ring
    this.nodes = nodes
    this.baseMs = baseMs
    this.options = options
  }

  static async start(record: RingRecord, options: ClusterOptions): Promise<Cluster> {
    const ring = Ring.of(
      record.nodes.map(({ id, weight }) => ({ id, weight })),
      { virtualNodes: record.virtualNodes, epoch: record.epoch },
    )
    const baseMs = Math.floor(options.clock.now())
    const nodes = record.nodes.map(({ id, memoryBytes }) =>
      options.kind === 'inline'
        ? new InlineNode({ ...options, id, memoryBytes, baseMs })
        : new WorkerNode({ ...options, id, memoryBytes, baseMs }),
    )
    const cluster = new Cluster(ring, nodes, baseMs, options)
    try {
      await Promise.all(nodes.map((node) => cluster.grant(node)))
    } catch (error) {
      await cluster.close()
      throw error
    }
    return cluster
  }

  get isReady(): boolean {
    return this.nodes.every((node) => node.state === 'serving')
  }

  /** Gives a further range of versions to each node that has less than half of one left. */
  async topUp(): Promise<void> {
    if (this.isGranting) {
      return
    }
    this.isGranting = true
    try {
      for (const node of this.nodes) {
        if (node.state === 'serving' && node.versionsLeft() < VERSION_RANGE / 2) {
          await this.grant(node)
        }
      }
    } finally {
      this.isGranting = false
    }
  }

  tick(): void {
    for (const node of this.nodes) {
      node.tick()
    }
  }

  /** Resolves when every node has freed all that was due at the clock's time now. */
  async settle(): Promise<void> {
    await Promise.all(this.nodes.map((node) => this.order(node, OP_TICK, 0)))
  }

  async close(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.close()))
  }

  private async grant(node: Node): Promise<void> {
    const range = await this.options.grantVersions()
    await this.order(node, OP_GRANT, range * VERSION_RANGE)
  }

  private order(node: Node, op: number, version: number): Promise<void> {
    const call = new SingleCall<void>(() => {})
    const write: Write = {
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
    node.submit(write, call, 0)
    return call.promise
  }
}

const NO_KEY = new KeyScratch()
