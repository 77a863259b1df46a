import { Horizon } from './horizon.js'
import { Journal } from './journal.js'
import { HORIZON_EPOCHS, type Memory } from './layout.js'
import { S_GHOST_CLOCK, type Spaces } from './spaces.js'

/** Share of a cache's capacity that its ghost remembers, in bytes of the items evicted (S3-FIFO). */
const GHOST_RATIO = 0.9
/** Steps of a ghost's clock for one capacity. */
const STEPS = 2 ** 12
/** Stamps of 18 bits: an entry that stayed for 64 capacities would look young again. */
const STAMP_MASK = 2 ** 18 - 1
/** Steps in which the whole table is looked at for stale entries, half a stamp's period. */
const SWEEP_MASK = 2 ** 17 - 1
const ENTRIES = 16

/**
 * The keys lately evicted from S, as fingerprints: an entry is 14 bits of the hash and an 18-bit
 * stamp of when it came, on a clock that counts evicted bytes. Lines of 16 entries, the stalest
 * of a line gives way. One key in 1,000 is mistaken for another, which costs no more than a hint.
 */
export class Ghost {
  private readonly words: Int32Array
  private readonly journal: Journal
  private readonly spaces: Spaces
  private readonly horizon: Horizon
  private readonly ghostAt: number
  private readonly lineCount: number
  private readonly scale: number

  constructor(memory: Memory, spaces: Spaces) {
    this.words = memory.words
    this.journal = new Journal(memory)
    this.spaces = spaces
    this.horizon = new Horizon(memory)
    this.ghostAt = memory.shape.ghostAt
    this.lineCount = memory.shape.ghostLines
    this.scale = memory.shape.ghostLines / 2 ** 32
  }

  /**
   * Remembers a key of `bytes` that left the queues of `set`, whose capacity is `capacity`. A step of
   * its own.
   */
  add(print: number, set: number, bytes: number, capacity: number): void {
    const { words } = this
    const line = this.lineOf(print)
    this.spaces.add(set, S_GHOST_CLOCK, (bytes * STEPS) / capacity)
    const stamp = this.stamp(set)
    let victim = line
    let oldest = -1
    for (let at = line; at < line + ENTRIES; at++) {
      const age = words[at] === 0 ? STAMP_MASK + 1 : (stamp - words[at]) & STAMP_MASK
      if (age > oldest) {
        oldest = age
        victim = at
      }
    }
    if (set === 0) {
      this.sweep(this.horizon.head, stamp)
      this.horizon.advance(stamp)
    }
    this.journal.set(victim, markOf(print) | stamp)
    if (set === 0) {
      this.horizon.add(stamp, bytes, Math.floor(capacity * GHOST_RATIO))
    }
    this.journal.commit()
  }

  /**
   * Looks at a share of the table for each step of the node's own clock, all of it every 32
   * capacities, and frees what is stale, before its stamp can look young again. Of other sets it
   * may free what is not: a hint lost, as rarely. Not noted: what is stale stays so.
   */
  private sweep(from: number, to: number): void {
    const { words } = this
    for (let stamp = from; stamp !== to; stamp = (stamp + 1) & STAMP_MASK) {
      const step = stamp & SWEEP_MASK
      const end = Math.floor(((step + 1) * this.lineCount) / (SWEEP_MASK + 1))
      let line = Math.floor((step * this.lineCount) / (SWEEP_MASK + 1))
      for (; line < end; line++) {
        const first = this.ghostAt + line * ENTRIES
        for (let at = first; at < first + ENTRIES; at++) {
          if (((to - words[at]) & STAMP_MASK) > HORIZON_EPOCHS) {
            words[at] = 0
          }
        }
      }
    }
  }

  /** Whether the key, now of `bytes`, is remembered; it is then forgotten. */
  take(print: number, set: number, bytes: number): boolean {
    const { words } = this
    const line = this.lineOf(print)
    const mark = markOf(print)
    for (let at = line; at < line + ENTRIES; at++) {
      const entry = words[at]
      if ((entry & ~STAMP_MASK) === mark && this.reaches(entry & STAMP_MASK, set, bytes)) {
        this.journal.set(at, 0)
        return true
      }
    }
    return false
  }

  private reaches(stamp: number, set: number, bytes: number): boolean {
    return set === 0
      ? this.horizon.take(stamp, bytes)
      : ((this.stamp(set) - stamp) & STAMP_MASK) <= GHOST_RATIO * STEPS
  }

  private lineOf(print: number): number {
    return this.ghostAt + (((print >>> 0) * this.scale) | 0) * ENTRIES
  }

  private stamp(set: number): number {
    return Math.floor(this.spaces.float(set, S_GHOST_CLOCK)) & STAMP_MASK
  }
}

/** Never 0, so that no entry of a key is: those are the empty ones. */
function markOf(print: number): number {
  const mark = (print << 18) | 0
  return mark === 0 ? 1 << 18 : mark
}
