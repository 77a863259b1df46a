import { remix, xxh32Words } from '../hash.js'
import type { Eviction, Residence } from './eviction.js'
import {
  bodyWordsBefore,
  F_CHAINED,
  F_MAIN,
  F_OWN_QUEUE,
  HEADER_WORDS,
  I_NEXT,
  I_PREV,
  KIND_SEGMENT,
  keyLengthOf,
  REF_MASK,
  SEGMENT_HEADER_BYTES,
  spaceOf,
  valueLengthOf,
} from './item.js'
import { Journal } from './journal.js'
import {
  C_CAPPED_BYTES,
  C_LOG_ADOPT,
  C_LOG_FREED,
  C_LOG_OLD,
  C_LOG_SPARE,
  type Memory,
} from './layout.js'
import { CHUNK_BYTES, classFor, LARGEST_CHUNK, type Slab } from './slab.js'
import { S_QUOTA_BYTES, SPACE_DEAD, type Spaces } from './spaces.js'
import type { Table } from './table.js'
import type { Wheel } from './wheel.js'

/** Value bytes in a full segment. */
export const SEGMENT_VALUE_BYTES = LARGEST_CHUNK - SEGMENT_HEADER_BYTES

/** Segments whose frees the journal holds together. */
export const SEGMENTS_AT_ONCE = 16

/** Class of segment number `index` of a chained value of `valueBytes`. */
export function segmentClass(valueBytes: number, index: number): number {
  const rest = valueBytes - index * SEGMENT_VALUE_BYTES
  return classFor(Math.min(rest, SEGMENT_VALUE_BYTES) + SEGMENT_HEADER_BYTES)
}

export function segmentCount(valueBytes: number): number {
  return Math.ceil(valueBytes / SEGMENT_VALUE_BYTES)
}

/** Items in their places: what is known of one, how it leaves, how it moves to another chunk. */
export class Residents implements Residence {
  private readonly words: Int32Array
  private readonly journal: Journal
  private readonly slab: Slab
  private readonly table: Table
  private readonly wheel: Wheel
  private readonly spaces: Spaces
  /** Set once, after construction: the two know each other. */
  private queues: Eviction | undefined
  private slotRef = 0
  private slot = 0

  constructor(memory: Memory, slab: Slab, table: Table, wheel: Wheel, spaces: Spaces) {
    this.words = memory.words
    this.journal = new Journal(memory)
    this.slab = slab
    this.table = table
    this.wheel = wheel
    this.spaces = spaces
  }

  attach(queues: Eviction): void {
    this.queues = queues
  }

  private get eviction(): Eviction {
    if (this.queues === undefined) {
      throw new Error('residents have no queues yet')
    }
    return this.queues
  }

  remixedOf(ref: number): number {
    const at = ref << 1
    const seed = this.spaces.seed(spaceOf(this.words, at))
    return remix(xxh32Words(this.words, at + HEADER_WORDS, keyLengthOf(this.words, at), seed))
  }

  print(ref: number): number {
    return this.remixedOf(ref)
  }

  /** The word of the item's slot; the table's `tagAt` is then its tag. */
  slotOf(ref: number): number {
    return this.table.locate(this.remixedOf(ref), ref)
  }

  frequency(ref: number, print: number): number {
    this.slot = this.table.locate(print, ref)
    this.slotRef = ref
    return this.table.frequency(this.slot)
  }

  setFrequency(ref: number, frequency: number): void {
    this.table.setFrequency(this.slotRef === ref ? this.slot : this.slotOf(ref), frequency)
  }

  /** Chunk bytes of the item and its segments. */
  bytes(ref: number): number {
    const own = this.slab.chunkBytes(ref)
    if ((this.words[(ref << 1) + I_PREV] & F_CHAINED) === 0) {
      return own
    }
    const valueBytes = valueLengthOf(this.words, ref << 1)
    const last = segmentCount(valueBytes) - 1
    return own + last * LARGEST_CHUNK + CHUNK_BYTES[segmentClass(valueBytes, last)]
  }

  /** The set of queues that the item stands in: its bucket's own, or the node's. */
  setOf(ref: number): number {
    const own = (this.words[(ref << 1) + I_PREV] & F_OWN_QUEUE) !== 0
    return own ? spaceOf(this.words, ref << 1) : 0
  }

  /** Puts an item into S, or into M. */
  enter(ref: number, main: boolean): void {
    const set = this.setOf(ref)
    this.eviction.push(ref, set, main)
    if (set !== 0) {
      this.journal.addFloat(C_CAPPED_BYTES >> 1, this.bytes(ref))
    }
  }

  leaveQueue(ref: number, bytes = this.bytes(ref)): void {
    const set = this.setOf(ref)
    this.eviction.unlink(ref, set, bytes)
    if (set !== 0) {
      this.journal.addFloat(C_CAPPED_BYTES >> 1, -bytes)
    }
  }

