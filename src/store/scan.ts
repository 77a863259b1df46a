import { deadlineOf, HEADER_WORDS, keyLengthOf, spaceOf } from './item.js'
import type { Memory } from './layout.js'
import { BUSY, ReadFence } from './reader.js'
import { Table } from './table.js'

const MAX_TRIES = 1_000
/** Slots of one line, its overflow nodes included, that a position can name. */
const SLOTS_PER_LINE = 2 ** 20

/** Keys found, and the position to go on from; -1 at the end. */
export interface Scan {
  readonly keys: string[]
  readonly next: number
}

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

  constructor(memory: Memory, clock: () => number, fenced: boolean) {
    this.fence = new ReadFence(fenced)
    this.words = memory.words
    this.bytes = memory.bytes
    this.table = new Table(memory)
    this.baseMs = memory.baseMs
    this.clock = clock
  }

  /** At most `limit` keys, from at most `lines` lines. Throws BUSY. */
  scan(space: number, prefix: Uint8Array, from: number, limit: number, lines: number): Scan {
    const keys: string[] = []
    let line = Math.floor(from / SLOTS_PER_LINE)
    let slot = from % SLOTS_PER_LINE
    for (let n = 0; n < lines && line < this.table.lineCount; n++) {
      slot = this.scanLine(line, slot, space, prefix, limit, keys)
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
