import type { Histogram } from '../histogram.js'

/** Of so many publications one is timed: looking at the clock twice costs a short write 3 %. */
const EVERY = 16
const US = 1_000

/** Times a sample of what a producer publishes, one at a time: until its last order is answered. */
export class Stopwatch {
  private readonly histogram: Histogram
  private until = EVERY
  private isRunning = false
  private sequence = 0
  private startedMs = 0

  constructor(histogram: Histogram) {
    this.histogram = histogram
  }

  /** Orders up to `sequence` are on their way. */
  start(sequence: number): void {
    if (--this.until > 0 || this.isRunning) return
    this.until = EVERY
    this.isRunning = true
    this.sequence = sequence
    this.startedMs = performance.now()
  }

  /** Orders up to `applied` are answered. */
  look(applied: number): void {
    if (!this.isRunning || ((applied - this.sequence) | 0) < 0) return
    this.isRunning = false
    this.histogram.record((performance.now() - this.startedMs) * US)
  }
}
