import {
  deadlineHighOf,
  deadlineOf,
  I_DEADLINE,
  I_WHEEL_NEXT,
  I_WHEEL_PREV,
  NEVER,
  REF_MASK,
  TOP_MASK,
} from './item.js'
import { Journal } from './journal.js'
import { C_WHEEL_MS, type Memory, WHEEL_LANES, WHEEL_LEVELS, WHEEL_SLOTS } from './layout.js'

const SLOT_COUNT = WHEEL_LEVELS * WHEEL_SLOTS
const LANE_SHIFT = Math.log2(WHEEL_LANES)
/** References up to this are lists of the wheel: the first item of a list points back to it. */
const LIST_COUNT = SLOT_COUNT * WHEEL_LANES
const BITS_PER_LEVEL = WHEEL_SLOTS / 32
/** Spreads references, which are multiples of their chunks' size, over a slot's lists. */
const SPREAD = 0x9e3779b1 | 0
const SPAN = [1, 2 ** 8, 2 ** 16, 2 ** 24, 2 ** 32]

/**
 * Items handled together, so that whoever frees them can have several cache misses at a time: as many
 * as one step's journal holds, at most 34 entries each.
 */
export const EXPIRY_BATCH = 28

/** Takes `count` due items, at the beginning of `refs`, off the wheel. */
export type Expire = (refs: Int32Array, count: number) => void

/**
 * A hierarchical timing wheel (Varghese & Lauck, "Hashed and hierarchical timing wheels", SOSP'87):
 * five levels of 256 slots, a slot of the first a millisecond wide. An item's slot is its deadline's
 * byte number L, L being the highest byte in which the deadline differs from the wheel's time: so
 * all of an item's life takes at most four cascades, and no item is looked at before its slot's turn.
 * Occupancy bits let `advance` jump over empty slots, and tell when it is next needed.
 *
 * A slot's items stand in eight lists, by their references: items lie all over the memory, so that a
 * step along a list is a cache miss, which the next one would have to wait for. Steps along several
 * lists do not wait for each other.
 */
export class Wheel {
  private readonly words: Int32Array
  private readonly floats: Float64Array
  private readonly journal: Journal
  private readonly headsAt: number
  private readonly bitsAt: number
  private readonly due = new Int32Array(EXPIRY_BATCH)
  /** What comes in each list after those that stand in `due`; the slot that they stood in. */
  private readonly rest = new Int32Array(WHEEL_LANES)
  private dueSlot = 0

  constructor(memory: Memory) {
    this.words = memory.words
    this.floats = memory.floats
    this.journal = new Journal(memory)
    this.headsAt = memory.shape.wheelAt
    this.bitsAt = memory.shape.wheelBitsAt
  }

  /** How far the wheel has turned, in ms since the base. */
  get now(): number {
    return this.floats[C_WHEEL_MS >> 1]
  }

  /**
   * Links an item whose deadline is set; one that is already past is due at once. The item's own
   * words are not noted: it is fresh, or the caller has noted them.
   */
  schedule(ref: number): void {
    const { words } = this
    const at = ref << 1
    const high = deadlineHighOf(words, at)
    const low = words[at + I_DEADLINE]
    if (high === 0xff && low === -1) {
      return // NEVER
    }
    this.link(ref, this.slotFor(high, low))
  }

  deschedule(ref: number): void {
    const { words, journal } = this
    const at = ref << 1
    this.unlink(ref)
    journal.note2(at + I_WHEEL_NEXT, at + I_WHEEL_PREV)
    words[at + I_WHEEL_NEXT] &= TOP_MASK
    words[at + I_WHEEL_PREV] &= TOP_MASK
  }

  /** Takes an item off the wheel whose own links nobody will look at again. */
  unlink(ref: number): void {
    const { words, journal } = this
    const at = ref << 1
    const prev = words[at + I_WHEEL_PREV] & REF_MASK
    const next = words[at + I_WHEEL_NEXT] & REF_MASK
    if (prev === 0) {
      return // has no TTL
    }
    const isFirst = prev <= LIST_COUNT
    const before = isFirst ? this.headsAt + prev - 1 : (prev << 1) + I_WHEEL_NEXT
    if (next !== 0) {
      const after = (next << 1) + I_WHEEL_PREV
      journal.note2(before, after)
      words[after] = (words[after] & TOP_MASK) | prev
    } else {
      journal.note(before)
    }
    words[before] = isFirst ? next : (words[before] & TOP_MASK) | next
    if (isFirst && next === 0) {
      this.clearBitIfEmpty((prev - 1) >> LANE_SHIFT)
    }
  }

