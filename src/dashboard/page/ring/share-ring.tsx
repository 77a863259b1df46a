import { usePage } from '../frame/context.js'
import { pointAt } from './arcs.js'

export interface Shared {
  readonly id: string
  /** Part of the circle. */
  readonly share: number
}

const RADIUS = 62.5
const LABEL_RADIUS = 54.5
/** Below this there is no room for a name. */
const LEAST_LABELLED = 0.025
const GAP_DEGREES = 1.2

/** What the many arcs of each node come to: its share in one piece. */
export function ShareRing({ nodes }: { readonly nodes: readonly Shared[] }) {
  const { colour } = usePage()
  let from = 0
  const pieces = nodes.map((node) => {
    const piece = { ...node, from, to: from + node.share * 360 }
    from = piece.to
    return piece
  })
  return (
    <g class="shares">
      {pieces.map(({ id, share, from: begin, to }) => (
        <g key={id}>
          <path d={arcPath(begin, to)} style={{ stroke: colour(id) }} />
          {share >= LEAST_LABELLED && pieces.length > 1 && <Name id={id} at={(begin + to) / 2} />}
        </g>
      ))}
    </g>
  )
}

function Name({ id, at }: { readonly id: string; readonly at: number }) {
  const [x, y] = pointAt(at, LABEL_RADIUS)
  return (
    <text x={x} y={y}>
      {id.length > 6 ? `${id.slice(0, 5)}…` : id}
    </text>
  )
}

function arcPath(from: number, to: number): string {
  const sweep = to - from
  const gap = Math.min(GAP_DEGREES, sweep / 3) / 2
  if (sweep > 359.9) {
    return `M0 ${-RADIUS}A${RADIUS} ${RADIUS} 0 1 1 -0.01 ${-RADIUS}`
  }
  const [x, y] = pointAt(from + gap, RADIUS)
  const [endX, endY] = pointAt(to - gap, RADIUS)
  return `M${x} ${y}A${RADIUS} ${RADIUS} 0 ${sweep - 2 * gap > 180 ? 1 : 0} 1 ${endX} ${endY}`
}
