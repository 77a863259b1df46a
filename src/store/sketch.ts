import type { Memory } from './layout.js'

const LINE_WORDS = 16
const COUNTERS_A_LINE = 128
/** Counters an item of the cache. */
const COUNTERS_AN_ITEM = 4
const MAX_COUNT = 15
/** All counters are halved after so many additions an item: what was asked for long ago fades. */
const ADDITIONS_AN_ITEM = 3
/** Words halved with an addition, until all are. */
const WORDS_AT_ONCE = 64

/**
 * How often keys were asked for lately, guessed from 4-bit counters in the node's memory: a key
 * has two, in the halves of one cache line, and the lower counts (Cormode & Muthukrishnan's
 * count-min, with TinyLFU's halving). Whatever stands there is valid: a death loses nothing.
 */
export class Sketch {
  private readonly words: Int32Array
  private readonly base: number
  private readonly maxLines: number
  private lineMask = 0
  private additions = 0
  private period = 1
  private unhalved = 0

  constructor(memory: Memory) {
    this.words = memory.words
    this.base = memory.shape.sketchAt
    this.maxLines = memory.shape.sketchLines
  }

  /** Goes on with the counters of a sketch for so many items. */
  size(items: number): void {
    const wanted = Math.min((items * COUNTERS_AN_ITEM) / COUNTERS_A_LINE, this.maxLines)
    let lines = 1
    while (lines < wanted && lines * 2 <= this.maxLines) {
      lines *= 2
    }
    this.lineMask = lines - 1
    this.period = Math.ceil(items * ADDITIONS_AN_ITEM)
    this.additions = 0
    this.unhalved = 0
  }

  clear(): void {
    this.words.fill(0, this.base, this.base + (this.lineMask + 1) * LINE_WORDS)
  }

  add(print: number, count: number): void {
    const mixed = Math.imul(print, 0xc2b2ae35)
    const line = this.lineOf(print)
    this.raise(line + ((mixed >>> 6) & 7), (mixed >>> 1) & 28, count)
    this.raise(line + 8 + ((mixed >>> 13) & 7), (mixed >>> 8) & 28, count)
    this.additions += count
    if (this.additions >= this.period) {
      this.additions = 0
      this.unhalved = (this.lineMask + 1) * LINE_WORDS
    }
    if (this.unhalved > 0) {
      this.halve()
    }
  }

  estimate(print: number): number {
    const { words } = this
    const mixed = Math.imul(print, 0xc2b2ae35)
    const line = this.lineOf(print)
    const one = (words[line + ((mixed >>> 6) & 7)] >>> ((mixed >>> 1) & 28)) & MAX_COUNT
    const other = (words[line + 8 + ((mixed >>> 13) & 7)] >>> ((mixed >>> 8) & 28)) & MAX_COUNT
    return Math.min(one, other)
  }

  private lineOf(print: number): number {
    return this.base + ((Math.imul(print, 0x9e3779b1) >>> 7) & this.lineMask) * LINE_WORDS
  }

  private raise(word: number, shift: number, count: number): void {
    const room = MAX_COUNT - ((this.words[word] >>> shift) & MAX_COUNT)
    this.words[word] += Math.min(count, room) << shift
  }

  private halve(): void {
    const end = this.base + this.unhalved
    const start = Math.max(this.base, end - WORDS_AT_ONCE)
    for (let word = start; word < end; word++) {
      this.words[word] = (this.words[word] >>> 1) & 0x77777777
    }
    this.unhalved = start - this.base
  }
}
