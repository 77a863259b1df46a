import { CacheError } from '../errors.js'
import type { BucketRecord } from './records.js'

/** A record: 8 words. */
const RECORD_WORDS = 8
const D_SPACE = 0 // 0: no bucket
const D_SEED = 1
const D_ID = 2 // f64
const D_ECONOMY = 6 // 1: reads do not look at a key's former owner
/** Header: how many news were told. */
const D_NEWS = 0
const D_MARKS = 16
/** Marks of keys in whose midst a write with copies is, a word for many keys. */
const MARKS = 256
const HEADER_WORDS = D_MARKS + MARKS

/**
 * Which bucket is in which generation, and how many news there were, in shared memory: how threads that
 * are attached to an engine learn of a flush, or that there are news for them, before their next call.
 */
export class Directory {
  readonly buffer: SharedArrayBuffer
  private readonly words: Int32Array
  private readonly floats: Float64Array

  constructor(buffer: SharedArrayBuffer) {
    this.buffer = buffer
    this.words = new Int32Array(buffer)
    this.floats = new Float64Array(buffer)
  }

  static create(maxBuckets: number): Directory {
    return new Directory(new SharedArrayBuffer((HEADER_WORDS + maxBuckets * RECORD_WORDS) * 4))
  }

  /** A write with copies is under way for the key, `by` 1; or over, by -1. */
  mark(hash: number, by: 1 | -1): void {
    Atomics.add(this.words, D_MARKS + (hash % MARKS), by)
  }

  isInHand(hash: number): boolean {
    return Atomics.load(this.words, D_MARKS + (hash % MARKS)) !== 0
  }

  /** News told so far: those that a thread has at its port, or has had. */
  get news(): number {
    return Atomics.load(this.words, D_NEWS)
  }

  /** One more is at every port. */
  told(): void {
    Atomics.add(this.words, D_NEWS, 1)
  }

  /** Announces a bucket as it is now. The space is written last: it makes the rest true. */
  announce(record: BucketRecord, space: number): void {
    const at = HEADER_WORDS + record.slot * RECORD_WORDS
    if (this.floats[(at + D_ID) >> 1] !== Number(record.id)) {
      Atomics.store(this.words, at + D_SPACE, 0)
      this.words[at + D_SEED] = record.seed | 0
      this.floats[(at + D_ID) >> 1] = Number(record.id)
    }
    Atomics.store(this.words, at + D_ECONOMY, record.tier === 'economy' ? 1 : 0)
    Atomics.store(this.words, at + D_SPACE, space)
  }

  withdraw(slot: number): void {
    Atomics.store(this.words, HEADER_WORDS + slot * RECORD_WORDS + D_SPACE, 0)
  }

  /** The bucket's space now. Throws `bucket_not_found` once the bucket is deleted. */
  spaceOf(slot: number, id: number): number {
    const at = HEADER_WORDS + slot * RECORD_WORDS
    const space = Atomics.load(this.words, at + D_SPACE)
    if (space === 0 || this.floats[(at + D_ID) >> 1] !== id) {
      throw new CacheError('bucket_not_found', `bucket ${id} was deleted`)
    }
    return space
  }

  isEconomy(slot: number): boolean {
    return Atomics.load(this.words, HEADER_WORDS + slot * RECORD_WORDS + D_ECONOMY) === 1
  }
}
