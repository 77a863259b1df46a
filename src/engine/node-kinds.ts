import { InlineNode } from '../node/inline-node.js'
import type { Node } from '../node/node.js'
import type { WorkerNodeOptions } from '../node/worker-node.js'

export type NodeKind = 'worker' | 'inline'
/** Makes nodes of a kind that the engine does not know. */
export type NodeFactory = (options: WorkerNodeOptions) => Node

/** What worker nodes need, a pool of threads among it, is loaded with the first of them. */
export async function factoryOf(kind: NodeKind | NodeFactory): Promise<NodeFactory> {
  if (typeof kind === 'function') {
    return kind
  }
  if (kind === 'inline') {
    return (options) => new InlineNode(options)
  }
  const { WorkerNode } = await import('../node/worker-node.js')
  return (options) => new WorkerNode(options)
}
