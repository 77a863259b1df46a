import { CacheError } from '../errors.js'
import { KeyScratch } from '../key.js'
import type { Node, Write } from '../node/node.js'
import { MAX_MEMORY_BYTES } from '../store/layout.js'
import { IF_ANY, OP_KILL_SPACE, OP_OPEN_SPACE } from '../store/order.js'
import type { SpaceCounts } from '../store/spaces.js'
import { SingleCall } from './calls.js'
import type { Routes } from './routes.js'
import { addCounts, NOTHING } from './usage.js'

/**
 * Numbers the generations of buckets. A number is the same on every node; it is given out again only
 * when no node holds anything of its last life.
 */
export class Generations {
  private readonly routes: Routes
  private readonly count: number
  private readonly taken = new Set<number>()
  private last = 0
  private readonly write: Write = {
    op: OP_OPEN_SPACE,
    space: 0,
    hash: 0,
    condition: IF_ANY,
    version: 0,
    deadline: 0,
    key: new KeyScratch(),
    type: '',
    value: '',
  }

  constructor(routes: Routes, count: number) {
    this.routes = routes
    this.count = count
  }

  /** Opens a space on every node. Throws `overloaded` where all numbers wait to be swept. */
  async open(seed: number, maxBytes: number | undefined): Promise<number> {
    const space = this.unused()
    this.taken.add(space)
    try {
      await this.configure(space, seed, maxBytes)
    } catch (error) {
      await this.kill(space).catch(() => {}) // on the nodes that are there
      this.taken.delete(space)
      throw error
    }
    return space
  }

  /** Sets each node's part of the bucket's limit: its share of the ring. */
  async configure(space: number, seed: number, maxBytes: number | undefined): Promise<void> {
    const shares = this.routes.ring.shares()
    await this.order((node) => {
      this.write.op = OP_OPEN_SPACE
      this.write.space = space
      this.write.hash = seed
      const share = shares.get(node.id) ?? 0
      const bytes = Math.min(Math.floor((maxBytes ?? 0) * share), MAX_MEMORY_BYTES)
      this.write.deadline = maxBytes === undefined ? 0 : Math.max(1, bytes)
    })
  }

  /** Ends a space on every node; everything in it is gone. Returns its last counts. */
  async kill(space: number): Promise<SpaceCounts> {
    await this.order(() => {
      this.write.op = OP_KILL_SPACE
      this.write.space = space
    })
    const counts = this.counts(space)
    this.taken.delete(space)
    return counts
  }

  counts(space: number): SpaceCounts {
    let sum = NOTHING
    for (const node of this.routes.nodes) {
      sum = addCounts(sum, node.counts(space))
    }
    return sum
  }

  private async order(fill: (node: Node) => void): Promise<void> {
    await Promise.all(this.routes.nodes.map((node) => this.submit(node, fill)))
  }

  /** Waits for room in the queue: half a flush would leave a generation that nobody ends. */
  private async submit(node: Node, fill: (node: Node) => void): Promise<void> {
    for (;;) {
      const call = new SingleCall<void>(() => {})
      try {
        fill(node)
        node.submit(this.write, call, 0)
        return await call.promise
      } catch (error) {
        if (!(error instanceof CacheError) || error.code !== 'overloaded') {
          throw error
        }
      }
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  private unused(): number {
    for (let n = 0; n < this.count; n++) {
      this.last = (this.last + 1) % this.count
      const space = this.last
      if (
        space !== 0 &&
        !this.taken.has(space) &&
        this.routes.nodes.every((node) => node.isUnused(space))
      ) {
        return space
      }
    }
    throw new CacheError(
      'overloaded',
      'too many flushed or deleted buckets wait to be swept: try again in a moment',
    )
  }
}
