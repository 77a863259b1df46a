import { useState } from 'preact/hooks'
import type { Ring } from '../../../client/index.js'
import { usePage } from '../frame/context.js'
import { Dialog } from '../frame/dialog.js'
import { bytes, counted } from '../numbers.js'
import { PaceField } from './pace-field.js'
import { PlanView } from './plan-view.js'
import { useAct, usePlan } from './use-plan.js'

interface Props {
  readonly ring: Ring
  onClose(): void
}

/** A node joins: first what it would take over, then it is asked for. */
export function AddDialog({ ring, onClose }: Props) {
  const { client, announce } = usePage()
  const [weight, setWeight] = useState('1')
  const [pace, setPace] = useState<number>()
  const { isBusy, problem, act } = useAct()
  const asked = weight.trim() === '' ? Number.NaN : Number(weight)
  const planning = usePlan(`${weight} ${ring.epoch}`, () =>
    Number.isNaN(asked)
      ? Promise.reject(new Error('Write a weight: 1 is an ordinary share.'))
      : client.planAddNode({ weight: asked, arcs: true }),
  )
  const { plan, isCounting } = planning

  const add = () =>
    act(async () => {
      const { node } = await client.addNode(
        pace === undefined ? { weight: asked } : { weight: asked, pace },
      )
      announce(`${node} joins`)
      onClose()
    })

  return (
    <Dialog title="Add a node" onClose={onClose}>
      <div class="fields">
        <label class="field">
          <span>Weight</span>
          <input
            type="number"
            min="0.01"
            max="1000"
            step="any"
            value={weight}
            onInput={(event) => setWeight(event.currentTarget.value)}
          />
        </label>
        <PaceField onChange={setPace} />
      </div>
      <div class={isCounting ? 'answer counting' : 'answer'} aria-busy={isCounting}>
        <PlanView ring={ring} plan={plan} isCounting={isCounting} />
      </div>
      {plan !== undefined && !plan.fits && (
        <p class="warning">
          It has not room for all that it takes over: keys would be evicted. Give it more weight.
        </p>
      )}
      <p class="problem" role="alert">
        {problem ?? planning.problem}
      </p>
      <footer>
        <p class="muted" role="status">
          {plan === undefined || isCounting
            ? ''
            : `${plan.node} takes over ${counted(plan.planned.keys, 'key')}, ${bytes(plan.planned.bytes)}.`}
        </p>
        <button type="button" onClick={onClose}>
          Not now
        </button>
        <button
          type="button"
          class="primary"
          disabled={plan === undefined || isCounting || isBusy}
          onClick={add}
        >
          Add {plan?.node ?? 'it'}
        </button>
      </footer>
    </Dialog>
  )
}
