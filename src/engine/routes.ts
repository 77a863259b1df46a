import type { Node } from '../node/node.js'
import type { Ring } from '../ring/ring.js'
import type { Reader } from '../store/reader.js'

/** The ring and its nodes, as they are now: `nodes[i]` is the ring's member number i. */
export interface Routes<N extends { readonly reader: Reader } = Node> {
  readonly ring: Ring
  readonly nodes: readonly N[]
  /** All nodes count time from here, in ms since the epoch. */
  readonly baseMs: number
}
