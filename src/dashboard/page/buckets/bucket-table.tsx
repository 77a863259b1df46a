import { useState } from 'preact/hooks'
import type { BucketFigures } from '../../../client/index.js'
import type { View } from '../live/board.js'
import { Bar } from '../nodes/node-table.js'
import { bytes, counted, percent, short, whole } from '../numbers.js'
import { COLUMNS, type Column, sorted } from './sorting.js'

/** The buckets that hold most. */
export function BucketTable({ view, isStale }: { readonly view: View; readonly isStale: boolean }) {
  const [by, setBy] = useState<Column>('bytes')
  const [isRising, setRising] = useState(false)
  const { buckets } = view.figures ?? {}
  const shown = buckets?.shown ?? []
  const rest = (buckets?.count ?? 0) - shown.length
  const sort = (column: Column) => {
    setRising(column === by ? !isRising : column === 'name')
    setBy(column)
  }
  return (
    <section class="panel buckets" aria-labelledby="buckets-title">
      <h2 id="buckets-title">Buckets</h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard. */}
      <section class="scroll" tabIndex={0} aria-label="Buckets, those with the most bytes">
        <table class={isStale ? 'stale' : undefined}>
          <thead>
            <tr>
              {COLUMNS.map(({ id, title }) => (
                <th
                  key={id}
                  scope="col"
                  class={id === 'name' ? undefined : 'right'}
                  aria-sort={id !== by ? 'none' : isRising ? 'ascending' : 'descending'}
                >
                  <button type="button" class="sort" onClick={() => sort(id)}>
                    {title}
                    <span aria-hidden="true">{id !== by ? '' : isRising ? ' ↑' : ' ↓'}</span>
                  </button>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {sorted(shown, by, isRising).map((bucket) => (
              <Row key={bucket.id} bucket={bucket} />
            ))}
          </tbody>
        </table>
      </section>
      <p class="fine">{restText(view, rest)}</p>
    </section>
  )
}

function Row({ bucket }: { readonly bucket: BucketFigures }) {
  const { id, name, tier, items, maxBytes, gets, hits, puts, evictions } = bucket
  return (
    <tr data-bucket={id}>
      <th scope="row">
        <span class="name" title={`${name} (${id})`}>
          {name}
        </span>
        {tier === 'economy' && <span class="state">economy</span>}
      </th>
      <td class="number right quota">
        {bytes(bucket.bytes)}
        {maxBytes !== null && (
          <Bar
            part={bucket.bytes / maxBytes}
            label={`Quota: ${bytes(bucket.bytes)} of ${bytes(maxBytes)}`}
          />
        )}
      </td>
      <td class="number right">{whole(items)}</td>
      <td class="number right">{short(gets)}</td>
      <td class="number right">{percent(gets > 0 ? hits / gets : undefined)}</td>
      <td class="number right">{short(puts)}</td>
      <td class="number right">{short(evictions)}</td>
    </tr>
  )
}

function restText({ figures }: View, rest: number): string {
  if (figures === undefined) return 'No live figures yet.'
  if (figures.buckets.count === 0) return 'There is no bucket yet.'
  return rest > 0 ? `and ${counted(rest, 'bucket')} with fewer bytes` : ''
}
