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
  /** By serial: those that are routed, and those that still have to answer. */
  private readonly known = new Map<number, FarNode>()
  private readonly departed = new Set<number>()

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
    this.letGo()
  }

  /** The node answers nothing any more. One that is routed all the same is still there to read. */
  gone(serial: number, departure: Departure): void {
    this.departed.add(serial)
    this.known.get(serial)?.gone(departure)
    this.letGo()
  }

  /** No node answers any more. */
  end(): void {
    for (const serial of [...this.known.keys()]) {
      this.gone(serial, 'closed')
    }
  }

  /** Lets go of every node. */
  close(): void {
    this.nodes = []
    this.before = undefined
    this.known.clear()
  }

  private letGo(): void {
    for (const serial of this.departed) {
      const node = this.known.get(serial)
      const isRouted = (nodes: readonly FarNode[] = []) =>
        node !== undefined && nodes.includes(node)
      if (!isRouted(this.nodes) && !isRouted(this.before?.nodes)) {
        this.known.delete(serial)
        this.departed.delete(serial)
      }
    }
  }

  private nodeOf({ serial, ...placed }: PlacedNode, id: string): FarNode {
    const { clock, baseMs } = this
    const node = this.known.get(serial) ?? new FarNode({ ...placed, id, clock, baseMs })
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
