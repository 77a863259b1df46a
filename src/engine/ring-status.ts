import type { NodeState } from '../node/node.js'
import type { Cluster } from './cluster.js'
import type { Membership } from './membership.js'
import type { Receipt } from './motion/receipt.js'

/** Ended migrations that are told of with the ring. */
const ENDED_SHOWN = 8

export interface RingStatus {
  readonly epoch: number
  readonly tokens: number
  readonly nodes: readonly {
    readonly id: string
    readonly state: NodeState
    readonly weight: number
    readonly share: number
    readonly items: number
    readonly bytes: number
    readonly memoryBytes: number
    /** The epoch in which it joined: a node that comes back is another one. */
    readonly incarnation: number
  }[]
  /** Newest first: all that wait or are under way, and the last few that ended. */
  readonly migrations: readonly Receipt[]
}

/** The ring's members in order, then nodes that are joining or leaving. */
export function ringStatus(cluster: Cluster, membership: Membership): RingStatus {
  const { ring, nodes, all } = cluster
  const shares = ring.shares()
  const ended = membership.changes.list().filter((one) => one.hasEnded)
  const shown = new Set(ended.slice(0, ENDED_SHOWN))
  return {
    epoch: ring.epoch,
    tokens: ring.tokens.length,
    nodes: [...new Set([...nodes, ...all])].map((node) => ({
      id: node.id,
      state: cluster.stateOf(node),
      ...membership.record(node.id),
      share: shares.get(node.id) ?? 0,
      ...node.figures(),
    })),
    migrations: membership.changes
      .list()
      .filter((one) => !one.hasEnded || shown.has(one))
      .map((one) => one.receipt()),
  }
}
