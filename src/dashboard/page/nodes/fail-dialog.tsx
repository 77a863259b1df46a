import { useMemo, useState } from 'preact/hooks'
import type { Ring } from '../../../client/index.js'
import { usePage } from '../frame/context.js'
import { Dialog } from '../frame/dialog.js'
import type { NodeView } from '../live/board.js'
import { bytes, counted, percent, whole } from '../numbers.js'
import { arcsLost, arcsOf, thinned } from '../ring/arcs.js'
import { NodeName } from '../ring/key-lookup.js'
import { RingFigure } from '../ring/ring-figure.js'
import { useAct } from './use-plan.js'

interface Props {
  readonly ring: Ring
  readonly node: NodeView
  onClose(): void
}

/** Declares a host bad: its memory is gone at once. So its name has to be typed. */
export function FailDialog({ ring, node, onClose }: Props) {
  const { client, announce } = usePage()
  const [typed, setTyped] = useState('')
  const { isBusy, problem, act } = useAct()
  const arcs = useMemo(() => arcsOf(ring), [ring])
  const lost = useMemo(() => thinned(arcsLost(arcs, node.id)), [arcs, node.id])
  const heirs = [...new Set(lost.map(({ target }) => target))]
  const isMeant = typed.trim() === node.id

  const fail = (event: Event) => {
    event.preventDefault()
    if (!isMeant) return
    act(async () => {
      const { migration } = await client.failNode(node.id)
      announce(`${node.id} is gone${migration === null ? '' : '; its copies are made anew'}`)
      onClose()
    })
  }

  return (
    <Dialog title={`Fail ${node.id}`} onClose={onClose}>
      <div class="plan">
        <RingFigure arcs={arcs} moves={lost} isLoss label={`The arcs of ${node.id} are lost`}>
          <b class="number big">{percent(node.share)}</b>
          <span class="muted">of the circle</span>
        </RingFigure>
        <div>
          <dl class="facts">
            <dt>Items that are lost</dt>
            <dd class="number bad">{whole(node.items)}</dd>
            <dt>Bytes</dt>
            <dd class="number bad">{bytes(node.bytes)}</dd>
            <dt>Its arcs go to</dt>
            <dd>
              {heirs.map((id) => (
                <NodeName key={id} id={id} />
              ))}
            </dd>
          </dl>
          <p class="fine">
            For a host that went bad. What it holds is gone at once: the next get of such a key is a
            miss, except in buckets with replicas, whose copies are made anew. To take a node out
            without a loss, drain it.
          </p>
        </div>
      </div>
      <form onSubmit={fail}>
        <label class="field">
          <span>
            Type <b>{node.id}</b> to fail it
          </span>
          <input
            type="text"
            value={typed}
            spellcheck={false}
            autocomplete="off"
            onInput={(event) => setTyped(event.currentTarget.value)}
          />
        </label>
        <p class="problem" role="alert">
          {problem}
        </p>
        <footer>
          <p class="muted" role="status">
            {isMeant ? `${counted(node.items, 'item')} will be lost.` : ''}
          </p>
          <button type="button" onClick={onClose}>
            Not now
          </button>
          <button type="submit" class="danger" disabled={!isMeant || isBusy}>
            Fail {node.id}
          </button>
        </footer>
      </form>
    </Dialog>
  )
}
