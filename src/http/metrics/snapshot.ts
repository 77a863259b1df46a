import type { RingStatus } from '../../engine/ring-status.js'
import type { NodeReport } from '../../engine/statistics.js'
import { Counts } from '../../histogram.js'
import { type Meters, STATUSES } from './meter.js'
import type { Counted } from './migration-counts.js'

/** What all acceptors together have counted of one route. */
export interface RouteReport {
  readonly method: string
  readonly path: string
  readonly answers: readonly { readonly status: number; readonly count: number }[]
  /** Microseconds. */
  readonly duration: Counts
}

/** Everything that a server counts, at one moment. */
export interface Snapshot {
  readonly nodes: readonly NodeReport[]
  readonly ring: RingStatus
  readonly migrations: Counted
  readonly routes: readonly RouteReport[]
  /** Microseconds that event loops were late, an acceptor each. */
  readonly loopDelays: readonly Counts[]
  readonly acceptors: number
  readonly acceptorDeaths: number
  readonly connections: number
  readonly heldBytes: number
  readonly buckets: number
  readonly listeners: number
}

/** What stands for requests that are no call of ours. */
const NO_CALL = { method: 'none', path: 'none' }

interface Named {
  readonly method: string
  readonly path: string
}

/** Sums the acceptors' counts up by route. */
export function reportRoutes(meters: Meters, calls: readonly Named[]): RouteReport[] {
  const all = Array.from({ length: meters.acceptors }, (_, acceptor) => meters.of(acceptor))
  return [...calls, NO_CALL].map(({ method, path }, route) => {
    const duration = new Counts()
    for (const meter of all) duration.add(meter.duration(route))
    const answers = STATUSES.map((status) => ({
      status,
      count: all.reduce((sum, meter) => sum + meter.answers(route, status), 0),
    }))
    return { method, path, duration, answers: answers.filter(({ count }) => count > 0) }
  })
}

export function loopDelays(meters: Meters): Counts[] {
  return Array.from({ length: meters.acceptors }, (_, acceptor) => {
    return meters.of(acceptor).loopDelay.counts()
  })
}
