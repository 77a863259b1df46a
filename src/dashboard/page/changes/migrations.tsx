import type { Receipt } from '../../../client/index.js'
import { usePage } from '../frame/context.js'
import { isCounting, isOver, progressOf, type View } from '../live/board.js'
import { titleOf } from '../live/news.js'
import { Bar } from '../nodes/node-table.js'
import { useAct } from '../nodes/use-plan.js'
import { bytes, counted, duration, percent, whole } from '../numbers.js'

const ENDED_SHOWN = 5

/** Changes of the ring: those that wait and run, and the last that ended. */
export function Migrations({ view }: { readonly view: View }) {
  const open = view.migrations.filter((one) => !isOver(one))
  const ended = view.migrations.filter(isOver).slice(0, ENDED_SHOWN)
  open.sort((a, b) => a.queuedAt.localeCompare(b.queuedAt))
  return (
    <section class="panel migrations" aria-labelledby="migrations-title">
      <h2 id="migrations-title">Migrations</h2>
      <ul>
        {[...open, ...ended].map((receipt) => (
          <Migration key={receipt.id} receipt={receipt} />
        ))}
      </ul>
      {open.length + ended.length === 0 && <p class="fine">None since the server started.</p>}
    </section>
  )
}

function Migration({ receipt }: { readonly receipt: Receipt }) {
  const { client } = usePage()
  const { problem, act, isBusy } = useAct()
  const { id, state, cancelling } = receipt
  const isOpen = !isOver(receipt)
  const part = progressOf(receipt)
  return (
    <li class={`migration ${state}`} data-migration={id} data-state={state}>
      <p class="line">
        <span class="strong">{titleOf(receipt)}</span>
        <span class={`state ${state}`}>{cancelling && isOpen ? 'going back' : state}</span>
        {isOpen && !cancelling && receipt.kind !== 'repair' && (
          <button
            type="button"
            class="small"
            disabled={isBusy}
            onClick={() => act(async () => void (await client.cancelMigration(id)))}
          >
            Cancel<span class="unseen"> {titleOf(receipt)}</span>
          </button>
        )}
      </p>
      {isOpen && <Bar part={part} label={`${titleOf(receipt)}: ${percent(part)}`} />}
      <p class="fine number">{progressText(receipt)}</p>
      {problem !== undefined && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
    </li>
  )
}

function progressText(receipt: Receipt): string {
  const { id, state, planned, moved, returned, dropped, copies, durationMs, problem } = receipt
  if (isCounting(receipt)) return `${id} · counts the keys that will move`
  if (state === 'queued') return `${id} · waits for those before it`
  if (state === 'failed') return `${id} · ${problem ?? 'for no known reason'}`
  const keys =
    receipt.kind === 'repair'
      ? `${counted(copies, 'copy', 'copies')} made`
      : `${whole(moved.keys)} of ${counted(planned.keys, 'key')} · ${bytes(moved.bytes)}`
  const parts = [id, keys]
  if (returned.keys > 0) parts.push(`${counted(returned.keys, 'key')} went back`)
  if (dropped.keys > 0) parts.push(`${counted(dropped.keys, 'key')} let go`)
  if (durationMs !== null) parts.push(duration(durationMs))
  return parts.join(' · ')
}
