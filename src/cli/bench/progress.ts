import { performance } from 'node:perf_hooks'
import { grouped } from '../../units.js'
import { formatLatency } from './latency.js'
import type { Tally } from './tally.js'

/** Where the line goes: standard error, or a test's own stream. */
export interface Screen {
  readonly isTTY?: boolean | undefined
  readonly columns?: number | undefined
  write(text: string): unknown
}

/** How far the run is, 0 to 1; undefined where nobody knows. */
export type Share = () => number | undefined

const REDRAW_MS = 200
const LINE_EVERY_MS = 3_000

/**
 * Shows how the run goes: one line that is written anew on a terminal, and a line every few seconds
 * anywhere else. Returns what ends it.
 */
export function showProgress(
  screen: Screen,
  phase: string,
  tally: Tally,
  share: Share,
): () => void {
  const rewrites = screen.isTTY === true
  const from = performance.now()
  let before = { at: from, requests: tally.requests }
  const tick = () => {
    const now = performance.now()
    const rate = ((tally.requests - before.requests) * 1_000) / Math.max(1, now - before.at)
    before = { at: now, requests: tally.requests }
    const line = progressLine(phase, tally, rate, (now - from) / 1_000, share())
    if (rewrites) screen.write(`\r${line.slice(0, (screen.columns ?? 100) - 1)}\x1b[K`)
    else screen.write(`${line}\n`)
  }
  const timer = setInterval(tick, rewrites ? REDRAW_MS : LINE_EVERY_MS)
  return () => {
    clearInterval(timer)
    if (rewrites) screen.write('\r\x1b[K')
  }
}

export function progressLine(
  phase: string,
  tally: Tally,
  rate: number,
  seconds: number,
  share: number | undefined,
): string {
  const parts = [`${phase} ${seconds.toFixed(1)} s`]
  if (share !== undefined) parts.push(`${Math.floor(Math.min(1, share) * 100)} %`)
  parts.push(`${grouped(rate)} req/s`)
  const slow = Math.max(p99(tally.reads), p99(tally.writes))
  if (slow > 0) parts.push(`p99 ${formatLatency(slow)}`)
  if (tally.lookups > 0) parts.push(`hits ${(tally.hitRatio * 100).toFixed(1)} %`)
  if (tally.errorCount > 0) parts.push(`${grouped(tally.errorCount)} errors`)
  return parts.join('  ')
}

function p99(histogram: Tally['reads']): number {
  return histogram.totalCount === 0 ? 0 : histogram.getValueAtPercentile(99)
}
