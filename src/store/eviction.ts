import type { Ghost } from './ghost.js'
import { F_MAIN, I_NEXT, I_PREV, REF_MASK, TOP_MASK } from './item.js'
import { Journal } from './journal.js'
import type { Memory } from './layout.js'
import { S3_FIFO } from './rules.js'
import {
  S_MAIN_BYTES,
  S_MAIN_HEAD,
  S_MAIN_TAIL,
  S_SMALL_BYTES,
  S_SMALL_HEAD,
  S_SMALL_TAIL,
  type Spaces,
} from './spaces.js'
import type { Tuning } from './tuning.js'
import { pickVictim, type Queues } from './victim.js'

/** What eviction asks about an item: the store knows, and so can a simulation. */
export interface Residence {
  frequency(ref: number, print: number): number
  setFrequency(ref: number, frequency: number): void
  /** Bytes that its eviction gives back. */
  bytes(ref: number): number
  /** A hash of bucket and key: what the ghost remembers it by. */
  print(ref: number): number
}

/**
 * Picks victims; frees nothing. Two FIFO queues a set, S and M, doubly linked through the items: a
 * new item enters S at its head, or M if the ghost knows it; S's tail goes to M if it deserves that,
 * else is the victim and the ghost remembers it; M's tail goes round again while it has frequency
 * left. What an item deserves is for the set's rule to say: see rules.ts and tuning.ts; without
 * `tuning` it is S3-FIFO. A set is the queues of one space record: space 0's for all buckets, or a
 * capped bucket's own.
 */
export class Eviction implements Queues {
  private readonly words: Int32Array
  private readonly journal: Journal
  private readonly spaces: Spaces
  private readonly ghost: Ghost
  private readonly residence: Residence
  private readonly tuning: Tuning | undefined
  /** Prints of the items that a choice has looked at last: each costs a look at a cold key. */
  private lastRef = 0
  private lastPrint = 0
  private otherRef = 0
  private otherPrint = 0

  constructor(memory: Memory, spaces: Spaces, ghost: Ghost, residence: Residence, tuning?: Tuning) {
    this.words = memory.words
    this.journal = new Journal(memory)
    this.spaces = spaces
    this.ghost = ghost
    this.residence = residence
    this.tuning = tuning
  }

  /** Bytes in the set's queues. */
  bytes(set: number): number {
    return this.spaces.float(set, S_SMALL_BYTES) + this.spaces.float(set, S_MAIN_BYTES)
  }

  /**
   * Whether a key that is about to enter goes to M: it left S lately, or the set is not full yet and
   * its rule asks nothing more. Asked before room is made for it, lest that push its own ghost out.
   */
  recall(print: number, set: number, bytes: number): boolean {
    const { tuning } = this
    tuning?.entering(print, set, bytes)
    const isKnown = this.ghost.take(print, set, bytes)
    if (tuning === undefined || tuning.isFilling(set)) {
      return isKnown || tuning !== undefined
    }
    const rule = tuning.ruleOf(set)
    return rule.direct || (isKnown && !rule.contest)
  }

  /** Puts an item at the head of S or M: a fresh one, or the caller has noted its own links. */
  push(ref: number, set: number, main: boolean): void {
    const { words, journal } = this
    const record = this.spaces.at(set)
    const headAt = record + (main ? S_MAIN_HEAD : S_SMALL_HEAD)
    const at = ref << 1
    const head = words[headAt]
    words[at + I_NEXT] = (words[at + I_NEXT] & TOP_MASK) | head
    const flags = main ? words[at + I_PREV] | F_MAIN : words[at + I_PREV] & ~F_MAIN
    words[at + I_PREV] = flags & TOP_MASK
    const tailAt = record + (main ? S_MAIN_TAIL : S_SMALL_TAIL)
    const after = head === 0 ? tailAt : (head << 1) + I_PREV
    journal.note2(headAt, after)
    words[after] = head === 0 ? ref : (words[after] & TOP_MASK) | ref
    words[headAt] = ref
    this.spaces.add(set, main ? S_MAIN_BYTES : S_SMALL_BYTES, this.residence.bytes(ref))
  }

  /** Takes an item out of its queue; its own links stay as they were. */
  unlink(ref: number, set: number, bytes = this.residence.bytes(ref)): void {
    const at = ref << 1
    const next = this.words[at + I_NEXT] & REF_MASK
    const prev = this.words[at + I_PREV] & REF_MASK
    this.tellNeighbours(ref, set, next, prev)
    const main = (this.words[at + I_PREV] & F_MAIN) !== 0
    this.spaces.add(set, main ? S_MAIN_BYTES : S_SMALL_BYTES, -bytes)
  }

