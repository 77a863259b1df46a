import type { NodeFigures, NodeState, NodeStatistics } from '../node/node.js'
import type { Cluster } from './cluster.js'
import type { Tallies } from './tallies.js'

export interface NodeReport extends NodeFigures, NodeStatistics {
  readonly id: string
  readonly state: NodeState
  /** Reads of keys that it owns, by all threads, since it came up. */
  readonly hits: number
  readonly misses: number
  /** Deaths of its workers. */
  readonly deaths: number
}

/** What all nodes that are up count, for operators: read from shared memory, no thread is asked. */
export function reportNodes(cluster: Cluster, tallies: Tallies): NodeReport[] {
  return [...cluster.all].map((node) => ({
    id: node.id,
    state: cluster.stateOf(node),
    deaths: cluster.deathsOf(node.id),
    ...node.figures(),
    ...node.statistics(),
    ...tallies.ofNode(node.lane),
  }))
}
