import {
  bodyWordsBefore,
  F_CHAINED,
  F_TYPED,
  HEADER_WORDS,
  I_PREV,
  I_SIZES,
  keyLengthOf,
  REF_MASK,
  SEGMENT_HEADER_BYTES,
} from './item.js'
import type { Memory } from './layout.js'
import { SEGMENT_VALUE_BYTES } from './residents.js'
import { LARGEST_CHUNK } from './slab.js'
import type { Table } from './table.js'

/** Values up to this are copied word by word. */
const WORD_COPY_LIMIT = 512

/**
 * Copies values and content types out of a node's memory, for a reader that asks only afterwards whether
 * what it copied was true: so every reference is held against the pages' bounds before it is followed.
 */
export class Copier {
  private readonly words: Int32Array
  private readonly bytes: Uint8Array
  private readonly table: Table
  private pool: ArrayBufferLike = new ArrayBuffer(0)
  private poolWords = new Int32Array(0)

  constructor(memory: Memory, table: Table) {
    this.words = memory.words
    this.bytes = memory.bytes
    this.table = table
  }

  /** Copies `length` value bytes of an unchained item; returns all its words or-ed together. */
  wordsOf(at: number, length: number, to: Int32Array, toAt: number): number {
    const { words } = this
    const from = at + bodyWordsBefore(words, at)
    const whole = length >> 2
    let bits = 0
    for (let i = 0; i < whole; i++) {
      const word = words[from + i]
      to[toAt + i] = word
      bits |= word
    }
    if ((length & 3) !== 0) {
      const word = words[from + whole]
      to[toAt + whole] = word
      bits |= word & (-1 >>> (32 - (length & 3) * 8))
    }
    return bits
  }

  /** A copy of an unchained value. */
  short(at: number): Buffer {
    const { words } = this
    const length = Math.min(words[at + I_SIZES] >>> 10, LARGEST_CHUNK)
    const value = Buffer.allocUnsafe(length)
    const { byteOffset } = value
    if (
      length <= WORD_COPY_LIMIT &&
      (byteOffset & 3) === 0 &&
      byteOffset + length + 3 <= value.buffer.byteLength
    ) {
      if (value.buffer !== this.pool) {
        this.pool = value.buffer
        this.poolWords = new Int32Array(value.buffer, 0, value.buffer.byteLength >> 2)
      }
      this.wordsOf(at, length, this.poolWords, byteOffset >> 2)
    } else {
      const from = (at + bodyWordsBefore(words, at)) * 4
      value.set(this.bytes.subarray(from, from + length))
    }
    return value
  }

  /** Copies `length` bytes of the value, of whatever lies there, to a place that has room for them. */
  into(item: number, length: number, target: Uint8Array, at: number): void {
    const { words, bytes } = this
    if ((words[item + I_PREV] & F_CHAINED) !== 0) {
      this.segments(item, length, target, at)
      return
    }
    const from = item + bodyWordsBefore(words, item)
    if (length > WORD_COPY_LIMIT) {
      target.set(bytes.subarray(from * 4, from * 4 + length), at)
      return
    }
    // A word at a time: `target` may lie anywhere, and a view of it costs more than a short value.
    const whole = length >> 2
    let to = at
    for (let i = 0; i < whole; i++, to += 4) {
      const word = words[from + i]
      target[to] = word
      target[to + 1] = word >>> 8
      target[to + 2] = word >>> 16
      target[to + 3] = word >>> 24
    }
    for (let i = length & -4; i < length; i++) {
      target[at + i] = bytes[from * 4 + i]
    }
  }

  /** Copies a chained value's segments; stops where a reference leads out of the pages. */
  segments(item: number, length: number, target: Uint8Array, at: number): void {
    const { words } = this
    const list = item + bodyWordsBefore(words, item) + 1
    for (let done = 0, index = 0; done < length; done += SEGMENT_VALUE_BYTES, index++) {
      const ref = words[list + index] & REF_MASK
      if (!this.table.inPages(ref)) {
        return
      }
      const from = ref * 8 + SEGMENT_HEADER_BYTES
      const part = Math.min(SEGMENT_VALUE_BYTES, length - done)
      target.set(this.bytes.subarray(from, from + part), at + done)
    }
  }

  typeOf(at: number): string | undefined {
    if ((this.words[at + I_PREV] & F_TYPED) === 0) {
      return undefined
    }
    const from = (at + HEADER_WORDS + ((keyLengthOf(this.words, at) + 3) >> 2)) * 4
    const length = this.bytes[from]
    let type = ''
    for (let i = 1; i <= length; i++) {
      type += String.fromCharCode(this.bytes[from + i])
    }
    return type
  }
}
