import type { Clock } from '../clock.js'
import { type Departure, FarNode } from '../node/far-node.js'
import { Ring } from '../ring/ring.js'
import type { Announced, Placed, PlacedNode } from './news.js'
import type { Circle, Routes } from './routes.js'

const NOWHERE = Ring.of([{ id: 'none', weight: 1 }])

/**
 * The routes as an attached thread knows them. Of nodes that are in no ring any more none is held but
 * those that still have to answer: memory of one that is gone is let go.
 */
export class FollowedRoutes implements Routes<FarNode> {
  ring = NOWHERE
  nodes: readonly FarNode[] = []
  before: Circle<FarNode> | undefined
  fence = 0
  readonly baseMs: number
  private readonly clock: Clock
  private readonly known = new Map<number, FarNode>()

  constructor(baseMs: number, clock: Clock) {
    this.baseMs = baseMs
    this.clock = clock
  }

  become(announced: Announced): void {
    const rings = [this.ring, this.before?.ring]
    const circleOf = (placed: Placed): Circle<FarNode> => ({
      ring: rings.find((ring) => hasMembers(ring, placed)) ?? Ring.of(placed.members, announced),
      nodes: placed.nodes.map((node, i) => this.nodeOf(node, placed.members[i].id)),
    })
    const { ring, nodes } = circleOf(announced)
    this.before = announced.before === undefined ? undefined : circleOf(announced.before)
    this.ring = ring.at(announced.epoch)
    this.nodes = nodes
    this.fence = announced.fence
  }

  /** The node answers nothing any more. */
  gone(serial: number, departure: Departure): void {
    const node = this.known.get(serial)
    this.known.delete(serial)
    node?.gone(departure)
  }

  /** No node answers any more. */
  end(): void {
    for (const serial of [...this.known.keys()]) {
      this.gone(serial, 'left')
    }
  }

  /** Lets go of every node. */
  close(): void {
    this.nodes = []
    this.before = undefined
  }

  private nodeOf({ serial, memory, mailbox }: PlacedNode, id: string): FarNode {
    const { clock, baseMs } = this
    const node = this.known.get(serial) ?? new FarNode({ id, memory, mailbox, clock, baseMs })
    this.known.set(serial, node)
    return node
  }
}

function hasMembers(ring: Ring | undefined, { members }: Placed): ring is Ring {
  return (
    ring?.members.length === members.length &&
    ring.members.every(({ id, weight }, i) => id === members[i].id && weight === members[i].weight)
  )
}
