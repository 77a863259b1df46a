import { useMemo } from 'preact/hooks'
import type uPlot from 'uplot'
import { LENGTH } from '../live/history.js'
import { Chart } from './chart.js'

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

/** The newest second is at the right edge, from the first one on. */
export function lastMinutes(_: uPlot, __: number, newest: number): [number, number] {
  return [newest - LENGTH, newest]
}