  /** An item moved to another chunk, its words already copied: its neighbours learn of it. */
  relocated(ref: number): void {
    const { words, journal } = this
    const prev = words[(ref << 1) + I_WHEEL_PREV] & REF_MASK
    const next = words[(ref << 1) + I_WHEEL_NEXT] & REF_MASK
    if (prev === 0) {
      return
    }
    if (prev <= LIST_COUNT) {
      journal.set(this.headsAt + prev - 1, ref)
    } else {
      const before = (prev << 1) + I_WHEEL_NEXT
      journal.set(before, (words[before] & TOP_MASK) | ref)
    }
    if (next !== 0) {
      const after = (next << 1) + I_WHEEL_PREV
      journal.set(after, (words[after] & TOP_MASK) | ref)
    }
  }

  /**
   * Turns the wheel to `now` (ms since the base), handing due items to `expire`, which must take
   * them off the wheel and free them. Expiries and cascaded items count against `limit`. Returns
   * what is left of it: 0 means that the limit was reached and the wheel may be behind.
   *
   * The wheel's time is not noted: wherever it stands, the items stand right.
   */
  advance(now: number, limit: number, expire: Expire): number {
    let left = limit
    while (left > 0) {
      const event = this.next()
      if (event > now) {
        if (now > this.now) {
          this.floats[C_WHEEL_MS >> 1] = now
        }
        break
      }
      if (event > this.now) {
        this.floats[C_WHEEL_MS >> 1] = event
      }
      left = this.drain(left, expire)
    }
    return left
  }

  /** When something is next to be done, in ms since the base; Infinity if never. */
  next(): number {
    const wheelNow = this.now
    // Slots of a higher level whose turn has come hold items that may be due before any other.
    for (let level = WHEEL_LEVELS - 1; level > 0; level--) {
      if (this.isOccupied(level * WHEEL_SLOTS + byteOf(wheelNow, level))) {
        return wheelNow
      }
    }
    for (let level = 0; level < WHEEL_LEVELS; level++) {
      const slot = this.firstOccupied(level, byteOf(wheelNow, level))
      if (slot >= 0) {
        const span = SPAN[level]
        const turn = Math.floor(wheelNow / (span * WHEEL_SLOTS)) * span * WHEEL_SLOTS
        return Math.max(wheelNow, turn + slot * span)
      }
    }
    return Number.POSITIVE_INFINITY
  }

  /** Empties the slots whose turn it is, higher levels first, a batch at a time. */
  private drain(limit: number, expire: Expire): number {
    let left = limit
    for (let level = WHEEL_LEVELS - 1; level >= 0; level--) {
      const slot = level * WHEEL_SLOTS + byteOf(this.now, level)
      while (this.isOccupied(slot)) {
        if (left <= 0) {
          return 0
        }
        const count = this.gather(slot, Math.min(left, EXPIRY_BATCH))
        left -= count
        if (level === 0) {
          expire(this.due, count)
        } else {
          this.cascade(count)
        }
      }
    }
    return left
  }

  /** Writes the first items of a slot's lists down in `due`, in turns; returns how many. */
  private gather(slot: number, most: number): number {
    const { words, due, rest } = this
    const heads = this.headsAt + (slot << LANE_SHIFT)
    let left = 0
    for (let lane = 0; lane < WHEEL_LANES; lane++) {
      rest[lane] = words[heads + lane]
      left |= rest[lane]
    }
    let count = 0
    while (left !== 0) {
      left = 0
      for (let lane = 0; lane < WHEEL_LANES && count < most; lane++) {
        const ref = rest[lane]
        if (ref !== 0) {
          due[count++] = ref
          rest[lane] = words[(ref << 1) + I_WHEEL_NEXT] & REF_MASK
          left = 1
        }
      }
    }
    this.dueSlot = slot
    return count
  }

  /** Takes all that stands in `due` off its lists at once; the items' own links stay as they are. */
  unlinkDue(): void {
    const { words, journal, rest } = this
    const lists = this.dueSlot << LANE_SHIFT
    for (let lane = 0; lane < WHEEL_LANES; lane++) {
      const next = rest[lane]
      const head = this.headsAt + lists + lane
      if (words[head] !== next) {
        journal.set(head, next)
        if (next !== 0) {
          const first = (next << 1) + I_WHEEL_PREV
          journal.set(first, (words[first] & TOP_MASK) | (lists + lane + 1))
        }
      }
    }
    this.clearBitIfEmpty(this.dueSlot)
  }

