/** What is drawn of a ring: stretches of the circle, in positions from 0 to 2^32 - 1. */

export const CIRCLE = 2 ** 32

/** The positions after `from` up to and with `to`; all of the circle where they are equal. */
export interface Stretch {
  readonly from: number
  readonly to: number
}

export interface OwnedArc extends Stretch {
  readonly owner: string
}

export interface MovingArc extends Stretch {
  readonly source: string
  readonly target: string
}

export interface RingShape {
  readonly members: readonly string[]
  /** Owners at even distances, as indexes of members. */
  readonly circle: readonly number[]
  /** Every token, sorted, and its owner: where they are few enough to be drawn one by one. */
  readonly positions?: readonly number[] | undefined
  readonly owners?: readonly number[] | undefined
}

/** Of thousands of tokens so many positions are drawn: a piece is then 2 pixels or more. */
export const SAMPLES = 512
/** Up to so many tokens each is an arc of its own. */
export const MAX_EXACT = 1_024

/** In clockwise order; neighbours of one owner are one arc, except where every token is shown. */
export function arcsOf(ring: RingShape): OwnedArc[] {
  const { members, positions, owners } = ring
  if (positions !== undefined && owners !== undefined && positions.length <= MAX_EXACT) {
    return positions.map((to, i) => ({
      from: positions[(i + positions.length - 1) % positions.length],
      to,
      owner: members[owners[i]],
    }))
  }
  const every = Math.max(1, Math.floor(ring.circle.length / SAMPLES))
  const count = Math.floor(ring.circle.length / every)
  const step = CIRCLE / count
  const arcs: OwnedArc[] = []
  for (let i = 0; i < count; i++) {
    const owner = members[ring.circle[i * every]]
    const to = i * step
    const last = arcs.at(-1)
    if (last !== undefined && last.owner === owner) arcs[arcs.length - 1] = { ...last, to }
    else arcs.push({ from: (to - step + CIRCLE) % CIRCLE, to, owner })
  }
  return arcs
}

/** Arcs thinned to what a screen shows: of many, those at the ends of even pieces. */
export function thinned(moves: readonly MovingArc[], pieces = SAMPLES): readonly MovingArc[] {
  if (moves.length <= pieces / 2) return moves
  const step = CIRCLE / pieces
  const found: MovingArc[] = []
  const sorted = [...moves].sort((a, b) => a.to - b.to)
  let at = 0
  for (let piece = 0; piece < pieces; piece++) {
    const to = piece * step
    while (at < sorted.length && sorted[at].to < to) at++
    const move = at < sorted.length ? sorted[at] : sorted[0]
    if (!holds(move, to)) continue
    const { source, target } = move
    const last = found.at(-1)
    const goesOn = last !== undefined && last.to === to - step
    if (goesOn && last.source === source && last.target === target) {
      found[found.length - 1] = { ...last, to }
    } else found.push({ from: (to - step + CIRCLE) % CIRCLE, to, source, target })
  }
  return found
}

export function holds({ from, to }: Stretch, position: number): boolean {
  return (position - from - 1) >>> 0 <= (to - from - 1) >>> 0
}

/** The part of the circle, 0 to 1. */
export function part({ from, to }: Stretch): number {
  return (((to - from - 1) >>> 0) + 1) / CIRCLE
}

/** Radians for a canvas: 0 is at the top, and it goes clockwise. */
export function radians(position: number): number {
  return (position / CIRCLE) * 2 * Math.PI - Math.PI / 2
}

/** Begin and end for a canvas; the end is greater, also across zero. */
export function sweep(arc: Stretch): readonly [begin: number, end: number] {
  const begin = radians(arc.from)
  return [begin, begin + part(arc) * 2 * Math.PI]
}

/** A point at an angle in degrees and a distance from the middle, in the units of an SVG. */
export function pointAt(degrees: number, radius: number): readonly [x: number, y: number] {
  const angle = (degrees * Math.PI) / 180
  return [rounded(Math.sin(angle) * radius), rounded(-Math.cos(angle) * radius)]
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100
}

/** Arcs that a node owns, as arcs that go to nobody: what is lost with it. */
export function arcsLost(arcs: readonly OwnedArc[], node: string): MovingArc[] {
  const lost: MovingArc[] = []
  arcs.forEach((arc, i) => {
    if (arc.owner !== node) return
    for (let step = 1; step < arcs.length; step++) {
      const { owner } = arcs[(i + step) % arcs.length]
      if (owner === node) continue
      lost.push({ from: arc.from, to: arc.to, source: node, target: owner })
      return
    }
  })
  return lost
}
