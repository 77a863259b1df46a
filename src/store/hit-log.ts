import { itemBytes } from './assembler.js'
import { F_OWN_QUEUE, I_PREV, keyLengthOf, spaceOf, valueLengthOf } from './item.js'
import { HIT_ENTRIES, type Memory } from './layout.js'

const H_MASK = 0
const H_SET = 1
/** In a cache line of its own: readers write it. */
const H_HEAD = 16
const H_ENTRIES = 32
const ENTRY_WORDS = 2
const NOTHING = -1
/** Bits of the hash that neither tag nor, but for huge memories, line depend on. */
const SAMPLE_SHIFT = 8

/**
 * How hits of a sample of keys reach the writer: readers on any thread add print and bytes of the
 * item to a ring, by plain stores. Those of two threads may fall upon one another, and what the
 * writer does not fetch in time is overwritten: it is a sample anyway.
 */
export class HitLog {
  private readonly words: Int32Array
  private readonly at: number
  /** Up to where this writer has read. */
  private tail: number

  constructor(memory: Memory) {
    this.words = memory.words
    this.at = memory.shape.hitsAt
    this.tail = memory.words[memory.shape.hitsAt + H_HEAD]
  }

  /** The set whose keys are sampled. */
  get set(): number {
    return this.words[this.at + H_SET]
  }

  /** Turns to another set; nothing is sampled for now. */
  watch(set: number): void {
    this.words[this.at + H_MASK] = NOTHING
    this.words[this.at + H_SET] = set
  }

  /** From now on, one key in 2^`bits` is sampled. */
  sample(bits: number): void {
    this.words[this.at + H_MASK] = ((1 << bits) - 1) << SAMPLE_SHIFT
  }

  isSampled(print: number): boolean {
    return (print & this.words[this.at + H_MASK]) === 0
  }

  /** A reader found the item at word `item`, or what lay there then. */
  hit(print: number, item: number): void {
    const { words, at } = this
    if ((print & words[at + H_MASK]) !== 0) {
      return
    }
    const set = (words[item + I_PREV] & F_OWN_QUEUE) !== 0 ? spaceOf(words, item) : 0
    if (set === words[at + H_SET]) {
      this.note(print, itemBytes(keyLengthOf(words, item), 0, valueLengthOf(words, item)))
    }
  }

  private note(print: number, bytes: number): void {
    const { words, at } = this
    const head = words[at + H_HEAD]
    words[at + H_HEAD] = head + 1
    const entry = at + H_ENTRIES + (head & (HIT_ENTRIES - 1)) * ENTRY_WORDS
    words[entry] = print
    words[entry + 1] = bytes
  }

  /** Hands the writer at most `limit` hits. */
  drain(limit: number, visit: (print: number, bytes: number) => void): void {
    const { words, at } = this
    const waiting = (words[at + H_HEAD] - this.tail) | 0
    if (waiting === 0) {
      return
    }
    if (waiting < 0 || waiting > HIT_ENTRIES) {
      // A late store set the head back, or the oldest were overwritten.
      this.tail = (words[at + H_HEAD] - Math.max(0, Math.min(waiting, HIT_ENTRIES))) | 0
    }
    for (let n = 0; n < limit && this.tail !== words[at + H_HEAD]; n++) {
      const entry = at + H_ENTRIES + (this.tail & (HIT_ENTRIES - 1)) * ENTRY_WORDS
      visit(words[entry] >>> 0, Math.max(1, words[entry + 1]))
      this.tail = (this.tail + 1) | 0
    }
  }
}
