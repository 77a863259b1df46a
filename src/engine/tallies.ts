import { LIMITS } from './options.js'

/**
 * A slot's two counters. Not all gets and the misses among them: others count on while both are read,
 * and their difference would step back now and then.
 */
const HITS = 0
const MISSES = 1

export interface Reads {
  readonly hits: number
  readonly misses: number
}

/** Nodes that may be up at one time: those of the ring, and some that come or go. */
export const LANES = 2 * LIMITS.nodes

/**
 * How often buckets are read by other threads, and nodes by all. Each thread counts in an array of its
 * own, in shared memory, by plain stores: hot buckets need no word that all cores fight for. Slots of
 * buckets come first, then a lane for each node.
 */
export class Tallies {
  private readonly slots: number
  private readonly buckets: number
  private readonly live = new Set<Float64Array>()
  /** Counts of threads that are gone. */
  private readonly past: Float64Array
  /** What the counters of a slot stood at when its bucket was made. */
  private readonly base: Float64Array

  constructor(buckets: number) {
    const slots = buckets + LANES
    this.buckets = buckets
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

  /** Another node has the lane. */
  restartNode(lane: number): void {
    this.restart(this.buckets + lane)
  }

  ofNode(lane: number): Reads {
    return this.of(this.buckets + lane)
  }

  /** A new bucket has the slot. */
  restart(slot: number): void {
    this.base[slot * 2 + HITS] = this.sum(slot * 2 + HITS)
    this.base[slot * 2 + MISSES] = this.sum(slot * 2 + MISSES)
  }

  of(slot: number): Reads {
    const [hits, misses] = [slot * 2 + HITS, slot * 2 + MISSES]
    return {
      hits: this.sum(hits) - this.base[hits],
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

/** The part of a thread's tally that is about nodes, by lane. */
export function nodesOf(tally: Float64Array): Float64Array {
  return tally.subarray(tally.length - LANES * 2)
}

/** One read by the thread whose tally it is. */
export function countRead(tally: Float64Array, slot: number, isMiss: boolean): void {
  tally[slot * 2 + (isMiss ? MISSES : HITS)]++
}
