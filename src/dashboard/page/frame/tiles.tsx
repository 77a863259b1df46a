import { nodesOf, type View } from '../live/board.js'
import { bytes, micros, NONE, percent, short } from '../numbers.js'

/** The whole in a few large figures. */
export function Tiles({ view, isStale }: { readonly view: View; readonly isStale: boolean }) {
  const { figures } = view
  const nodes = nodesOf(view)
  const sum = (of: (node: (typeof nodes)[number]) => number) =>
    nodes.reduce((total, node) => total + of(node), 0)
  const gets = sum(({ live }) => live?.gets ?? 0)
  const ratio = gets > 0 ? sum(({ live }) => live?.hits ?? 0) / gets : undefined
  const used = sum((node) => node.bytes)
  const memory = sum((node) => node.memoryBytes)
  const rate = (value: number | undefined) => (value === undefined ? NONE : short(value))
  const errors = figures?.requests.errorRate
  const latency = figures?.requests.latency
  const evictions = figures === undefined ? undefined : sum(({ live }) => live?.evictions ?? 0)
  return (
    <section class={isStale ? 'tiles stale' : 'tiles'} aria-label="The whole ring">
      <Tile is="rate" name="Requests/s" value={rate(figures?.requests.rate)} />
      <Tile is="hits" name="Hit ratio" value={percent(ratio)} />
      <Tile is="p50" name="Latency p50" value={micros(latency?.p50Us)} />
      <Tile is="p99" name="Latency p99" value={micros(latency?.p99Us)} />
      <Tile
        is="memory"
        name={`Memory, ${percent(memory === 0 ? 0 : used / memory)}`}
        value={bytes(used)}
      />
      <Tile is="items" name="Items" value={short(sum((node) => node.items))} />
      <Tile is="evictions" name="Evictions/s" value={rate(evictions)} />
      <Tile
        is="errors"
        name="5xx/s"
        value={rate(errors)}
        tone={errors !== undefined && errors > 0 ? 'bad' : ''}
      />
      <Tile is="loop" name="Event loop p99" value={micros(figures?.loopDelayUs)} />
    </section>
  )
}

interface TileProps {
  readonly is: string
  readonly name: string
  readonly value: string
  readonly tone?: string
}

function Tile({ is, name, value, tone = '' }: TileProps) {
  return (
    <p class={`tile ${tone}`} data-tile={is}>
      <span>{name}</span>
      <b class="number">{value}</b>
    </p>
  )
}
