import type { TopLevelSpec } from 'vega-lite'
import type { Row } from '../row.js'
import { figure } from '../table.js'
import type { WorkResult } from './results.js'

const OURS_COLOR = '#1971c2'
const PEERS_COLOR = '#adb5bd'
const WIDTH = 460
const BAR_HEIGHT = 22

type Chart = Extract<TopLevelSpec, { vconcat: unknown }>['vconcat'][number]

export function plotName({ number, name }: Pick<WorkResult, 'number' | 'name'>): string {
  return `${`${number}`.padStart(2, '0')}-${name}.svg`
}

/** Bars of a work, a chart for each group; undefined where there is nothing to draw. */
export function plotOf({ title, rows }: WorkResult): TopLevelSpec | undefined {
  const drawn = rows.filter(({ bar, skipped }) => bar !== undefined && skipped === undefined)
  const groups = [...new Set(drawn.map(({ bar }) => bar?.group ?? ''))]
  if (groups.length === 0) return undefined
  const vconcat = groups.map((group) =>
    chartOf(
      group,
      drawn.filter(({ bar }) => bar?.group === group),
    ),
  )
  return { title: { text: title, anchor: 'start', offset: 12 }, vconcat, spacing: 18 }
}

function chartOf(group: string, rows: readonly Row[]): Chart {
  const values = rows.map(({ bar, value, unit }) => ({
    label: bar?.label ?? '',
    isOurs: bar?.isOurs ?? false,
    value,
    shown: `${figure(value)} ${unit}`,
  }))
  const most = Math.max(...values.map(({ value }) => value))
  const y = { field: 'label', type: 'nominal', sort: null, title: null } as const
  // Room for the figure at the end of the longest bar.
  const x = {
    field: 'value',
    type: 'quantitative' as const,
    title: null,
    axis: null,
    scale: { domain: [0, most * 1.25] as number[] },
  }
  const color = {
    field: 'isOurs',
    type: 'nominal',
    scale: { domain: [true, false], range: [OURS_COLOR, PEERS_COLOR] },
    legend: null,
  } as const
  return {
    title: { text: group, anchor: 'start', fontSize: 11, fontWeight: 'normal' },
    data: { values },
    width: WIDTH,
    height: { step: BAR_HEIGHT },
    encoding: { y, x },
    layer: [
      { mark: { type: 'bar' }, encoding: { color } },
      {
        mark: { type: 'text', align: 'left', dx: 4 },
        encoding: { text: { field: 'shown', type: 'nominal' } },
      },
    ],
  }
}
