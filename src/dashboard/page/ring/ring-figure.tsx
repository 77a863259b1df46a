import type { ComponentChildren } from 'preact'
import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import { usePage } from '../frame/context.js'
import { type MovingArc, type OwnedArc, pointAt } from './arcs.js'
import { INNER, OUTER, paintMoves, paintRing } from './band.js'
import { type Shared, ShareRing } from './share-ring.js'

export interface Marker {
  /** Degrees. */
  readonly angle: number
  readonly owner: string
}

interface Props {
  readonly arcs: readonly OwnedArc[]
  /** Arcs that move, or would: they change between their two colours. */
  readonly moves?: readonly MovingArc[]
  /** Whether `arcs` has them at their sources, or at their targets already. */
  readonly isBefore?: boolean
  /** Arcs that go for good: they fade to nothing. */
  readonly isLoss?: boolean
  readonly marker?: Marker | undefined
  /** Angles of tokens, where they are few. */
  readonly ticks?: readonly number[]
  /** Shares in one piece, inside: where arcs are too many to add up by eye. */
  readonly shares?: readonly Shared[]
  /** In words, for those who do not see it. */
  readonly label: string
  readonly children?: ComponentChildren
}

const NO_MOVES: readonly MovingArc[] = []

/** The ring as a circle: position 0 at the top, clockwise. */
export function RingFigure(props: Props) {
  const { arcs, moves = NO_MOVES, isBefore = false, isLoss = false, marker, ticks = [] } = props
  const { scheme, colour } = usePage()
  const place = useRef<HTMLDivElement>(null)
  const still = useRef<HTMLCanvasElement>(null)
  const moving = useRef<HTMLCanvasElement>(null)
  const pixels = usePixels(place)

  useEffect(() => {
    if (still.current === null || moving.current === null || pixels === 0) return
    still.current.width = still.current.height = pixels
    moving.current.width = moving.current.height = pixels
    const from = ({ source }: MovingArc) => colour(source)
    const to = ({ target }: MovingArc) => (isLoss ? 'transparent' : colour(target))
    paintRing(still.current, arcs, isLoss ? NO_MOVES : moves, colour, isBefore ? from : to)
    if (isLoss) paintRing(still.current, arcs, moves, colour, () => LOST)
    paintMoves(moving.current, moves, isLoss ? from : isBefore ? to : from)
  }, [arcs, moves, isBefore, isLoss, pixels, scheme, colour])

  const tickPath = useMemo(() => ticks.map(tickAt).join(''), [ticks])
  return (
    <div ref={place} class={moves.length > 0 ? 'ring moving' : 'ring'} data-moves={moves.length}>
      <canvas ref={still} role="img" aria-label={props.label} />
      <canvas ref={moving} class="movement" />
      <svg viewBox="-100 -100 200 200" aria-hidden="true">
        <path class="tick" d={tickPath} />
        {props.shares !== undefined && <ShareRing nodes={props.shares} />}
        {marker !== undefined && <MarkerLines marker={marker} colour={colour(marker.owner)} />}
      </svg>
      <div class="middle">{props.children}</div>
    </div>
  )
}

const LOST = '#7f8794'

function MarkerLines({ marker, colour }: { readonly marker: Marker; readonly colour: string }) {
  const [x, y] = pointAt(marker.angle, INNER * 100 - 1)
  const [tipX, tipY] = pointAt(marker.angle, OUTER * 100 + 2)
  const [dotX, dotY] = pointAt(marker.angle, OUTER * 100 + 4.5)
  return (
    <g class="marker">
      <path class="halo" d={`M${x} ${y}L${tipX} ${tipY}`} />
      <path d={`M${x} ${y}L${tipX} ${tipY}`} />
      <circle cx={dotX} cy={dotY} r="3.8" style={{ fill: colour }} />
    </g>
  )
}

function tickAt(degrees: number): string {
  const [x, y] = pointAt(degrees, OUTER * 100 - 1)
  const [endX, endY] = pointAt(degrees, OUTER * 100 + 3)
  return `M${x} ${y}L${endX} ${endY}`
}

/** The width of the square in pixels of the screen; 0 until it is known. */
function usePixels(place: { readonly current: HTMLElement | null }): number {
  const [pixels, setPixels] = useState(0)
  useEffect(() => {
    const { current } = place
    if (current === null) return
    const observer = new ResizeObserver(([entry]) => {
      setPixels(Math.round(entry.contentRect.width * Math.min(3, devicePixelRatio)))
    })
    observer.observe(current)
    return () => observer.disconnect()
  }, [])
  return pixels
}
