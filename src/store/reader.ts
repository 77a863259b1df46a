import { remix } from '../hash.js'
import { Copier } from './copier.js'
import { HitLog } from './hit-log.js'
import {
  deadlineHighOf,
  deadlineOf,
  F_CHAINED,
  I_DEADLINE,
  I_PREV,
  I_SIZES,
  REF_MASK,
  valueLengthOf,
  versionOf,
} from './item.js'
import type { Memory } from './layout.js'
import { segmentCount } from './residents.js'
import { LARGEST_CHUNK } from './slab.js'
import { FREQUENCY_SHIFT, MAX_FREQUENCY, Table } from './table.js'

/** What `copyTo` says of a key that is not there. */
export const ABSENT = -1
/** Looks at a line that keeps changing before a reader gives up and says so. */
const MAX_TRIES = 1_000
const TEXT_SCRATCH_BYTES = 4_096

/** Node's unchecked decoders, which its types leave out. */
type Slices = Buffer & {
  latin1Slice(start: number, end: number): string
  utf8Slice(start: number, end: number): string
}

/** What a reader found beside the value. */
export interface Found {
  readonly value: Buffer
  readonly type: string | undefined
  readonly version: number
  /** Milliseconds since the memory's base; item.ts's NEVER without a TTL. */
  readonly deadline: number
}

/** The same of an item whose value was not asked for. */
export interface FoundHead extends Omit<Found, 'value'> {
  readonly sizeBytes: number
}

/** Thrown, without a stack of its own, when a line stayed in mid-change for MAX_TRIES looks. */
export const BUSY = Symbol('the line is being changed')

/**
 * Begins and ends a read section. On x86-64 loads are not reordered with loads: the first look at the
 * version can be a plain one, as the branch that hangs on it keeps the compiler from moving it, and the
 * last one an atomic load, which no compiler replaces by the first. Elsewhere (`isNeeded`) the first is
 * atomic, and a read-modify-write on a private word comes before the last, which earlier loads cannot
 * be delayed past.
 */
export class ReadFence {
  private readonly isNeeded: boolean
  private readonly word = new Int32Array(new SharedArrayBuffer(4))

  constructor(isNeeded: boolean) {
    this.isNeeded = isNeeded
  }

  /** The version, looked at before all that the section reads. */
  begin(words: Int32Array, line: number): number {
    return this.isNeeded ? Atomics.load(words, line) : words[line]
  }

  pass(): void {
    if (this.isNeeded) {
      Atomics.add(this.word, 0, 0)
    }
  }
}

/**
 * Any thread's GET. Takes the line's version while it is even, finds the item, copies out what is
 * asked for and looks at the version again: the seqlock's read side (Boehm, "Can seqlocks get along
 * with programming language memory models?", MSPC'12). Nothing read before that second look is
 * believed, so every reference and length is held against its bounds before it is followed.
 */
export class Reader {
  private readonly words: Int32Array
  private readonly table: Table
  private readonly copier: Copier
  private readonly baseMs: number
  private readonly clock: () => number
  private readonly fence: ReadFence
  private readonly scratch = Buffer.allocUnsafeSlow(TEXT_SCRATCH_BYTES) as Slices
  private readonly scratchWords: Int32Array
  private line = 0
  private lineVersion = 0
  private slot = 0
  private remixed = 0
  private readonly hits: HitLog

  /** `clock` in ms since the epoch. */
  constructor(memory: Memory, clock: () => number, fenced: boolean) {
    this.words = memory.words
    this.table = new Table(memory)
    this.copier = new Copier(memory, this.table)
    this.baseMs = memory.baseMs
    this.clock = clock
    this.fence = new ReadFence(fenced)
    this.scratchWords = new Int32Array(this.scratch.buffer)
    this.hits = new HitLog(memory)
  }

