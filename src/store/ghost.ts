import type { Memory } from './layout.js'
import { S_GHOST_CLOCK, type Spaces } from './spaces.js'

/** Share of a cache's capacity that its ghost remembers, in bytes of the items evicted (S3-FIFO). */
const GHOST_RATIO = 0.9
/** Steps of a ghost's clock for one capacity: stamps of 16 bits then tell four capacities apart. */
const STEPS = 2 ** 14
const ENTRIES = 16

/**
 * The keys lately evicted from S, as fingerprints: an entry is 16 bits of the hash and a 16-bit
 * stamp of when it came, on a clock that counts evicted bytes. Lines of 16 entries, the stalest
 * of a line gives way. One key in 4,000 is mistaken for another, which costs no more than a hint.
 */
export class Ghost {
  private readonly words: Int32Array
  private readonly spaces: Spaces
  private readonly ghostAt: number
  private readonly scale: number

  constructor(memory: Memory, spaces: Spaces) {
    this.words = memory.words
    this.spaces = spaces
    this.ghostAt = memory.shape.ghostAt
    this.scale = memory.shape.ghostLines / 2 ** 32
  }

  /** Remembers a key of `bytes` that left the queues of `set`, whose capacity is `capacity`. */
  add(print: number, set: number, bytes: number, capacity: number): void {
    const { words } = this
    const line = this.lineOf(print)
    const stamp = this.stamp(set, capacity)
    let victim = line
    let oldest = -1
    for (let at = line; at < line + ENTRIES; at++) {
      const age = words[at] === 0 ? 0x10000 : (stamp - words[at]) & 0xffff
      if (age > oldest) {
        oldest = age
        victim = at
      }
    }
    words[victim] = markOf(print) | stamp
    this.spaces.add(set, S_GHOST_CLOCK, bytes)
  }

  /** Whether the key is remembered; it is then forgotten. */
  take(print: number, set: number, capacity: number): boolean {
    const { words } = this
    const line = this.lineOf(print)
    const mark = markOf(print)
    for (let at = line; at < line + ENTRIES; at++) {
      if ((words[at] & 0xffff_0000) === mark) {
        const age = (this.stamp(set, capacity) - words[at]) & 0xffff
        words[at] = 0
        return age <= GHOST_RATIO * STEPS
      }
    }
    return false
  }

  private lineOf(print: number): number {
    return this.ghostAt + (((print >>> 0) * this.scale) | 0) * ENTRIES
  }

  private stamp(set: number, capacity: number): number {
    return Math.floor((this.spaces.float(set, S_GHOST_CLOCK) * STEPS) / capacity) & 0xffff
  }
}

function markOf(print: number): number {
  const mark = print << 16
  return mark === 0 ? 1 << 16 : mark
}
