import { CIRCLE, type Ring } from './ring.js'

/**
 * A stretch of the ring that changes owner: the positions after `from`, up to and with `to`.
 * It runs across zero where `from >= to`; where they are equal it is the whole circle.
 */
export interface Arc {
  readonly from: number
  readonly to: number
  readonly source: string
  readonly target: string
}

/** Whether a position lies in (from, to], counted clockwise. */
export function inArc(arc: { readonly from: number; readonly to: number }, position: number) {
  return (position - arc.from - 1) >>> 0 <= (arc.to - arc.from - 1) >>> 0
}

/** How many positions an arc holds, 1 to 2^32. */
export function span(arc: { readonly from: number; readonly to: number }): number {
  return ((arc.to - arc.from - 1) >>> 0) + 1
}

/**
 * Exactly the arcs whose owner differs between two rings, in clockwise order, neighbours with the
 * same source and target made one. Between two consecutive tokens of either ring nothing changes,
 * so one pass over both token lists sees every arc.
 */
export function moves(before: Ring, after: Ring): Arc[] {
  const arcs: Arc[] = []
  const [old, next] = [new Walk(before), new Walk(after)]
  let from = Math.max(
    before.tokens[before.tokens.length - 1],
    after.tokens[after.tokens.length - 1],
  )
  for (let to = Math.min(old.token, next.token); to < CIRCLE; ) {
    const source = old.owner
    const target = next.owner
    if (source !== target) append(arcs, { from, to, source, target })
    from = to
    old.pass(to)
    next.pass(to)
    to = Math.min(old.token, next.token)
  }
  return joinAcrossZero(arcs)
}

/**
 * The same to look at, in `pieces` pieces at most: exact where there are no more arcs than that. Else
 * each piece of the circle stands for the position at its end, as `Ring.ownersAround` has it.
 */
export function drawnMoves(before: Ring, after: Ring, pieces: number): Arc[] {
  const exact = moves(before, after)
  if (exact.length <= pieces) return exact
  const [sources, targets] = [before.ownersAround(pieces), after.ownersAround(pieces)]
  const arcs: Arc[] = []
  for (let piece = 0; piece < pieces; piece++) {
    const source = before.members[sources[piece]].id
    const target = after.members[targets[piece]].id
    const from = ((piece + pieces - 1) % pieces) * (CIRCLE / pieces)
    const to = piece * (CIRCLE / pieces)
    if (source !== target) append(arcs, { from, to, source, target })
  }
  return joinAcrossZero(arcs)
}

/** A ring's tokens in order; past the last one the first token's owner goes on. */
class Walk {
  private readonly ring: Ring
  private at = 0

  constructor(ring: Ring) {
    this.ring = ring
  }

  /** CIRCLE past the last one. */
  get token(): number {
    return this.at < this.ring.tokens.length ? this.ring.tokens[this.at] : CIRCLE
  }

  get owner(): string {
    const { members, tokens, tokenOwners } = this.ring
    return members[tokenOwners[this.at < tokens.length ? this.at : 0]].id
  }

  pass(position: number): void {
    if (this.token === position) this.at++
  }
}

/** The share of the circle that changes owner, 0 to 1. */
export function movedShare(arcs: readonly Arc[]): number {
  let positions = 0
  for (const arc of arcs) positions += span(arc)
  return positions / CIRCLE
}

function append(arcs: Arc[], arc: Arc): void {
  const last = arcs.at(-1)
  if (last !== undefined && continues(last, arc)) arcs[arcs.length - 1] = { ...last, to: arc.to }
  else arcs.push(arc)
}

function continues(first: Arc, second: Arc): boolean {
  return (
    first.to === second.from && first.source === second.source && first.target === second.target
  )
}

/** The first arc begins at the greatest token: it may be the end of the last one. */
function joinAcrossZero(arcs: Arc[]): Arc[] {
  if (arcs.length < 2) return arcs
  const first = arcs[0]
  const last = arcs[arcs.length - 1]
  if (!continues(last, first)) return arcs
  return [{ ...first, from: last.from }, ...arcs.slice(1, -1)]
}
