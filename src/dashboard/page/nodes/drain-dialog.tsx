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
  readonly node: string
  onClose(): void
}

/** A node hands its keys to those that stay, then leaves. */
export function DrainDialog({ ring, node, onClose }: Props) {
  const { client, announce } = usePage()
  const [pace, setPace] = useState<number>()
  const [isForced, setForced] = useState(false)
  const { isBusy, problem, act } = useAct()
  const planning = usePlan(`${node} ${ring.epoch}`, () =>
    client.planRemoveNode(node, { arcs: true }),
  )
  const { plan, isCounting } = planning
  const lacksRoom = plan !== undefined && !plan.fits

  const drain = () =>
    act(async () => {
      await client.removeNode(node, {
        force: isForced && lacksRoom,
        ...(pace === undefined ? {} : { pace }),
      })
      announce(`${node} leaves`)
      onClose()
    })

  return (
    <Dialog title={`Drain ${node}`} onClose={onClose}>
      <div class="fields">
        <PaceField onChange={setPace} />
      </div>
      <div class={isCounting ? 'answer counting' : 'answer'} aria-busy={isCounting}>
        <PlanView ring={ring} plan={plan} isCounting={isCounting} />
      </div>
      {lacksRoom && (
        <div class="warning">
          <p>
            The nodes that stay have not room for everything: add a node first, or let them evict.
          </p>
          <label class="check">
            <input
              type="checkbox"
              checked={isForced}
              onChange={({ currentTarget }) => setForced(currentTarget.checked)}
            />
            <span>Drain it all the same: keys are evicted</span>
          </label>
        </div>
      )}
      <p class="problem" role="alert">
        {problem ?? planning.problem}
      </p>
      <footer>
        <p class="muted" role="status">
          {plan === undefined || isCounting
            ? ''
            : `${counted(plan.planned.keys, 'key')}, ${bytes(plan.planned.bytes)}, go to other nodes; then ${node} leaves.`}
        </p>
        <button type="button" onClick={onClose}>
          Not now
        </button>
        <button
          type="button"
          class="primary"
          disabled={plan === undefined || isCounting || isBusy || (lacksRoom && !isForced)}
          onClick={drain}
        >
          Drain {node}
        </button>
      </footer>
    </Dialog>
  )
}
