import type { Node } from '../node/node.js'
import type { Ring } from '../ring/ring.js'

/** A ring and its nodes: `nodes[i]` is the ring's member number i. */
export interface Circle<N = Node> {
  readonly ring: Ring
  readonly nodes: readonly N[]
}

/** Where keys are, in one epoch, or a part of one: see `fence`. */
export interface Routes<N = Node> extends Circle<N> {
  /** While keys move: who owned them until now, and may have them still. */
  readonly before: Circle<N> | undefined
  /** All nodes count time from here, in ms since the epoch. */
  readonly baseMs: number
  /** Orders carry it: once a node was told of a later one, it refuses what went by these routes. */
  readonly fence: number
}

export function ownerOf<N>(circle: Circle<N>, hash: number): N {
  return circle.nodes[circle.ring.ownerIndex(hash)]
}

/** The owner, then those who keep the `copies` further ones; fewer where the ring has fewer. */
export function holdersOf<N>(circle: Circle<N>, hash: number, copies: number): N[] {
  return copies === 0
    ? [ownerOf(circle, hash)]
    : circle.ring.holders(hash, copies).map((index) => circle.nodes[index])
}

/** Whether a key's holders are others than they were, or in another order. */
export function holdsAnew<N>(
  from: Circle<N>,
  to: Circle<N>,
  hash: number,
  copies: number,
): boolean {
  const before = holdersOf(from, hash, copies)
  const after = holdersOf(to, hash, copies)
  return before.length !== after.length || before.some((node, i) => node !== after[i])
}
