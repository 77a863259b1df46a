import { CacheError } from '../errors.js'
import { KeyScratch } from '../key.js'
import type { Node, Write } from '../node/node.js'
import type { Ring } from '../ring/ring.js'
import { MAX_MEMORY_BYTES } from '../store/layout.js'
import { IF_ANY, OP_KILL_SPACE, OP_OPEN_SPACE } from '../store/order.js'
import type { SpaceCounts } from '../store/spaces.js'
import { SingleCall } from './calls.js'
import type { Routes } from './routes.js'
import { addCounts, NOTHING } from './usage.js'

/** What a space is opened with. */
interface Opening {
  readonly seed: number
  /** The bucket's limit, of which each node has its share. */
  readonly maxBytes: number | undefined
}

/** Every node that is up, and where keys are routed. */
interface Nodes extends Routes {
  readonly all: ReadonlySet<Node>
  refence(): unknown
}

/**
 * Numbers the generations of buckets. A number is the same on every node; it is given out again only
 * when no node holds anything of its last life, and none takes a write of that any more.
 */
export class Generations {
  private readonly cluster: Nodes
  private readonly count: number
  private readonly taken = new Map<number, Opening>()
  /** Ended, and their last counts not yet read. */
  private readonly ending = new Set<number>()
  /** Ended since the last fence: writes that went by them may still be on their way. */
  private readonly unfenced = new Set<number>()
  private last = 0
  /** The ring that is about to be. */
  private coming: Ring | undefined
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

  constructor(cluster: Nodes, count: number) {
    this.cluster = cluster
    this.count = count
  }

  /** Opens a space on every node. Throws `overloaded` where all numbers wait to be swept. */
  async open(seed: number, maxBytes: number | undefined): Promise<number> {
    const space = this.unused()
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
    this.taken.set(space, { seed, maxBytes })
    await this.order((node) => this.fillOpening(space, node))
  }

  /** Opens on a node that is about to join all that is open elsewhere. */
  async admit(node: Node): Promise<void> {
    for (const space of [...this.taken.keys()]) {
      await this.submit(node, () => this.fillOpening(space, node))
    }
  }

  /** The shares of the ring have changed, or are about to: so do the parts of all limits. */
  async reshare(coming?: Ring): Promise<void> {
    this.coming = coming
    for (const [space, { maxBytes }] of [...this.taken]) {
      if (maxBytes !== undefined) {
        await this.order((node) => this.fillOpening(space, node))
      }
    }
  }

  /** Ends a space on every node; everything in it is gone. Returns its last counts. */
  async kill(space: number): Promise<SpaceCounts> {
    this.taken.delete(space)
    this.ending.add(space)
    try {
      await this.order(() => {
        this.write.op = OP_KILL_SPACE
        this.write.space = space
        return true
      })
      return this.counts(space)
    } finally {
      this.unfenced.add(space)
      this.ending.delete(space)
    }
  }

  counts(space: number): SpaceCounts {
    let sum = NOTHING
    for (const node of this.cluster.all) {
      sum = addCounts(sum, node.counts(space))
    }
    return sum
  }

  /** While keys move, a node has the greater of its two shares, and from just before they do. */
  private shareOf(node: Node): number {
    const { ring, before } = this.cluster
    const rings = [ring, before?.ring, this.coming]
    return Math.max(...rings.map((one) => one?.shares().get(node.id) ?? 0))
  }

  /** False: the space was ended meanwhile. */
  private fillOpening(space: number, node: Node): boolean {
    const opening = this.taken.get(space)
    if (opening === undefined) {
      return false
    }
    const { seed, maxBytes } = opening
    const bytes = Math.min(Math.floor((maxBytes ?? 0) * this.shareOf(node)), MAX_MEMORY_BYTES)
    this.write.op = OP_OPEN_SPACE
    this.write.space = space
    this.write.hash = seed
    this.write.deadline = maxBytes === undefined ? 0 : Math.max(1, bytes)
    return true
  }

  private async order(fill: (node: Node) => boolean): Promise<void> {
    await Promise.all([...this.cluster.all].map((node) => this.submit(node, () => fill(node))))
  }

  /** Waits for room in the queue: half a flush would leave a generation that nobody ends. */
  private async submit(node: Node, fill: () => boolean): Promise<void> {
    for (;;) {
      const call = new SingleCall<void>(() => {})
      try {
        if (!this.cluster.all.has(node) || !fill()) {
          return
        }
        node.submit(this.write, call, 0)
        return await call.promise
      } catch (error) {
        if (!this.cluster.all.has(node)) {
          return // it went bad meanwhile, and what it held with it
        }
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
        !this.ending.has(space) &&
        [...this.cluster.all].every((node) => node.isUnused(space))
      ) {
        if (this.unfenced.has(space)) {
          this.unfenced.clear()
          this.cluster.refence()
        }
        return space
      }
    }
    throw new CacheError(
      'overloaded',
      'too many flushed or deleted buckets wait to be swept: try again in a moment',
    )
  }
}
