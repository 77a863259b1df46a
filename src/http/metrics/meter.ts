import { type Counts, HISTOGRAM_FLOATS, Histogram } from '../../histogram.js'
import { problemKinds } from '../problem.js'

/** Of an answer that its client did not wait for. */
export const ABORTED = 0
const SUCCESSES = [200, 201, 202, 204, 304]
/** Further ones that a refusal may have, see Problem. */
const OTHERS = [415]

/** Every status that is answered; all are known, so that nobody can make up further ones. */
export const STATUSES: readonly number[] = [
  ABORTED,
  ...new Set(
    [...SUCCESSES, ...OTHERS, ...Object.values(problemKinds).map(({ status }) => status)].sort(
      (a, b) => a - b,
    ),
  ),
]
const PLACES = new Uint8Array(600)
for (const [place, status] of STATUSES.entries()) PLACES[status] = place

const ROUTE_FLOATS = HISTOGRAM_FLOATS + Math.ceil(STATUSES.length / 8) * 8
const US = 1_000

/**
 * What the acceptors of one server count, in shared memory: each in a part of its own, by plain stores.
 * Routes go by their number in the list of calls; behind them one stands for all that is no call.
 * An acceptor that takes a dead one's place goes on with its counts.
 */
export class Meters {
  readonly buffer: SharedArrayBuffer
  readonly acceptors: number
  readonly routes: number

  constructor(buffer: SharedArrayBuffer, routes: number) {
    this.buffer = buffer
    this.routes = routes
    this.acceptors = buffer.byteLength / bytesFor(routes)
  }

  static create(acceptors: number, routes: number): Meters {
    return new Meters(new SharedArrayBuffer(acceptors * bytesFor(routes)), routes)
  }

  of(acceptor: number): Meter {
    return new Meter(this.buffer, acceptor * bytesFor(this.routes), this.routes)
  }
}

function bytesFor(routes: number): number {
  return (HISTOGRAM_FLOATS + (routes + 1) * ROUTE_FLOATS) * 8
}

/** One acceptor's counts. */
export class Meter {
  /** The route of what is no call of ours. */
  readonly none: number
  /** Microseconds that the acceptor's event loop was late. */
  readonly loopDelay: Histogram
  private readonly floats: Float64Array
  private readonly durations: readonly Histogram[]

  constructor(buffer: SharedArrayBuffer, byteOffset: number, routes: number) {
    const floats = new Float64Array(buffer, byteOffset, bytesFor(routes) / 8)
    this.none = routes
    this.floats = floats
    this.loopDelay = new Histogram(floats)
    this.durations = Array.from({ length: routes + 1 }, (_, route) => {
      return new Histogram(floats, startOf(route))
    })
  }

  /** A request was answered, `ms` after it was read. */
  record(route: number, status: number, ms: number): void {
    this.count(route, status)
    this.durations[route].record(ms * US)
  }

  /** The same where nobody knows how long it took. */
  count(route: number, status: number): void {
    this.floats[startOf(route) + HISTOGRAM_FLOATS + PLACES[status]]++
  }

  /** How many answers had the status. */
  answers(route: number, status: number): number {
    return this.floats[startOf(route) + HISTOGRAM_FLOATS + PLACES[status]]
  }

  /** Microseconds. */
  duration(route: number): Counts {
    return this.durations[route].counts()
  }
}

function startOf(route: number): number {
  return HISTOGRAM_FLOATS + route * ROUTE_FLOATS
}
