import { useMemo } from 'preact/hooks'
import type { Receipt, Ring } from '../../../client/index.js'
import { usePage } from '../frame/context.js'
import { isCounting, isOver, nodesOf, progressOf, type View } from '../live/board.js'
import { titleOf } from '../live/news.js'
import { counted, NONE, percent, short, whole } from '../numbers.js'
import { arcsOf, CIRCLE, MAX_EXACT, SAMPLES, thinned } from './arcs.js'
import { type Marker, RingFigure } from './ring-figure.js'

interface Props {
  readonly view: View
  readonly marker: Marker | undefined
}

const NO_TICKS: readonly number[] = []

/** The ring, what moves on it, and the same as a table. */
export function RingPanel({ view, marker }: Props) {
  const { ring } = view
  const arcs = useMemo(() => (ring === undefined ? [] : arcsOf(ring)), [ring])
  const moves = useMemo(() => thinned(ring?.moves ?? []), [ring])
  const ticks = useMemo(() => ticksOf(ring), [ring])
  const running = view.migrations.find((one) => one.state === 'running')
  return (
    <section class="panel ring-panel" aria-labelledby="ring-title">
      <h2 id="ring-title">Ring</h2>
      <div class="ring-place">
        <RingFigure
          arcs={arcs}
          moves={moves}
          marker={marker}
          ticks={ticks}
          label={labelOf(view)}
          {...(ring?.positions === undefined ? { shares: ring?.nodes ?? [] } : {})}
        >
          {running === undefined ? <Pulse view={view} /> : <Moving receipt={running} />}
        </RingFigure>
      </div>
      <Legend view={view} />
      <p class="fine">
        {noteOf(ring)}
        {moves.length > 0 && ' Arcs that move change between the colours of both their owners.'}
      </p>
    </section>
  )
}

function Pulse({ view }: { readonly view: View }) {
  const { figures, ring } = view
  return (
    <>
      <b class="number huge">{figures === undefined ? NONE : short(figures.requests.rate)}</b>
      <span class="muted">requests/s</span>
      <span class="muted">{ring === undefined ? '' : counted(ring.members.length, 'node')}</span>
    </>
  )
}

function Moving({ receipt }: { readonly receipt: Receipt }) {
  const { planned, moved, returned, cancelling } = receipt
  return (
    <>
      <span class="strong">{titleOf(receipt)}</span>
      <b class="number huge">
        {isCounting(receipt) ? '…' : `${Math.floor(progressOf(receipt) * 100)} %`}
      </b>
      <span class="muted number">
        {isCounting(receipt)
          ? 'counting keys'
          : `${short(moved.keys - returned.keys)} of ${short(planned.keys)} keys`}
      </span>
      {cancelling && <span class="warn">going back</span>}
    </>
  )
}

/** The table that says what the circle shows. */
function Legend({ view }: { readonly view: View }) {
  const { colour } = usePage()
  const nodes = nodesOf(view)
  return (
    <details class="legend">
      <summary>As a table</summary>
      <table>
        <thead>
          <tr>
            <th scope="col">Node</th>
            <th scope="col">Share of the circle</th>
            <th scope="col">Weight</th>
          </tr>
        </thead>
        <tbody>
          {nodes.map(({ id, share, weight }) => (
            <tr key={id}>
              <th scope="row">
                <i class="chip" style={{ background: colour(id) }} aria-hidden="true" />
                {id}
              </th>
              <td class="number">{percent(share)}</td>
              <td class="number">{weight}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  )
}

function labelOf(view: View): string {
  const nodes = nodesOf(view)
  const parts = nodes.map(({ id, share }) => `${id} ${percent(share)}`)
  const open = view.migrations.filter((one) => !isOver(one)).map(titleOf)
  const moving = open.length === 0 ? '' : `. ${open.join(', ')}`
  return `The ring: ${counted(nodes.length, 'node')}. Shares of the circle: ${parts.join(', ')}${moving}`
}

function ticksOf(ring: Ring | undefined): readonly number[] {
  if (ring?.positions === undefined || ring.positions.length > MAX_EXACT / 4) return NO_TICKS
  return ring.positions.map((position) => (position / CIRCLE) * 360)
}

function noteOf(ring: Ring | undefined): string {
  if (ring === undefined) return ''
  if (ring.positions !== undefined) return `Every one of the ${whole(ring.tokens)} tokens is shown.`
  return `${whole(ring.tokens)} tokens, shown by the owners at ${whole(SAMPLES)} even distances.`
}
