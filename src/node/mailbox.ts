import { HISTOGRAM_FLOATS, Histogram } from '../histogram.js'
import { MAX_VALUE_BYTES } from '../store/assembler.js'
import { MAX_KEY_BYTES } from '../store/item.js'
import type { Order } from '../store/order.js'

/**
 * A mailbox: orders from one thread to one node, and their results back, in a buffer of its own that
 * outlives the node's worker. Orders lie in a ring as records, 8-byte aligned:
 *
 *     word 0   length of the record in words (bits 0-23), op (bits 24-31); op 0 skips to the end
 *     word 1   sequence number
 *     word 2   space (bits 0-15), condition (bits 16-23)
 *     word 3   hash
 *     word 4   key bytes (bits 0-15), content type bytes (bits 16-23)
 *     word 5   value bytes
 *     word 6   deadline, low 32 bits
 *     word 7   deadline, high 8 bits (bits 0-7), version, high 16 bits (bits 16-31)
 *     word 8   version, low 32 bits
 *     word 9   fence of the routes that the order went by
 *     word 10  body, as an item holds it
 *
 * Positions count words without end (mod 2^32); position ORIGIN is the ring's first word, and the
 * ring's size is a power of two. Only the producer moves TAIL and, while the ring is empty, ORIGIN;
 * only the consumer HEAD and APPLIED. Each word that one side polls has a cache line.
 *
 * A node has a mailbox for each thread that writes to it, so that no two of them ever share a ring.
 * What they share is the node's bell: its worker sleeps when all mailboxes are empty, and goes round
 * those that are not, a batch of each in turn. Orders of one mailbox are carried out in their order;
 * between those of two there is none but that of their answers. A thread may take up a mailbox that
 * another one used and left, once it is drained: positions and sequence numbers go on.
 */
export const M_TAIL = 0
export const M_ORIGIN = 1
export const M_SUBMITTED = 2 // sequence number of the last order that TAIL shows
export const M_HEAD = 16
export const M_DONE = 17 // sequence number of the last order whose result is written
export const M_APPLIED = 32 // sequence number up to which results can be read
export const M_WAITING = 48 // the producer sleeps on APPLIED
const CONTROL_WORDS = 64
/** Behind them the producer's histogram of answers' latencies, in floats. */
const RESULTS_AT = CONTROL_WORDS + 2 * HISTOGRAM_FLOATS

/** A result: outcome, version low, version high, unused. */
export const RESULT_WORDS = 4
/** Orders that may be under way at once: the bound of the queue. */
export const MAX_ORDERS = 16_384

export const RECORD_HEADER_WORDS = 10
export const OP_SKIP = 0
const MIN_RING_BYTES = 2 ** 22
/** Where the ring begins. */
const HEAD_BYTES = (RESULTS_AT + MAX_ORDERS * RESULT_WORDS) * 4

export class Mailbox {
  readonly buffer: SharedArrayBuffer
  readonly control: Int32Array
  readonly results: Int32Array
  /** The ring, as words and as bytes. */
  readonly words: Int32Array
  readonly bytes: Buffer
  readonly mask: number
  /** Microseconds, of a sample of orders. */
  readonly latency: Histogram

  constructor(buffer: SharedArrayBuffer) {
    this.buffer = buffer
    this.control = new Int32Array(buffer, 0, CONTROL_WORDS)
    this.latency = new Histogram(new Float64Array(buffer, CONTROL_WORDS * 4, HISTOGRAM_FLOATS))
    this.results = new Int32Array(buffer, RESULTS_AT * 4, MAX_ORDERS * RESULT_WORDS)
    this.words = new Int32Array(buffer, HEAD_BYTES)
    this.bytes = Buffer.from(buffer, HEAD_BYTES)
    this.mask = this.words.length - 1
  }

  /** Orders that were published and have no result yet. */
  get queued(): number {
    const { control } = this
    return Math.max(0, (Atomics.load(control, M_SUBMITTED) - Atomics.load(control, M_DONE)) | 0)
  }

  /** All that was ever published has been carried out and answered: a new producer may begin. */
  isDrained(): boolean {
    const { control } = this
    return (
      Atomics.load(control, M_HEAD) === Atomics.load(control, M_TAIL) &&
      Atomics.load(control, M_APPLIED) === Atomics.load(control, M_DONE)
    )
  }

  /** A mailbox that takes values up to `maxValueBytes`, two of them at once. */
  static create(maxValueBytes: number): Mailbox {
    const record = Math.min(maxValueBytes, MAX_VALUE_BYTES) + MAX_KEY_BYTES + 1024
    let ringBytes = MIN_RING_BYTES
    while (ringBytes < record * 2) {
      ringBytes *= 2
    }
    return Mailbox.withRing(ringBytes)
  }

  /** A mailbox whose ring has so many bytes: a power of two. */
  static withRing(ringBytes: number): Mailbox {
    return new Mailbox(new SharedArrayBuffer(HEAD_BYTES + ringBytes))
  }
}

/** Writes a record's header at `at`, a word index of the ring. */
export function packRecord(
  words: Int32Array,
  at: number,
  order: Order,
  sequence: number,
  length: number,
): void {
  words[at] = length | (order.op << 24)
  words[at + 1] = sequence
  words[at + 2] = order.space | (order.condition << 16)
  words[at + 3] = order.hash | 0
  words[at + 4] = order.keyBytes | (order.typeBytes << 16)
  words[at + 5] = order.valueBytes
  words[at + 6] = order.deadline | 0
  words[at + 7] = ((order.deadline / 2 ** 32) & 0xff) | (((order.version / 2 ** 32) & 0xffff) << 16)
  words[at + 8] = order.version | 0
  words[at + 9] = order.fence
}

/** Reads a record's header into the order, whose body stays in the ring. */
export function unpackRecord(words: Int32Array, at: number, order: Order): void {
  order.op = words[at] >>> 24
  order.space = words[at + 2] & 0xffff
  order.condition = (words[at + 2] >>> 16) & 0xff
  order.hash = words[at + 3] >>> 0
  order.keyBytes = words[at + 4] & 0xffff
  order.typeBytes = (words[at + 4] >>> 16) & 0xff
  order.valueBytes = words[at + 5]
  order.deadline = (words[at + 7] & 0xff) * 2 ** 32 + (words[at + 6] >>> 0)
  order.version = (words[at + 7] >>> 16) * 2 ** 32 + (words[at + 8] >>> 0)
  order.fence = words[at + 9]
  order.bodyAt = at + RECORD_HEADER_WORDS
}