  /** Brings the first `count` items of a slot, which stand in `due`, to the slots of lower levels. */
  private cascade(count: number): void {
    const { journal, due } = this
    for (let i = 0; i < count; i++) {
      journal.note2((due[i] << 1) + I_WHEEL_NEXT, (due[i] << 1) + I_WHEEL_PREV)
    }
    this.unlinkDue()
    for (let i = 0; i < count; i++) {
      this.schedule(due[i])
    }
    journal.commit()
  }

  /** Empties all lists; the items' links are made again by `schedule`. */
  reset(): void {
    this.words.fill(0, this.headsAt, this.bitsAt + SLOT_COUNT / 32)
  }

  /** Calls `visit` for every list with its slot and its first item. */
  lists(visit: (list: number, slot: number, ref: number) => void): void {
    for (let list = 0; list < LIST_COUNT; list++) {
      visit(list, list >> LANE_SHIFT, this.words[this.headsAt + list])
    }
  }

  /** Whether the slot's bit says what its lists do. */
  isBitRight(slot: number): boolean {
    return this.isOccupied(slot) === this.holdsItems(slot)
  }

  private holdsItems(slot: number): boolean {
    const heads = this.headsAt + (slot << LANE_SHIFT)
    return this.words.subarray(heads, heads + WHEEL_LANES).some((ref) => ref !== 0)
  }

  /** The slot in which an item belongs if it were scheduled now. */
  slotOf(ref: number): number {
    const { words } = this
    return deadlineOf(words, ref << 1) === NEVER
      ? -1
      : this.slotFor(deadlineHighOf(words, ref << 1), words[(ref << 1) + I_DEADLINE])
  }

  isOccupied(slot: number): boolean {
    return (this.words[this.bitsAt + (slot >> 5)] & (1 << (slot & 31))) !== 0
  }

  private slotFor(high: number, low: number): number {
    const wheelNow = this.now
    const nowHigh = (wheelNow / 2 ** 32) | 0
    const nowLow = wheelNow | 0
    if (high > nowHigh) {
      return 4 * WHEEL_SLOTS + high
    }
    if (high < nowHigh || low >>> 0 <= nowLow >>> 0) {
      return nowLow & 0xff
    }
    const level = (31 - Math.clz32(low ^ nowLow)) >> 3
    return level * WHEEL_SLOTS + ((low >>> (level * 8)) & 0xff)
  }

  private link(ref: number, slot: number): void {
    const { words, journal } = this
    const at = ref << 1
    const list = (slot << LANE_SHIFT) + (Math.imul(ref, SPREAD) >>> (32 - LANE_SHIFT))
    const head = words[this.headsAt + list]
    words[at + I_WHEEL_NEXT] = (words[at + I_WHEEL_NEXT] & TOP_MASK) | head
    words[at + I_WHEEL_PREV] = (words[at + I_WHEEL_PREV] & TOP_MASK) | (list + 1)
    const after = head === 0 ? this.bitsAt + (slot >> 5) : (head << 1) + I_WHEEL_PREV
    journal.note2(this.headsAt + list, after)
    words[after] = head === 0 ? words[after] | (1 << (slot & 31)) : (words[after] & TOP_MASK) | ref
    words[this.headsAt + list] = ref
  }

  private clearBitIfEmpty(slot: number): void {
    const { words } = this
    const heads = this.headsAt + (slot << LANE_SHIFT)
    for (let lane = 0; lane < WHEEL_LANES; lane++) {
      if (words[heads + lane] !== 0) {
        return
      }
    }
    const bits = this.bitsAt + (slot >> 5)
    this.journal.set(bits, words[bits] & ~(1 << (slot & 31)))
  }

  /** First occupied slot of the level at or after `from`, or -1. */
  private firstOccupied(level: number, from: number): number {
    const base = this.bitsAt + level * BITS_PER_LEVEL
    let word = from >> 5
    let bits = this.words[base + word] & (-1 << (from & 31))
    while (bits === 0) {
      if (++word === BITS_PER_LEVEL) {
        return -1
      }
      bits = this.words[base + word]
    }
    return word * 32 + (31 - Math.clz32(bits & -bits))
  }
}

function byteOf(time: number, level: number): number {
  return level === 4 ? ((time / 2 ** 32) | 0) & 0xff : ((time | 0) >>> (level * 8)) & 0xff
}