  /** The value's bytes in a buffer of their own, or undefined. Throws BUSY. */
  bytesOf(hash: number, key: Int32Array, keyBytes: number, space: number): Buffer | undefined {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const at = this.locate(hash, key, keyBytes, space)
      if (at === 0) {
        return undefined
      }
      if (at > 0) {
        const value = this.copyValue(at)
        if (this.unchanged()) {
          this.raise()
          return value
        }
      }
    }
    throw BUSY
  }

  /** The value as text: UTF-8, broken sequences replaced. Throws BUSY. */
  textOf(hash: number, key: Int32Array, keyBytes: number, space: number): string | undefined {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const at = this.locate(hash, key, keyBytes, space)
      if (at === 0) {
        return undefined
      }
      if (at > 0) {
        const length = this.words[at + I_SIZES] >>> 10
        const short = (this.words[at + I_PREV] & F_CHAINED) === 0 && length <= TEXT_SCRATCH_BYTES
        const bits = short ? this.copier.wordsOf(at, length, this.scratchWords, 0) : 0
        const value = short ? undefined : this.copyValue(at)
        if (this.unchanged()) {
          this.raise()
          if (value !== undefined) {
            return value.toString('utf8')
          }
          return (bits & 0x80808080) === 0
            ? this.scratch.latin1Slice(0, length)
            : this.scratch.utf8Slice(0, length)
        }
      }
    }
    throw BUSY
  }

  /**
   * Copies the value to `target[at…]` and returns its length in bytes; ABSENT: no such key. A value
   * longer than the room there is not copied. Throws BUSY.
   */
  copyTo(
    hash: number,
    key: Int32Array,
    keyBytes: number,
    space: number,
    target: Uint8Array,
    at: number,
  ): number {
    const room = target.length - at
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const item = this.locate(hash, key, keyBytes, space)
      if (item === 0) {
        return ABSENT
      }
      if (item > 0) {
        const length = valueLengthOf(this.words, item)
        const fits = length >= 0 && length <= room
        if (fits) {
          this.copier.into(item, length, target, at)
        }
        if (this.unchanged()) {
          this.raise()
          return length
        }
        if (fits) {
          target.fill(0, at, at + length) // may be another bucket's bytes
        }
      }
    }
    throw BUSY
  }

  /** Value, content type, version and deadline. Throws BUSY. */
  find(hash: number, key: Int32Array, keyBytes: number, space: number): Found | undefined {
    const { words } = this
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const at = this.locate(hash, key, keyBytes, space)
      if (at === 0) {
        return undefined
      }
      if (at > 0) {
        const value = this.copyValue(at)
        const type = this.copier.typeOf(at)
        const version = versionOf(words, at)
        const deadline = deadlineOf(words, at)
        if (this.unchanged()) {
          this.raise()
          return { value, type, version, deadline }
        }
      }
    }
    throw BUSY
  }

  /** The same without the value, and without raising the item's frequency. Throws BUSY. */
  headOf(hash: number, key: Int32Array, keyBytes: number, space: number): FoundHead | undefined {
    const { words } = this
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const at = this.locate(hash, key, keyBytes, space)
      if (at === 0) {
        return undefined
      }
      if (at > 0) {
        const sizeBytes = valueLengthOf(words, at)
        const type = this.copier.typeOf(at)
        const version = versionOf(words, at)
        const deadline = deadlineOf(words, at)
        if (this.unchanged()) {
          return { sizeBytes, type, version, deadline }
        }
      }
    }
    throw BUSY
  }

  /** Whether the key lives now. Throws BUSY. */
  has(hash: number, key: Int32Array, keyBytes: number, space: number): boolean {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const at = this.locate(hash, key, keyBytes, space)
      if (at >= 0 && this.unchanged()) {
        return at > 0
      }
    }
    throw BUSY
  }

  /**
   * The item's first word; 0: no such item, and that is certain; -1: the line is being changed.
   */
  private locate(hash: number, key: Int32Array, keyBytes: number, space: number): number {
    const remixed = remix(hash)
    const line = this.table.lineOf(remixed)
    const version = this.fence.begin(this.words, line)
    this.remixed = remixed
    this.line = line
    this.lineVersion = version
    if ((version & 1) !== 0) {
      return -1
    }
    const slot = this.table.findIn(line, remixed, key, 0, keyBytes, space)
    if (slot === 0) {
      return this.unchanged() ? 0 : -1
    }
    this.slot = slot
    const at = (this.words[slot] & REF_MASK) << 1
    if (this.isPast(at)) {
      return this.unchanged() ? 0 : -1
    }
    return this.table.inPages(at >> 1) ? at : -1
  }

  private isPast(at: number): boolean {
    const { words } = this
    const high = deadlineHighOf(words, at)
    if (high === 0xff && words[at + I_DEADLINE] === -1) {
      return false // NEVER: the clock need not be asked
    }
    return high * 2 ** 32 + (words[at + I_DEADLINE] >>> 0) <= this.clock() - this.baseMs
  }

  private unchanged(): boolean {
    this.fence.pass()
    return Atomics.load(this.words, this.line) === this.lineVersion
  }

  /**
   * Raises the item's frequency while it is below its top, so that hot lines stay clean. By
   * compare-and-swap: the writer may have swung the slot to another chunk meanwhile.
   */
  private raise(): void {
    const { words, slot } = this
    const word = words[slot]
    this.hits.hit(this.remixed, (word & REF_MASK) << 1)
    if (word >>> FREQUENCY_SHIFT < MAX_FREQUENCY) {
      Atomics.compareExchange(words, slot, word, word + (1 << FREQUENCY_SHIFT))
    }
  }

  /** A copy of the value; of whatever lies there if the line changes meanwhile. */
  private copyValue(at: number): Buffer {
    if ((this.words[at + I_PREV] & F_CHAINED) === 0) {
      return this.copier.short(at)
    }
    const length = valueLengthOf(this.words, at)
    if (length < 0 || segmentCount(length) > LARGEST_CHUNK / 4 || !this.unchanged()) {
      return EMPTY // caught in mid-change: will not be believed
    }
    const value = Buffer.allocUnsafeSlow(length)
    this.copier.segments(at, length, value, 0)
    return value
  }
}

const EMPTY = Buffer.alloc(0)
