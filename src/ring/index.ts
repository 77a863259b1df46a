/** Routing alone: what another host imports as `annulus/ring`. Needs no threads and no Node. */
export { type Arc, drawnMoves, inArc, movedShare, moves, span } from './moves.js'
export { angle, CIRCLE, type Member, Ring, type RingOptions } from './ring.js'
export type { TokenHash } from './token.js'
