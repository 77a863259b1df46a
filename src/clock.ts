/** Milliseconds since the Unix epoch, whole. `shared` lets other threads read the same time. */
export interface Clock {
  now(): number
  readonly shared?: SharedArrayBuffer
}

export const systemClock: Clock = { now: Date.now }

/** For measuring work, in ms and parts of them. By a clock moved by hand, no work takes any time. */
export function stopwatchOf(clock: Clock): () => number {
  return clock === systemClock ? () => performance.now() : () => clock.now()
}

/** A clock that stands still until it is moved: for tests, on every thread at once. */
export class ManualClock implements Clock {
  readonly shared: SharedArrayBuffer
  private readonly time: Float64Array

  constructor(startMs = 1_700_000_000_000) {
    this.shared = new SharedArrayBuffer(8)
    this.time = new Float64Array(this.shared)
    this.time[0] = startMs
  }

  now(): number {
    return this.time[0]
  }

  advance(ms: number): void {
    this.time[0] += ms
  }
}

/** The clock of another thread: `shared` as its owner's Clock has it. */
export function clockFrom(shared: SharedArrayBuffer | undefined): Clock {
  if (shared === undefined) {
    return systemClock
  }
  const time = new Float64Array(shared)
  return { shared, now: () => time[0] }
}
