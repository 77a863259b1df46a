import { type MovingArc, type OwnedArc, type Stretch, sweep } from './arcs.js'

/** Paints the band of the circle onto a square canvas, as many pixels as the screen has. */

/** Parts of half the canvas. */
export const OUTER = 0.91
export const INNER = 0.69
const DIM = 0.22
/** Each arc goes on a little below the next one, or seams would show between them. */
const OVERLAP_PX = 0.75

interface Painted extends Stretch {
  readonly colour: string
  readonly alpha: number
}

/** The ring as it is; where some arcs move, the others step back. */
export function paintRing(
  canvas: HTMLCanvasElement,
  arcs: readonly OwnedArc[],
  moves: readonly MovingArc[],
  colour: (node: string) => string,
  moving: (move: MovingArc) => string,
): void {
  const alpha = moves.length > 0 ? DIM : 1
  paint(canvas, [
    ...arcs.map(({ from, to, owner }) => ({ from, to, colour: colour(owner), alpha })),
    ...moves.map((move) => ({ from: move.from, to: move.to, colour: moving(move), alpha: 1 })),
  ])
}

/** Only what moves, in other colours: it comes and goes above the ring. */
export function paintMoves(
  canvas: HTMLCanvasElement,
  moves: readonly MovingArc[],
  colour: (move: MovingArc) => string,
): void {
  paint(
    canvas,
    moves.map((move) => ({ from: move.from, to: move.to, colour: colour(move), alpha: 1 })),
  )
}

function paint(canvas: HTMLCanvasElement, arcs: readonly Painted[]): void {
  const context = canvas.getContext('2d')
  if (context === null) return
  const half = canvas.width / 2
  const outer = half * OUTER
  const inner = half * INNER
  const overlap = OVERLAP_PX / outer
  context.clearRect(0, 0, canvas.width, canvas.height)
  for (const arc of arcs) {
    const [begin, end] = sweep(arc)
    context.beginPath()
    context.arc(half, half, outer, begin, Math.min(end + overlap, begin + 2 * Math.PI))
    context.arc(half, half, inner, Math.min(end + overlap, begin + 2 * Math.PI), begin, true)
    context.closePath()
    if (arc.alpha < 1) {
      // Over its neighbour's overlap: nothing of that may shine through.
      context.globalCompositeOperation = 'destination-out'
      context.globalAlpha = 1
      context.fill()
      context.globalCompositeOperation = 'source-over'
    }
    context.globalAlpha = arc.alpha
    context.fillStyle = arc.colour
    context.fill()
  }
}
