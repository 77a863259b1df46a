import { build, type Histogram } from 'hdr-histogram-js'
import { Spread } from './latency.js'

const LONGEST_US = 120_000_000

/** What a run has come to so far. Latencies are in microseconds. */
export class Tally {
  readonly reads: Histogram = histogram()
  readonly writes: Histogram = histogram()
  /** Reads and writes together, for the picture. */
  readonly spread = new Spread()
  requests = 0
  /** Keys asked for, and of these the ones that were there. */
  lookups = 0
  hits = 0
  /** Keys written. */
  stored = 0
  sentBytes = 0
  /** What went wrong, and how often, with the server's own words for the first of each kind. */
  readonly errors = new Map<string, { count: number; detail: string }>()

  record(kind: 'read' | 'write', latencyMs: number): void {
    const us = Math.min(LONGEST_US, Math.max(1, Math.round(latencyMs * 1_000)))
    this.requests++
    const latencies = kind === 'read' ? this.reads : this.writes
    latencies.recordValue(us)
    this.spread.add(us)
  }

  fail(kind: string, detail: string): void {
    const known = this.errors.get(kind)
    if (known === undefined) this.errors.set(kind, { count: 1, detail })
    else known.count++
  }

  get errorCount(): number {
    let count = 0
    for (const error of this.errors.values()) count += error.count
    return count
  }

  /** NaN before the first lookup. */
  get hitRatio(): number {
    return this.hits / this.lookups
  }
}

function histogram(): Histogram {
  return build({ highestTrackableValue: LONGEST_US, numberOfSignificantValueDigits: 3 })
}
