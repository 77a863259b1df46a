import { useMemo, useState } from 'preact/hooks'
import type uPlot from 'uplot'
import { usePage } from '../frame/context.js'
import { micros, NONE, percent, short } from '../numbers.js'
import type { Scheme } from '../ring/colours.js'
import { Chart } from './chart.js'
import { lastMinutes } from './sparkline.js'

interface Inks {
  readonly first: string
  readonly second: string
  readonly bad: string
  readonly text: string
  readonly grid: string
}

const INKS: Readonly<Record<Scheme, Inks>> = {
  light: {
    first: '#2f6fed',
    second: '#0f8a6d',
    bad: '#c8323c',
    text: '#566179',
    grid: '#dfe4ee',
  },
  dark: {
    first: '#7aa2ff',
    second: '#4fd1ae',
    bad: '#ff7b83',
    text: '#93a0b4',
    grid: '#222a37',
  },
}

interface Line {
  readonly name: string
  readonly ink: keyof Inks
  readonly filled?: boolean
}

interface Band {
  readonly title: string
  readonly lines: readonly Line[]
  shown(value: number): string
  range(bottom: number, top: number): [number, number]
  /** Powers of ten at even distances. */
  readonly isLogarithmic?: boolean
}

const REQUESTS: Band = {
  title: 'Requests a second',
  lines: [
    { name: 'answered', ink: 'first', filled: true },
    { name: '5xx', ink: 'bad' },
  ],
  shown: short,
  range: (_, top) => [0, Math.max(top, 1) * 1.1],
}
const HITS: Band = {
  title: 'Hit ratio',
  lines: [{ name: 'hits of gets', ink: 'second', filled: true }],
  shown: (value) => percent(value),
  range: () => [0, 1],
}
const LATENCY: Band = {
  title: 'Latency of requests',
  lines: [
    { name: 'p50', ink: 'second' },
    { name: 'p99', ink: 'first', filled: true },
  ],
  shown: micros,
  isLogarithmic: true,
  range: (bottom, top) => [powerBelow(Math.max(1, bottom)), powerAbove(Math.max(100, top))],
}

/** Requests, hit ratio and latency of the whole, over one time. */
export function WholeCharts({ atMs }: { readonly atMs: number }) {
  const { board } = usePage()
  const { whole } = board
  const requests = useMemo(() => whole.columns('rate', 'errors'), [atMs])
  const hits = useMemo(() => whole.columns('hits'), [atMs])
  const latency = useMemo(() => whole.columns('p50', 'p99'), [atMs])
  return (
    <section class="panel charts" aria-labelledby="charts-title">
      <h2 id="charts-title">The last minutes</h2>
      <BandChart band={REQUESTS} data={requests} />
      <BandChart band={HITS} data={hits} />
      <BandChart band={LATENCY} data={latency} />
    </section>
  )
}

function BandChart({ band, data }: { readonly band: Band; readonly data: uPlot.AlignedData }) {
  const { scheme } = usePage()
  const inks = INKS[scheme]
  /** Where the pointer is; the newest otherwise. */
  const [pointed, setPointed] = useState<number>()
  const at = pointed ?? data[0].length - 1
  const time = pointed === undefined ? undefined : data[0][pointed]
  const said = band.lines.map(({ name }, i) => {
    return `${name} ${valueAt(band, data[i + 1]?.at(-1))}`
  })
  return (
    <figure class="band">
      <figcaption>
        <span>
          {band.title}
          {time !== undefined && <span class="muted number"> at {minutes(time)}</span>}
        </span>
        <span class="keys">
          {band.lines.map(({ name, ink }, i) => (
            <span key={name}>
              <i style={{ background: inks[ink] }} />
              {name} <b class="number">{valueAt(band, data[i + 1]?.[at])}</b>
            </span>
          ))}
        </span>
      </figcaption>
      <Chart
        data={data}
        look={scheme}
        label={`${band.title}: ${said.join(', ')}`}
        options={(width, height) => optionsOf({ width, height, band, inks, onPoint: setPointed })}
      />
    </figure>
  )
}

function valueAt({ shown }: Band, value: number | null | undefined): string {
  return value === null || value === undefined ? NONE : shown(value)
}

interface Look {
  readonly width: number
  readonly height: number
  readonly band: Band
  readonly inks: Inks
  onPoint(at: number | undefined): void
}

function optionsOf({ width, height, band, inks, onPoint }: Look): uPlot.Options {
  const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize)
  const filter = (plot: uPlot, splits: number[]) => {
    if (band.isLogarithmic !== true) return splits
    const powers = splits.filter(isPowerOfTen)
    const every = Math.ceil((powers.length * rem * 1.3 * devicePixelRatio) / plot.bbox.height)
    const shown = powers.filter((_, i) => i % every === 0)
    return splits.map((value) => (shown.includes(value) ? value : null))
  }
  const axis: uPlot.Axis = {
    stroke: inks.text,
    grid: { stroke: inks.grid, width: 1 },
    ticks: { show: false },
    font: `${Math.round(rem * 0.7)}px system-ui, sans-serif`,
  }
  return {
    width,
    height,
    padding: [rem / 2, rem * 1.4, 0, 0],
    hooks: { setCursor: [({ cursor }) => onPoint(cursor.idx ?? undefined)] },
    legend: { show: false },
    cursor: { sync: { key: 'whole' }, drag: { x: false, y: false }, points: { size: 6 } },
    scales: {
      x: { time: true, range: lastMinutes },
      y: {
        distr: band.isLogarithmic === true ? 3 : 1,
        range: (_, bottom, top) => band.range(bottom ?? 0, top ?? 0),
      },
    },
    axes: [
      {
        ...axis,
        size: rem * 1.4,
        gap: 4,
        space: rem * 5,
        values: (_, times) => times.map(minutes),
      },
      {
        ...axis,
        size: rem * 3.6,
        gap: 6,
        space: rem * 1.5,
        filter,
        grid: { ...axis.grid, filter },
        values: (_, values) =>
          values.map((value) => (value === null ? '' : tidy(band.shown(value)))),
      },
    ],
    series: [
      {},
      ...band.lines.map(
        ({ name, ink, filled }): uPlot.Series => ({
          label: name,
          stroke: inks[ink],
          width: 1.75,
          points: { show: false },
          ...(filled === true ? { fill: `${inks[ink]}22` } : {}),
        }),
      ),
    ],
  }
}

/** 2.5k, where a figure that ticks would be 2.50k. */
function tidy(text: string): string {
  return text.replace(/(\.\d*?)0+(?=\D|$)/, '$1').replace(/\.(?=\D|$)/, '')
}

function isPowerOfTen(value: number): boolean {
  return Math.abs(Math.log10(value) - Math.round(Math.log10(value))) < 1e-9
}

function powerBelow(value: number): number {
  return 10 ** Math.floor(Math.log10(value))
}

function powerAbove(value: number): number {
  return 10 ** Math.ceil(Math.log10(value))
}

function minutes(seconds: number): string {
  const at = new Date(seconds * 1_000)
  const parts = [at.getHours(), at.getMinutes(), at.getSeconds()]
  return parts.map((part) => String(part).padStart(2, '0')).join(':')
}