  /** `ref` takes the place of `old`; where the bucket's limit came or went, in another set. */
  replace(old: number, ref: number): void {
    const set = this.setOf(ref)
    if (set !== this.setOf(old)) {
      this.leaveQueue(old)
      this.enter(ref, (this.words[(old << 1) + I_PREV] & F_MAIN) !== 0)
      return
    }
    this.eviction.replace(old, ref, set)
    if (set !== 0) {
      this.journal.addFloat(C_CAPPED_BYTES >> 1, this.bytes(ref) - this.bytes(old))
    }
  }

  /** Whether the item stands in the node's queues although its bucket has a limit of its own. */
  isStray(ref: number): boolean {
    return (
      this.setOf(ref) === 0 && this.spaces.float(spaceOf(this.words, ref << 1), S_QUOTA_BYTES) > 0
    )
  }

  /** Moves a stray item to its bucket's own queues: a step. */
  rehome(ref: number): void {
    const at = (ref << 1) + I_PREV
    this.journal.note((ref << 1) + I_NEXT)
    this.journal.note(at)
    this.leaveQueue(ref)
    this.words[at] |= F_OWN_QUEUE
    this.enter(ref, (this.words[at] & F_MAIN) !== 0)
    this.journal.commit()
  }

  /**
   * Takes an item out of everything and frees its memory: the end of a step. `slot` as found just
   * now, or 0; `remixed` where the caller knows it.
   */
  remove(ref: number, now: number, slot = 0, remixed = this.remixedOf(ref)): void {
    const bytes = this.bytes(ref)
    this.wheel.unlink(ref)
    this.leaveQueue(ref, bytes)
    const space = spaceOf(this.words, ref << 1)
    this.spaces.book(space, -1, -bytes, now)
    this.journal.after(ref, 0, 0)
    this.table.remove(remixed, slot === 0 ? this.table.locate(remixed, ref) : slot)
    this.finish()
    if (this.spaces.state(space) === SPACE_DEAD) {
      this.spaces.retire(space)
      this.journal.commit()
    }
  }

  /** Ends a step that readers have seen: does what the journal says is to be done then. */
  finish(): void {
    const { words } = this
    const adopting = words[C_LOG_ADOPT]
    if (adopting !== 0) {
      this.adoptSegments(adopting)
    }
    const old = words[C_LOG_OLD]
    if (old !== 0) {
      this.freeSegments(old)
      this.slab.free(old)
    }
    const spare = words[C_LOG_SPARE]
    if (spare !== 0) {
      this.slab.free(spare)
    }
    this.journal.commit()
  }

  /** Frees an item's segments, some at a time for good, as the journal is bounded. */
  private freeSegments(ref: number): void {
    const { words, journal } = this
    const at = ref << 1
    if ((words[at + I_PREV] & F_CHAINED) === 0) {
      return
    }
    const list = at + bodyWordsBefore(words, at) + 1
    const count = segmentCount(words[list - 1])
    for (let index = words[C_LOG_FREED]; index < count; ) {
      this.slab.free(words[list + index])
      if (++index % SEGMENTS_AT_ONCE === 0) {
        journal.set(C_LOG_FREED, index)
        journal.keepFrees()
      }
    }
  }

  /** Moves an item to another chunk of its class: a step. False: there was none. */
  relocate(ref: number): boolean {
    const { words } = this
    const target = this.slab.take(this.slab.classOf(ref))
    if (target === 0) {
      return false
    }
    const from = ref << 1
    words.copyWithin(target << 1, from, from + (this.slab.chunkBytes(ref) >> 2))
    const remixed = this.remixedOf(ref)
    this.eviction.relocated(target, this.setOf(target))
    this.wheel.relocated(target)
    const slot = this.table.locate(remixed, ref)
    this.journal.after(0, ref, target)
    this.table.swing(remixed, slot, target, this.table.frequency(slot))
    this.finish()
    return true
  }

  /** Moves one segment of an item: a step. Its place in the list changes under the line's version. */
  relocateSegment(ref: number): boolean {
    const { words } = this
    const target = this.slab.take(this.slab.classOf(ref))
    if (target === 0) {
      return false
    }
    const from = ref << 1
    words.copyWithin(target << 1, from, from + (this.slab.chunkBytes(ref) >> 2))
    const item = (words[from] & REF_MASK) << 1
    const entry = item + bodyWordsBefore(words, item) + 1 + words[from + 1]
    const line = this.table.lineOf(this.remixedOf(item >> 1))
    this.journal.after(0, ref, 0)
    this.table.open(line)
    this.journal.set(entry, target)
    this.table.close(line)
    this.finish()
    return true
  }

  /** Tells an item's segments where their item is: from then on they may be moved. */
  adoptSegments(ref: number): void {
    const { words } = this
    const at = ref << 1
    if ((words[at + I_PREV] & F_CHAINED) === 0) {
      return
    }
    const list = at + bodyWordsBefore(words, at) + 1
    const count = segmentCount(words[list - 1])
    for (let index = 0; index < count; index++) {
      words[words[list + index] << 1] = (KIND_SEGMENT << 28) | ref
    }
  }
}
