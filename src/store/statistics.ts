import { type Counts, HISTOGRAM_FLOATS, Histogram } from '../histogram.js'
import { type Memory, STATISTICS_FLOATS } from './layout.js'

/** Behind the histogram of lags. */
const QUOTA_EVICTIONS = HISTOGRAM_FLOATS
const MEMORY_EVICTIONS = HISTOGRAM_FLOATS + 1

/**
 * What a store counts for its operators alone. No rule hangs on it, so it is in no journal: a death in
 * mid-step may count an item twice.
 */
export class Statistics {
  private readonly floats: Float64Array
  private readonly lags: Histogram

  constructor(memory: Memory) {
    const from = memory.shape.statisticsAt >> 1
    this.floats = memory.floats.subarray(from, from + STATISTICS_FLOATS)
    this.lags = new Histogram(this.floats)
  }

  /** An item whose time was up `lateMs` ago gives its memory back. */
  expired(lateMs: number): void {
    this.lags.record(lateMs)
  }

  /**
   * A bucket over its limit has lost an item. Both causes are counted, and none is told as a difference:
   * of two counts that grow while they are read it could step back.
   */
  evictedByQuota(): void {
    this.floats[QUOTA_EVICTIONS]++
  }

  /** Memory was full. */
  evictedByMemory(): void {
    this.floats[MEMORY_EVICTIONS]++
  }

  /** Milliseconds from deadlines to memory given back. */
  get lag(): Counts {
    return this.lags.counts()
  }

  get quotaEvictions(): number {
    return this.floats[QUOTA_EVICTIONS]
  }

  get memoryEvictions(): number {
    return this.floats[MEMORY_EVICTIONS]
  }
}
