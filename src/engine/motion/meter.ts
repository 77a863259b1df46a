import { setTimeout as pass } from 'node:timers/promises'

/** Work of so much time is done in one go, then there is a pause in proportion. */
const SLICE_MS = 0.25
const LONGEST_PAUSE_MS = 250

/**
 * Keeps work beside the traffic to a part of this thread's time: `pace`, 0.01 to 1. Only what is
 * measured counts, not the time in which somebody else had the thread.
 */
export class Meter {
  private readonly pace: number
  private readonly stopwatch: () => number
  private spentMs = 0

  /** `stopwatch`: what measures, in ms; where it stands still, there are no pauses. */
  constructor(pace: number, stopwatch: () => number) {
    this.pace = pace
    this.stopwatch = stopwatch
  }

  measure<T>(work: () => T): T {
    const started = this.stopwatch()
    try {
      return work()
    } finally {
      this.spentMs += this.stopwatch() - started
    }
  }

  /** Resolves at once while the slice lasts, else after the pause that is due. */
  rest(): Promise<void> | undefined {
    const spent = this.spentMs
    if (spent < SLICE_MS) {
      return undefined
    }
    this.spentMs = 0
    const ms = Math.min(LONGEST_PAUSE_MS, spent * (1 / this.pace - 1))
    return ms < 0.5 ? new Promise((resolve) => setImmediate(resolve)) : pass(ms)
  }
}
