import { CacheError } from '../errors.js'
import { checkMember } from './memory-plan.js'
import type { RingNode, RingRecord } from './records.js'

export interface AddNodeOptions {
  /** Twice the weight is twice the share, and twice the memory; 1 where absent. */
  readonly weight?: number | undefined
  /** Of a former node that comes back, empty, as a new incarnation; a new name where absent. */
  readonly id?: string | undefined
  /** The part of the serving thread's time that the migration may take, 0.01 to 1. */
  readonly pace?: number | undefined
}

const NAME = /^[a-z0-9][a-z0-9._-]{0,62}$/i

/** Names nodes, and knows what each of them was given. */
export class NewMembers {
  /** The highest number given so far. */
  lastNode: number
  private readonly records = new Map<string, RingNode>()
  /** Named, but in no ring yet. */
  private readonly fresh = new Set<string>()
  private readonly unitBytes: number
  private readonly maxValueBytes: number
  private readonly spaces: number

  constructor(ring: RingRecord, maxValueBytes: number, spaces: number) {
    this.lastNode = Math.max(ring.lastNode ?? 0, ...ring.nodes.map(({ id }) => numberOf(id)))
    // A node that joins later adds as much memory for each unit of weight as those that are there.
    this.unitBytes = Math.floor(ring.nodes[0].memoryBytes / ring.nodes[0].weight)
    this.maxValueBytes = maxValueBytes
    this.spaces = spaces
    for (const node of ring.nodes) {
      this.records.set(node.id, node)
    }
  }

  /**
   * The node that would join. Nothing is taken yet. Throws invalid_option and node_exists. `taken`:
   * names of nodes that are there, or asked for.
   */
  propose({ id, weight = 1 }: AddNodeOptions, taken: readonly string[]): RingNode {
    if (!(weight >= 0.01 && weight <= 1_000)) {
      throw new CacheError('invalid_option', `weight: ${weight} is not a number from 0.01 to 1000`)
    }
    if (id !== undefined && !NAME.test(id)) {
      throw new CacheError('invalid_option', `id: ${JSON.stringify(id)} is not the name of a node`)
    }
    if (id !== undefined && taken.includes(id)) {
      throw new CacheError('node_exists', `node ${id} is in the ring, or about to join it`)
    }
    const memoryBytes = Math.floor(this.unitBytes * weight)
    checkMember(weight, memoryBytes, this.maxValueBytes, this.spaces)
    return { id: id ?? this.freeName(taken), weight, memoryBytes }
  }

  /** The name is the node's from now on, and never another's. */
  take(member: RingNode): void {
    this.lastNode = Math.max(this.lastNode, numberOf(member.id))
    this.records.set(member.id, member)
    this.fresh.add(member.id)
  }

  /** What is known of a node that is in the ring of `epoch`, or about to be. */
  record(id: string, epoch: number): RingNode {
    const record = this.records.get(id)
    if (record === undefined) {
      throw new CacheError('internal', `node ${id} was never named`)
    }
    if (!this.fresh.delete(id)) {
      return record
    }
    const joined = { ...record, incarnation: epoch }
    this.records.set(id, joined)
    return joined
  }

  known(id: string): { readonly weight: number; readonly incarnation: number } {
    const { weight = 0, incarnation = 1 } = this.records.get(id) ?? {}
    return { weight, incarnation }
  }

  private freeName(taken: readonly string[]): string {
    let number = this.lastNode + 1
    while (taken.includes(`n${number}`)) {
      number++
    }
    return `n${number}`
  }
}

function numberOf(id: string): number {
  return Number(/^n(\d{1,9})$/.exec(id)?.[1] ?? 0)
}
