import { xxh32Words } from '../hash.js'
import { itemBytes } from './assembler.js'
import {
  deadlineOf,
  F_TYPED,
  HEADER_WORDS,
  I_PREV,
  keyLengthOf,
  spaceOf,
  valueLengthOf,
} from './item.js'
import type { Memory } from './layout.js'
import { BUSY, ReadFence } from './reader.js'
import { Spaces } from './spaces.js'
import { Table } from './table.js'

const MAX_TRIES = 1_000
/** Slots of one line, its overflow nodes included, that a position can name. */
const SLOTS_PER_LINE = 2 ** 20

/** Keys found, and the position to go on from; -1 at the end. */
export interface Scan {
  readonly keys: string[]
  readonly next: number
}

/** An item as a walk through all of a node's items meets it. */
export interface Met {
  readonly space: number
  readonly hash: number
  /** The key's bytes, padded with zeros to a word. */
  readonly words: Int32Array
  readonly length: number
  /** Memory that the item takes. */
  readonly sizeBytes: number
}

/** Picks from all items; it may be asked about one that is caught in mid-change. */
export type Pick = (space: number, hash: number) => boolean

/**
 * Lists a space's keys from any thread, a few lines of the table at a time. A position is a line and
 * a slot number; an item never moves to a lower one, so a key that lives throughout is found.
 */
export class Scanner {
  private readonly words: Int32Array
  private readonly bytes: Uint8Array
  private readonly table: Table
  private readonly baseMs: number
  private readonly clock: () => number
  private readonly fence: ReadFence
  private readonly spaces: Spaces
  /** Of the walk under way. */
  private pick: Pick = () => false
  private met: Met[] = []
  private now = 0

  constructor(memory: Memory, clock: () => number, fenced: boolean) {
    this.fence = new ReadFence(fenced)
    this.spaces = new Spaces(memory)
    this.words = memory.words
    this.bytes = memory.bytes
    this.table = new Table(memory)
    this.baseMs = memory.baseMs
    this.clock = clock
  }

  get lineCount(): number {
    return this.table.lineCount
  }

  /** Appends the living items of one line that `pick` wants. Throws BUSY, and `met` is as it was. */
  meet(index: number, pick: Pick, met: Met[]): void {
    const { words, table } = this
    const line = table.lineAt(index)
    const before = met.length
    this.pick = pick
    this.met = met
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const version = Atomics.load(words, line)
      if ((version & 1) !== 0) {
        continue
      }
      if (!table.isEmpty(line)) {
        this.now = this.clock() - this.baseMs
        table.scanLine(line, 0, this.visit)
      }
      this.fence.pass()
      if (Atomics.load(words, line) === version) {
        return
      }
      met.length = before
    }
    throw BUSY
  }

  private readonly visit = (ref: number): boolean => {
    const { words } = this
    const at = ref << 1
    const space = spaceOf(words, at)
    if (this.table.inPages(ref) && this.spaces.isLive(space) && deadlineOf(words, at) > this.now) {
      const hash = this.hashAt(at, space)
      if (this.pick(space, hash)) {
        this.met.push(this.metAt(at, space, hash))
      }
    }
    return true
  }

  private hashAt(at: number, space: number): number {
    const { words, spaces } = this
    return xxh32Words(words, at + HEADER_WORDS, keyLengthOf(words, at), spaces.seed(space))
  }

  private metAt(at: number, space: number, hash: number): Met {
    const { words, bytes } = this
    const length = keyLengthOf(words, at)
    const from = at + HEADER_WORDS
    const keyWords = words.slice(from, from + ((length + 3) >> 2))
    const isTyped = (words[at + I_PREV] & F_TYPED) !== 0
    const typeBytes = isTyped ? bytes[(from + keyWords.length) * 4] : 0
    const valueBytes = Math.max(0, valueLengthOf(words, at))
    const sizeBytes = itemBytes(length, typeBytes, valueBytes)
    return { space, hash, words: keyWords, length, sizeBytes }
  }

  /** At most `limit` keys, from at most `lines` lines, those that `wanted` agrees to. Throws BUSY. */
  scan(
    space: number,
    prefix: Uint8Array,
    from: number,
    limit: number,
    lines: number,
    wanted?: (hash: number) => boolean,
  ): Scan {
    const keys: string[] = []
    let line = Math.floor(from / SLOTS_PER_LINE)
    let slot = from % SLOTS_PER_LINE
    for (let n = 0; n < lines && line < this.table.lineCount; n++) {
      slot = this.scanLine(line, slot, space, prefix, limit, keys, wanted)
      if (slot >= 0) {
        return { keys, next: line * SLOTS_PER_LINE + slot }
      }
      slot = 0
      line++
    }
    return { keys, next: line < this.table.lineCount ? line * SLOTS_PER_LINE : -1 }
  }

  /** Appends the line's keys; returns the slot where the limit was reached, or -1. */
  private scanLine(
    index: number,
    from: number,
    space: number,
    prefix: Uint8Array,
    limit: number,
    keys: string[],
    wanted: ((hash: number) => boolean) | undefined,
  ): number {
    const { words, table } = this
    const line = table.lineAt(index)
    const now = this.clock() - this.baseMs
    const before = keys.length
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const version = Atomics.load(words, line)
      if ((version & 1) !== 0) {
        continue
      }
      const stopped = table.scanLine(line, from, (ref) => {
        const at = ref << 1
        if (!table.inPages(ref) || spaceOf(words, at) !== space || deadlineOf(words, at) <= now) {
          return true
        }
        if (wanted !== undefined && !wanted(this.hashAt(at, space))) {
          return true
        }
        if (keys.length >= limit) {
          return false
        }
        const key = this.keyAt(at, prefix)
        if (key !== undefined) {
          keys.push(key)
        }
        return true
      })
      this.fence.pass()
      if (Atomics.load(words, line) === version) {
        return stopped
      }
      keys.length = before
    }
    throw BUSY
  }

  private keyAt(at: number, prefix: Uint8Array): string | undefined {
    const length = keyLengthOf(this.words, at)
    const start = (at + HEADER_WORDS) * 4
    if (length < prefix.length) {
      return undefined
    }
    for (let i = 0; i < prefix.length; i++) {
      if (this.bytes[start + i] !== prefix[i]) {
        return undefined
      }
    }
    // A private copy first: a decoder must not look at memory that changes under it.
    return Buffer.from(this.bytes.subarray(start, start + length)).toString('utf8')
  }
}
