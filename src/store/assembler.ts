import {
  F_CHAINED,
  F_OWN_QUEUE,
  F_TYPED,
  HEADER_BYTES,
  HEADER_WORDS,
  I_NEXT,
  I_PREV,
  I_SIZES,
  KIND_ITEM,
  KIND_SEGMENT,
  SEGMENT_HEADER_BYTES,
  setDeadline,
  valueOffset,
} from './item.js'
import type { Memory } from './layout.js'
import type { Order } from './order.js'
import { SEGMENT_VALUE_BYTES, segmentClass, segmentCount } from './residents.js'
import type { Room } from './room.js'
import { CHUNK_BYTES, classFor, LARGEST_CHUNK } from './slab.js'
import { S_QUOTA_BYTES, type Spaces } from './spaces.js'

/** Bodies up to this are copied word by word: a native copy needs a view first, which costs more. */
const WORD_COPY_LIMIT = 96

/** Memory that an item takes, in bytes: chunks with their headers and rounding. */
export function itemBytes(keyBytes: number, typeBytes: number, valueBytes: number): number {
  const contiguous = HEADER_BYTES + valueOffset(keyBytes, typeBytes) + valueBytes
  if (contiguous <= LARGEST_CHUNK) {
    return CHUNK_BYTES[classFor(contiguous)]
  }
  const segments = segmentCount(valueBytes)
  const head = HEADER_BYTES + valueOffset(keyBytes, typeBytes) + 4 + segments * 4
  const last = CHUNK_BYTES[segmentClass(valueBytes, segments - 1)]
  return CHUNK_BYTES[classFor(head)] + (segments - 1) * LARGEST_CHUNK + last
}

/** The longest value that one item can hold: its list of segments must fit a chunk. */
export const MAX_VALUE_BYTES = 32 * 2 ** 20

/** Writes items whole into fresh chunks, which stay pinned until the store has linked them. */
export class Assembler {
  private readonly words: Int32Array
  private readonly bytes: Uint8Array
  private readonly spaces: Spaces
  private readonly room: Room

  constructor(memory: Memory, spaces: Spaces, room: Room) {
    this.words = memory.words
    this.bytes = memory.bytes
    this.spaces = spaces
    this.room = room
  }

  /** The item's reference, without version or space yet. 0: no memory, and the caller undoes. */
  build(order: Order, now: number): number {
    const { words } = this
    const quota = this.spaces.float(order.space, S_QUOTA_BYTES)
    if (quota > 0) {
      const bytes = itemBytes(order.keyBytes, order.typeBytes, order.valueBytes)
      this.room.enforceQuota(order.space, bytes, now)
    }
    const prefix = valueOffset(order.keyBytes, order.typeBytes)
    const contiguous = HEADER_BYTES + prefix + order.valueBytes
    const chained = contiguous > LARGEST_CHUNK
    const segments = chained ? segmentCount(order.valueBytes) : 0
    const size = chained ? HEADER_BYTES + prefix + 4 + segments * 4 : contiguous
    const ref = this.room.take(classFor(size), now)
    if (ref === 0) {
      return 0
    }
    const at = ref << 1
    words[at + I_NEXT] = KIND_ITEM << 28
    words[at + I_PREV] =
      (order.typeBytes === 0 ? 0 : F_TYPED) |
      (chained ? F_CHAINED : 0) |
      (quota > 0 ? F_OWN_QUEUE : 0)
    words[at + I_SIZES] = ((chained ? 0 : order.valueBytes) << 10) | (order.keyBytes - 1)
    setDeadline(words, at, order.deadline)
    const bodyBytes = chained ? prefix : prefix + order.valueBytes
    copyWords(order.words, order.bodyAt, words, at + HEADER_WORDS, (bodyBytes + 3) >> 2)
    if (chained && !this.fillSegments(order, at + HEADER_WORDS + (prefix >> 2), segments, now)) {
      return 0
    }
    return ref
  }

  private fillSegments(order: Order, lengthAt: number, segments: number, now: number): boolean {
    const { words } = this
    words[lengthAt] = order.valueBytes
    const valueAt = order.bodyAt * 4 + valueOffset(order.keyBytes, order.typeBytes)
    for (let index = 0; index < segments; index++) {
      const ref = this.room.take(segmentClass(order.valueBytes, index), now)
      if (ref === 0) {
        return false
      }
      words[lengthAt + 1 + index] = ref
      words[ref << 1] = KIND_SEGMENT << 28
      words[(ref << 1) + 1] = index
      const from = valueAt + index * SEGMENT_VALUE_BYTES
      const to = Math.min(from + SEGMENT_VALUE_BYTES, valueAt + order.valueBytes)
      this.bytes.set(order.bytes.subarray(from, to), ref * 8 + SEGMENT_HEADER_BYTES)
    }
    return true
  }
}

function copyWords(
  from: Int32Array,
  fromAt: number,
  to: Int32Array,
  toAt: number,
  count: number,
): void {
  if (count > WORD_COPY_LIMIT) {
    to.set(from.subarray(fromAt, fromAt + count), toAt)
    return
  }
  for (let i = 0; i < count; i++) {
    to[toAt + i] = from[fromAt + i]
  }
}
