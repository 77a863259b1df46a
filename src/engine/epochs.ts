import { CacheError } from '../errors.js'
import type { Node } from '../node/node.js'
import type { Ring } from '../ring/ring.js'
import type { Cluster } from './cluster.js'
import type { RingEvent } from './events.js'
import type { NewMembers } from './new-members.js'
import type { RingRecord } from './records.js'
import type { Circle, Routes } from './routes.js'
import { Turns } from './turns.js'

export interface EpochHost {
  readonly cluster: Cluster
  readonly members: NewMembers
  /** The ring as it is on disk, and a new one, durable when the promise resolves. */
  record(): RingRecord
  setRecord(record: RingRecord): Promise<void>
  tell(event: RingEvent): void
}

/** What the next epoch looks like. */
export interface Next {
  readonly ring: Ring
  readonly nodes: readonly Node[]
  /** While keys move: who had them until now. */
  readonly before: Circle | undefined
}

/** One epoch after the other: each is on disk before any read or write goes by it. */
export class Epochs {
  private readonly host: EpochHost
  private readonly turns = new Turns()

  constructor(host: EpochHost) {
    this.host = host
  }

  /** Begins an epoch; `next` is asked when it is its turn. Resolves when nothing older is under way. */
  enter(cause: string, next: () => Next): Promise<number> {
    return this.turns.take('epoch', async () => {
      const epoch = await this.begin(next(), cause)
      await this.host.cluster.current.fenced
      return epoch
    })
  }

  /**
   * The ring closes over a node whose host went bad: all other arcs stay as they are. `gone` is told
   * before the next epoch is thought of. Returns the routes that the node was in.
   */
  closeOver(id: string, gone: (node: Node) => void): Promise<{ node: Node; routes: Routes }> {
    return this.turns.take('epoch', async () => {
      const { cluster } = this.host
      const routes = cluster.current
      const node = cluster.node(id)
      if (node === undefined) {
        throw notFound(id)
      }
      const before = without(cluster.before, node)
      const now = without({ ring: cluster.ring, nodes: cluster.nodes }, node) ?? before
      if (now === undefined) {
        throw lastNode(id)
      }
      const isSettled = before === undefined || sameMembers(before.ring, now.ring)
      await this.begin({ ...now, before: isSettled ? undefined : before }, `node ${id} went bad`)
      gone(node)
      return { node, routes }
    })
  }

  private async begin({ ring, nodes, before }: Next, cause: string): Promise<number> {
    const { host } = this
    const epoch = host.record().epoch + 1
    await host.setRecord({
      ...host.record(),
      epoch,
      lastNode: host.members.lastNode,
      nodes: ring.members.map(({ id }) => host.members.record(id, epoch)),
    })
    host.cluster.install(ring.at(epoch), nodes, before)
    host.tell({ type: 'ring', epoch, cause })
    return epoch
  }
}

function without(circle: Circle | undefined, node: Node): Circle | undefined {
  if (circle === undefined || !circle.ring.has(node.id)) {
    return circle
  }
  return circle.ring.members.length === 1
    ? undefined
    : {
        ring: circle.ring.without(node.id),
        nodes: circle.nodes.filter((one) => one !== node),
      }
}

function sameMembers(a: Ring, b: Ring): boolean {
  return a.members.length === b.members.length && a.members.every(({ id }) => b.has(id))
}

export function notFound(id: string): CacheError {
  return new CacheError('node_not_found', `there is no node ${JSON.stringify(id)} in the ring`)
}

export function lastNode(id: string): CacheError {
  return new CacheError('last_node', `node ${id} is the last one of the ring: add another first`)
}
