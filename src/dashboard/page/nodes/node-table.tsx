import type { JSX } from 'preact'
import { Sparkline } from '../charts/sparkline.js'
import { usePage } from '../frame/context.js'
import { type NodeView, nodesOf, type View } from '../live/board.js'
import { bytes, micros, NONE, percent, short, whole } from '../numbers.js'

interface Props {
  readonly view: View
  readonly isStale: boolean
  onAdd(): void
  onDrain(id: string): void
  onFail(id: string): void
}

/** Every node has three charts: of more than so many, only those of the first are drawn. */
const MAX_CHARTED = 32

const COLUMNS = [
  'Node',
  'Share',
  'Memory',
  'Items',
  'Operations/s',
  'Hit ratio',
  'Write p99',
  'Waiting',
]

const WHY_LAST = 'why-last'

/** What each node holds and does, and what can be done to it. */
export function NodeTable({ view, isStale, onAdd, onDrain, onFail }: Props) {
  const nodes = nodesOf(view)
  const isLast = view.ring !== undefined && view.ring.members.length < 2
  return (
    <section class="panel nodes" aria-labelledby="nodes-title">
      <header>
        <h2 id="nodes-title">Nodes</h2>
        <button type="button" class="primary" onClick={onAdd}>
          Add a node…
        </button>
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard. */}
      <section class="scroll" tabIndex={0} aria-label="What each node holds and does">
        <table class={isStale ? 'cards stale' : 'cards'}>
          <thead>
            <tr>
              {COLUMNS.map((name) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
              <th scope="col">
                <span class="unseen">Actions</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {nodes.map((node, i) => (
              <Row
                key={node.id}
                node={node}
                isCharted={i < MAX_CHARTED}
                isLast={isLast}
                onDrain={() => onDrain(node.id)}
                onFail={() => onFail(node.id)}
              />
            ))}
          </tbody>
        </table>
      </section>
      {isLast && (
        <p id={WHY_LAST} class="muted">
          The last node of the ring can be neither drained nor failed.
        </p>
      )}
    </section>
  )
}

interface RowProps {
  readonly node: NodeView
  readonly isCharted: boolean
  readonly isLast: boolean
  onDrain(): void
  onFail(): void
}

function Row({ node, isCharted, isLast, onDrain, onFail }: RowProps) {
  const { board, colour } = usePage()
  const { id, state, live } = node
  const history = isCharted ? board.nodeHistory(id) : undefined
  const ink = colour(id)
  const rate = live === undefined ? undefined : live.gets + live.puts + live.deletes
  const hits = live === undefined || live.gets === 0 ? undefined : live.hits / live.gets
  const p99 = live?.latency?.p99Us
  const how = { disabled: isLast, 'aria-describedby': isLast ? WHY_LAST : undefined }
  return (
    <tr data-node={id}>
      <th scope="row">
        <i class="chip" style={{ background: ink }} aria-hidden="true" />
        <span class="node-id">{id}</span>
        <span class={`state ${state}`}>{state}</span>
      </th>
      <Cell name="Share" is="share">
        <span class="number">{percent(node.share)}</span>
      </Cell>
      <Cell name="Memory" is="memory">
        <MemoryBar node={node} ink={ink} />
      </Cell>
      <Cell name="Items" is="items">
        <span class="number">{whole(node.items)}</span>
      </Cell>
      <Cell name="Operations/s" is="rate" charted>
        <span class="number">{rate === undefined ? NONE : short(rate)}</span>
        {history && <Sparkline columns={history.columns('rate')} colour={ink} label="operations" />}
      </Cell>
      <Cell name="Hit ratio" is="hits" charted>
        <span class="number">{percent(hits)}</span>
        {history && (
          <Sparkline columns={history.columns('hits')} colour={ink} max={1.05} label="hit ratio" />
        )}
      </Cell>
      <Cell name="Write p99" is="p99" charted>
        <span class="number">{micros(p99)}</span>
        {history && <Sparkline columns={history.columns('p99')} colour={ink} label="write p99" />}
      </Cell>
      <Cell name="Waiting" is="queue">
        <span class="number">{live === undefined ? NONE : whole(live.queue)}</span>
      </Cell>
      <td class="actions">
        <button type="button" class="small" {...how} onClick={onDrain}>
          Drain…<span class="unseen"> {id}</span>
        </button>
        <button type="button" class="small risky" {...how} onClick={onFail}>
          Fail…<span class="unseen"> {id}</span>
        </button>
      </td>
    </tr>
  )
}

interface CellProps {
  readonly name: string
  /** What a test finds it by. */
  readonly is: string
  readonly charted?: boolean
  readonly children: JSX.Element | (JSX.Element | undefined | false)[]
}

function Cell({ name, is, charted, children }: CellProps) {
  return (
    <td data-name={name} data-figure={is} class={charted === true ? 'charted' : undefined}>
      {children}
    </td>
  )
}

function MemoryBar({ node, ink }: { readonly node: NodeView; readonly ink: string }) {
  const used = node.memoryBytes === 0 ? 0 : node.bytes / node.memoryBytes
  const text = `${bytes(node.bytes)} of ${bytes(node.memoryBytes)}`
  return (
    <div class="memory" title={text}>
      <span class="number">
        {bytes(node.bytes)}
        <span class="muted"> / {bytes(node.memoryBytes)}</span>
      </span>
      <Bar part={used} ink={ink} label={`Memory: ${text}`} />
    </div>
  )
}

interface BarProps {
  readonly part: number
  readonly label: string
  readonly ink?: string
}

export function Bar({ part, label, ink }: BarProps) {
  const width = `${Math.min(100, Math.max(0, part * 100)).toFixed(1)}%`
  return (
    // biome-ignore lint/a11y/useSemanticElements: a <meter> cannot be coloured alike in all browsers.
    <div
      class="bar"
      role="meter"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(Math.min(1, part) * 100)}
    >
      <i style={ink === undefined ? { width } : { width, background: ink }} />
    </div>
  )
}