  /** `ref` takes the place of `old` in its queue: an overwrite does not make an item young again. */
  replace(old: number, ref: number, set: number): void {
    const { words } = this
    const main = words[(old << 1) + I_PREV] & F_MAIN
    const at = ref << 1
    words[at + I_NEXT] = (words[at + I_NEXT] & TOP_MASK) | (words[(old << 1) + I_NEXT] & REF_MASK)
    const flags = (words[at + I_PREV] & TOP_MASK & ~F_MAIN) | main
    words[at + I_PREV] = flags | (words[(old << 1) + I_PREV] & REF_MASK)
    this.relocated(ref, set)
    const grown = this.residence.bytes(ref) - this.residence.bytes(old)
    if (grown !== 0) {
      this.spaces.add(set, main === 0 ? S_SMALL_BYTES : S_MAIN_BYTES, grown)
    }
  }

  /** An item moved to another chunk, its words already copied: its neighbours learn of it. */
  relocated(ref: number, set: number): void {
    this.tellNeighbours(ref, set, ref, ref)
  }

  /** Whoever stands before `ref`, or the head, points on to `next`; who stands after it, or the tail, back to `prev`. */
  private tellNeighbours(ref: number, set: number, next: number, prev: number): void {
    const { words, journal } = this
    const record = this.spaces.at(set)
    const at = ref << 1
    const main = (words[at + I_PREV] & F_MAIN) !== 0
    const before = words[at + I_PREV] & REF_MASK
    const after = words[at + I_NEXT] & REF_MASK
    const headAt = record + (main ? S_MAIN_HEAD : S_SMALL_HEAD)
    const tailAt = record + (main ? S_MAIN_TAIL : S_SMALL_TAIL)
    const nextAt = before === 0 ? headAt : (before << 1) + I_NEXT
    const prevAt = after === 0 ? tailAt : (after << 1) + I_PREV
    journal.note2(nextAt, prevAt)
    words[nextAt] = before === 0 ? next : (words[nextAt] & TOP_MASK) | next
    words[prevAt] = after === 0 ? prev : (words[prevAt] & TOP_MASK) | prev
  }

  /**
   * The item of the set that should go next, or 0 where the set is empty. It stays linked. Each item
   * that is given another chance, and each that the ghost is told of, is a step of its own.
   * `capacity`: bytes that the set can hold as things are.
   */
  victim(set: number, capacity: number): number {
    this.lastRef = 0
    this.otherRef = 0
    this.tuning?.evicting(set)
    return pickVictim(this, set, this.tuning?.ruleOf(set) ?? S3_FIFO, capacity)
  }

  smallTail(set: number): number {
    return this.words[this.spaces.at(set) + S_SMALL_TAIL]
  }

  mainTail(set: number): number {
    return this.words[this.spaces.at(set) + S_MAIN_TAIL]
  }

  smallBytes(set: number): number {
    return this.spaces.float(set, S_SMALL_BYTES)
  }

  mainBytes(set: number): number {
    return this.spaces.float(set, S_MAIN_BYTES)
  }

  itemBytes(ref: number): number {
    return this.residence.bytes(ref)
  }

  /** The item's hash; known at once for the victim that was just chosen. */
  print(ref: number): number {
    if (ref === this.lastRef) {
      return this.lastPrint
    }
    if (ref === this.otherRef) {
      return this.otherPrint
    }
    this.otherRef = this.lastRef
    this.otherPrint = this.lastPrint
    this.lastRef = ref
    this.lastPrint = this.residence.print(ref)
    return this.lastPrint
  }

  frequency(ref: number): number {
    return this.residence.frequency(ref, this.print(ref))
  }

  setFrequency(ref: number, frequency: number): void {
    this.residence.setFrequency(ref, frequency)
  }

  promote(ref: number, set: number): void {
    this.journal.note2((ref << 1) + I_NEXT, (ref << 1) + I_PREV)
    this.unlink(ref, set)
    this.push(ref, set, true)
    this.journal.commit()
  }

  estimate(ref: number): number {
    return this.tuning?.sketch.estimate(this.print(ref)) ?? 0
  }

  credit(ref: number, set: number, count: number): void {
    if (count > 0 && this.tuning?.watches(set)) {
      this.tuning.sketch.add(this.print(ref), count)
    }
  }

  remember(ref: number, set: number, capacity: number): void {
    this.ghost.add(this.print(ref), set, this.residence.bytes(ref), capacity)
  }
}
