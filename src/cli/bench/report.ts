import type { Histogram } from 'hdr-histogram-js'
import { formatSize, grouped } from '../../units.js'
import { formatLatency } from './latency.js'
import type { Tally } from './tally.js'

export interface Run {
  /** What was run, for people: the load and its server. */
  readonly title: readonly string[]
  readonly seconds: number
  readonly batch: number
  readonly interrupted: boolean
  readonly tally: Tally
}

/** The end of a run as lines for people. */
export function reportLines({ title, seconds, batch, interrupted, tally }: Run): string[] {
  const perSecond = (count: number) => `${grouped(count / Math.max(seconds, 1e-9))}/s`
  const lines = [...title]
  if (interrupted) lines.push('interrupted: this is what there was until then')
  const rows = [['requests', grouped(tally.requests), perSecond(tally.requests)]]
  if (batch > 1) {
    const items = tally.lookups + tally.stored
    rows.push(['keys', grouped(items), perSecond(items)])
  }
  if (tally.lookups > 0) {
    const ratio = `${(tally.hitRatio * 100).toFixed(2)} %`
    rows.push(['hit ratio', ratio, `${grouped(tally.hits)} of ${grouped(tally.lookups)} lookups`])
  }
  rows.push(['sent', formatSize(tally.sentBytes), 'in bodies'])
  rows.push(['errors', grouped(tally.errorCount), ''])
  lines.push('', ...rows.map(([name, value, note]) => row(name, value, note)), '')
  for (const [kind, { count, detail }] of tally.errors) {
    lines.push(`  ${grouped(count)} × ${kind}${detail === '' ? '' : `: ${detail}`}`)
  }
  if (tally.errors.size > 0) lines.push('')
  return [...lines, ...latencyLines(tally)]
}

function row(name: string, value: string, note: string): string {
  return `${name.padEnd(10)}${value.padStart(14)}   ${note}`.trimEnd()
}

const PERCENTILES = [50, 99, 99.9] as const

function latencyLines({ reads, writes, spread }: Tally): string[] {
  const heads = ['latency', 'p50', 'p99', 'p99.9', 'max']
  const table = [heads]
  for (const [name, histogram] of Object.entries({ reads, writes })) {
    if (histogram.totalCount > 0) table.push([name, ...latencies(histogram).map(formatLatency)])
  }
  if (table.length === 1) return []
  const lines = table.map(([first, ...cells]) => {
    return first.padEnd(10) + cells.map((cell) => cell.padStart(11)).join('')
  })
  return [...lines, '', ...spread.draw()]
}

function latencies(histogram: Histogram): number[] {
  return [...PERCENTILES.map((p) => histogram.getValueAtPercentile(p)), histogram.maxValue]
}

/** The same for a program. */
export function reportJson({ seconds, interrupted, tally }: Run): Record<string, unknown> {
  const latency = (histogram: Histogram) => {
    if (histogram.totalCount === 0) return null
    const [p50Us, p99Us, p999Us, maxUs] = latencies(histogram)
    return { count: histogram.totalCount, p50Us, p99Us, p999Us, maxUs }
  }
  return {
    seconds,
    interrupted,
    requests: tally.requests,
    requestsPerSecond: tally.requests / Math.max(seconds, 1e-9),
    lookups: tally.lookups,
    hits: tally.hits,
    hitRatio: tally.lookups === 0 ? null : tally.hitRatio,
    stored: tally.stored,
    sentBytes: tally.sentBytes,
    errors: Object.fromEntries([...tally.errors].map(([kind, { count }]) => [kind, count])),
    reads: latency(tally.reads),
    writes: latency(tally.writes),
  }
}
