import type { TopLevelSpec } from 'vega-lite'
import { renderSvg } from '../charts.js'
import { type ComparedRow, meanOf, peerNames } from './compare.js'

const OURS = 'Annulus'
const OPTIMUM = 'optimum'
/** Told apart by people who see colours differently, too (after Okabe and Ito 2008). */
const COLOURS: ReadonlyMap<string, string> = new Map([
  ['LRU', '#56b4e9'],
  ['CLOCK', '#0072b2'],
  ['SIEVE', '#009e73'],
  ['S3-FIFO', '#e69f00'],
  ['ARC', '#cc79a7'],
  ['W-TinyLFU', '#7a5195'],
  [OPTIMUM, '#b0b0b0'],
  [OURS, '#d62728'],
])

/** Labels for readers aloud: the table beside it says the same, and they would be half the file. */
const LABELS = / (?:role|aria-\w+)="[^"]*"/g
/** More digits than anyone sees. */
const LONG_NUMBER = /\d+\.\d{2,}/g

/** One trace's hit ratios over the size of the cache, as SVG: a line a policy, ours the thick one. */
export async function curveSvg(trace: string, rows: readonly ComparedRow[]): Promise<string> {
  const values = rows.flatMap((row) => [
    ...peerNames.map((policy) => point(row, policy, row.peers[policy])),
    ...(row.opt === undefined ? [] : [point(row, OPTIMUM, row.opt)]),
    point(row, OURS, meanOf(row.ours)),
  ])
  const drawn = new Set(values.map(({ policy }) => policy))
  const colours = [...COLOURS].filter(([policy]) => drawn.has(policy))
  const sizes = rows.map((row) => row.size)
  const spec: TopLevelSpec = {
    title: trace,
    width: 420,
    height: 260,
    data: { values },
    mark: 'line',
    encoding: {
      x: {
        field: 'size',
        type: 'quantitative',
        scale: { type: 'log', nice: false },
        axis: { values: sizes, format: ',', grid: false, labelOverlap: 'greedy' },
        title: rows[0].kind === 'bytes' ? 'MiB' : 'items that the cache holds',
      },
      y: { field: 'hits', type: 'quantitative', title: 'hit ratio, %', scale: { zero: false } },
      color: {
        field: 'policy',
        scale: {
          domain: colours.map(([policy]) => policy),
          range: colours.map(([, colour]) => colour),
        },
        title: null,
      },
      opacity: { condition: { test: is(OURS), value: 0.7 }, value: 1 },
      strokeWidth: { condition: { test: is(OURS), value: 3.5 }, value: 1.3 },
      strokeDash: { condition: { test: is(OPTIMUM), value: [4, 3] }, value: [1, 0] },
    },
  }
  const svg = await renderSvg(spec)
  return svg.replace(LABELS, '').replace(LONG_NUMBER, (digits) => Number(digits).toFixed(1))
}

function point({ size }: ComparedRow, policy: string, hits: number) {
  return { size, policy, hits: Number(hits.toFixed(2)) }
}

function is(policy: string): string {
  return `datum.policy === '${policy}'`
}
