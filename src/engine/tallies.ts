/** A slot's two counters. */
const GETS = 0
const MISSES = 1

/**
 * How often buckets are read by other threads. Each thread counts in an array of its own, in shared
 * memory, by plain stores: hot buckets need no word that all cores fight for.
 */
export class Tallies {
  private readonly slots: number
  private readonly live = new Set<Float64Array>()
  /** Counts of threads that are gone. */
  private readonly past: Float64Array
  /** What the counters of a slot stood at when its bucket was made. */
  private readonly base: Float64Array

  constructor(slots: number) {
    this.slots = slots
    this.past = new Float64Array(slots * 2)
    this.base = new Float64Array(slots * 2)
  }

  /** For one more thread. */
  add(): Float64Array {
    const tally = new Float64Array(new SharedArrayBuffer(this.slots * 2 * 8))
    this.live.add(tally)
    return tally
  }

  /** The thread counts no more. */
  fold(tally: Float64Array): void {
    if (this.live.delete(tally)) {
      tally.forEach((count, at) => {
        this.past[at] += count
      })
    }
  }

  /** A new bucket has the slot. */
  restart(slot: number): void {
    this.base[slot * 2 + GETS] = this.sum(slot * 2 + GETS)
    this.base[slot * 2 + MISSES] = this.sum(slot * 2 + MISSES)
  }

  of(slot: number): { gets: number; misses: number } {
    const [gets, misses] = [slot * 2 + GETS, slot * 2 + MISSES]
    return {
      gets: this.sum(gets) - this.base[gets],
      misses: this.sum(misses) - this.base[misses],
    }
  }

  private sum(at: number): number {
    let sum = this.past[at]
    for (const tally of this.live) {
      sum += tally[at]
    }
    return sum
  }
}

/** One read by the thread whose tally it is. */
export function countRead(tally: Float64Array, slot: number, isMiss: boolean): void {
  tally[slot * 2 + GETS]++
  if (isMiss) {
    tally[slot * 2 + MISSES]++
  }
}
