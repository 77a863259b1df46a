import { useMemo } from 'preact/hooks'
import type uPlot from 'uplot'
import { LENGTH } from '../live/history.js'
import { Chart } from './chart.js'

const LEAST_SECONDS = 60

interface Props {
  readonly columns: [number[], ...(number | null)[][]]
  readonly colour: string
  readonly label: string
  /** The top of the scale; by the data where absent. */
  readonly max?: number
}

/** The last minutes of one figure, without axes: its number stands beside it. */
export function Sparkline({ columns, colour, label, max }: Props) {
  const last = columns[0].at(-1) ?? 0
  const data = useMemo(() => columns, [last, columns[0].length])
  return (
    <Chart
      data={data}
      look={colour}
      label={label}
      options={(width, height) => optionsOf(width, height, colour, max)}
    />
  )
}

function optionsOf(
  width: number,
  height: number,
  colour: string,
  max: number | undefined,
): uPlot.Options {
  return {
    width,
    height,
    pxAlign: false,
    padding: [2, 0, 1, 0],
    legend: { show: false },
    cursor: { show: false },
    axes: [{ show: false }, { show: false }],
    scales: {
      x: { time: true, range: lastMinutes },
      y: { range: (_, __, top) => [0, max ?? Math.max(top ?? 0, 1) * 1.1] },
    },
    series: [{}, { stroke: colour, width: 1.5, fill: `${colour}26`, points: { show: false } }],
  }
}

/** At first a minute, so that there is something to see; then as much as is kept. */
export function lastMinutes(_: uPlot, oldest: number, newest: number): [number, number] {
  const to = newest ?? Date.now() / 1_000
  return [Math.max(to - LENGTH, Math.min(oldest ?? to, to - LEAST_SECONDS)), to]
}
