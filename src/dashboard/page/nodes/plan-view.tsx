import { useMemo } from 'preact/hooks'
import type { Plan, Ring } from '../../../client/index.js'
import { bytes, counted, percent, whole } from '../numbers.js'
import { arcsOf, type MovingArc, thinned } from '../ring/arcs.js'
import { NodeName } from '../ring/key-lookup.js'
import { RingFigure } from '../ring/ring-figure.js'
import { Bar } from './node-table.js'

interface Props {
  readonly ring: Ring
  /** Undefined while it is being made for the first time, and where it could not be made. */
  readonly plan: Plan | undefined
  readonly isCounting: boolean
}

const NO_MOVES: readonly MovingArc[] = []

/** What a change would do: its arcs on the circle, and in numbers. */
export function PlanView({ ring, plan, isCounting }: Props) {
  const arcs = useMemo(() => arcsOf(ring), [ring])
  const moves = useMemo(() => (plan?.moves === undefined ? NO_MOVES : thinned(plan.moves)), [plan])
  if (plan === undefined) {
    return (
      <div class="plan">
        <RingFigure arcs={arcs} label="The ring as it is">
          <span class="muted">{isCounting ? '…' : 'no plan'}</span>
        </RingFigure>
        {isCounting && <p class="muted">Counting the keys that would move…</p>}
      </div>
    )
  }
  const { planned, dropped, share, targets } = plan
  return (
    <div class="plan">
      <RingFigure
        arcs={arcs}
        moves={moves}
        isBefore
        label={`${counted(plan.arcs, 'arc')} would move: ${percent(share)} of the circle`}
      >
        <b class="number big">{percent(share)}</b>
        <span class="muted">of the circle</span>
      </RingFigure>
      <div>
        <dl class="facts">
          <dt>Keys that move</dt>
          <dd class="number">{whole(planned.keys)}</dd>
          <dt>Bytes</dt>
          <dd class="number">{bytes(planned.bytes)}</dd>
          <dt>Arcs</dt>
          <dd class="number">{whole(plan.arcs)}</dd>
          {dropped.keys > 0 && (
            <>
              <dt>Let go (economy)</dt>
              <dd class="number warn">{counted(dropped.keys, 'key')}</dd>
            </>
          )}
        </dl>
        <p class="fine">Arcs that move change between the colours of both their owners.</p>
        <table class="targets">
          <caption>Who takes them, and the room there is</caption>
          <tbody>
            {targets.map(({ id, incomingBytes, freeBytes }) => (
              <tr key={id}>
                <th scope="row">
                  <NodeName id={id} />
                </th>
                <td class="number">
                  {bytes(incomingBytes)}
                  <span class="muted"> of {bytes(freeBytes)} free</span>
                  <Bar
                    part={freeBytes === 0 ? 1 : incomingBytes / freeBytes}
                    label={`${bytes(incomingBytes)} of ${bytes(freeBytes)} free`}
                  />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  )
}
