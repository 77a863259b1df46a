import { setTimeout as pass } from 'node:timers/promises'
import { CacheError } from '../errors.js'
import type { KeyScratch } from '../key.js'
import { ABSENT, BUSY, type Found, type FoundHead, type Reader } from '../store/reader.js'
import { ownerOf, type Routes } from './routes.js'
import { countRead } from './tallies.js'

/** Where a bucket is read. */
interface Place {
  readonly reader: Reader
  readonly lane: number
}

/** A line in mid-change is looked at in so many turns of the event loop, then every millisecond. */
const EAGER_TURNS = 100
/** A writer that died in mid-change leaves its line to its successor: that many looks in all. */
const MAX_LOOKS = 2_000

/**
 * A bucket's reads, straight from the memory of whichever node owns the key: no thread is asked.
 * Throws `invalid_key` and `key_too_long`, and `busy` where a line stays in mid-change.
 */
export class Lookup {
  /** The bucket's generation. */
  space: number
  /** Keys of the bucket are let go when their arc moves: the former owner's are not to be found. */
  isEconomy = false
  hits = 0
  misses = 0
  /** Of the key last looked for, and of its owner. */
  private hash = 0
  private lane = 0
  private readonly nodeReads: Float64Array
  private readonly seed: number
  private readonly scratch: KeyScratch
  private readonly routes: Routes<Place>
  private readonly isInHand: (hash: number) => boolean

  /**
   * `nodeReads`: the calling thread's tally of reads by node, see tallies.ts.
   * `isInHand`: whether a write with copies is under way for the key. Those who keep them have it first,
   * the former owner may be one of them, and until the owner has it nobody is to see it.
   */
  constructor(
    routes: Routes<Place>,
    scratch: KeyScratch,
    space: number,
    seed: number,
    nodeReads: Float64Array,
    isInHand: (hash: number) => boolean = () => false,
  ) {
    this.nodeReads = nodeReads
    this.isInHand = isInHand
    this.routes = routes
    this.scratch = scratch
    this.space = space
    this.seed = seed
  }

  bytes(key: string): Buffer | undefined {
    const { scratch } = this
    const reader = this.readerOf(key)
    try {
      const found = reader.bytesOf(this.hash, scratch.words, scratch.length, this.space)
      if (found === undefined && this.routes.before !== undefined) {
        return this.counted(
          this.elsewhere(reader, (other) =>
            other.bytesOf(this.hash, scratch.words, scratch.length, this.space),
          ),
        )
      }
      return this.counted(found)
    } catch (error) {
      throw asCacheError(error)
    }
  }

  text(key: string): string | undefined {
    const { scratch } = this
    const reader = this.readerOf(key)
    try {
      const found = reader.textOf(this.hash, scratch.words, scratch.length, this.space)
      if (found === undefined && this.routes.before !== undefined) {
        return this.counted(
          this.elsewhere(reader, (other) =>
            other.textOf(this.hash, scratch.words, scratch.length, this.space),
          ),
        )
      }
      return this.counted(found)
    } catch (error) {
      throw asCacheError(error)
    }
  }

  /**
   * Copies the value to `target[at…]` and returns its length in bytes, or ABSENT. A value longer than
   * the room there is not copied.
   */
  copyTo(key: string, target: Uint8Array, at: number): number {
    const { scratch } = this
    const reader = this.readerOf(key)
    try {
      let length = reader.copyTo(this.hash, scratch.words, scratch.length, this.space, target, at)
      if (length === ABSENT && this.routes.before !== undefined) {
        length = this.copyElsewhere(reader, target, at)
      }
      if (length <= target.length - at) {
        this.count(length === ABSENT) // else it is asked for again
      }
      return length
    } catch (error) {
      throw asCacheError(error)
    }
  }

  private copyElsewhere(owner: Reader, target: Uint8Array, at: number): number {
    const { scratch } = this
    const found = this.elsewhere(owner, (other) => {
      const length = other.copyTo(this.hash, scratch.words, scratch.length, this.space, target, at)
      return length === ABSENT ? undefined : length
    })
    return found ?? ABSENT
  }

  find(key: string): Found | undefined {
    const { scratch } = this
    const reader = this.readerOf(key)
    try {
      const found = reader.find(this.hash, scratch.words, scratch.length, this.space)
      if (found === undefined && this.routes.before !== undefined) {
        return this.counted(
          this.elsewhere(reader, (other) =>
            other.find(this.hash, scratch.words, scratch.length, this.space),
          ),
        )
      }
      return this.counted(found)
    } catch (error) {
      throw asCacheError(error)
    }
  }

  /** What is known of the item beside its value; not counted as a get. */
  head(key: string): FoundHead | undefined {
    const { scratch } = this
    const reader = this.readerOf(key)
    try {
      const found = reader.headOf(this.hash, scratch.words, scratch.length, this.space)
      return found !== undefined || this.routes.before === undefined
        ? found
        : this.elsewhere(reader, (other) =>
            other.headOf(this.hash, scratch.words, scratch.length, this.space),
          )
    } catch (error) {
      throw asCacheError(error)
    }
  }

  /**
   * A miss while keys move: the former owner may have the key still. Where that one has let it go since
   * the first look, the owner has it by now: it got it before.
   */
  private elsewhere<T>(owner: Reader, look: (reader: Reader) => T | undefined): T | undefined {
    const { before } = this.routes
    const former = before === undefined ? owner : ownerOf(before, this.hash).reader
    if (former === owner || this.isEconomy) {
      return undefined
    }
    const there = look(former)
    return there === undefined || this.isInHand(this.hash) ? look(owner) : there
  }

  /** Encodes and hashes the key; the memory of its owner. */
  private readerOf(key: string): Reader {
    const { scratch, routes } = this
    scratch.encode(key)
    this.hash = scratch.hash(this.seed)
    const owner = routes.nodes[routes.ring.ownerIndex(this.hash)]
    this.lane = owner.lane
    return owner.reader
  }

  private counted<T>(found: T | undefined): T | undefined {
    this.count(found === undefined)
    return found
  }

  private count(isMiss: boolean): void {
    if (isMiss) {
      this.misses++
    } else {
      this.hits++
    }
    countRead(this.nodeReads, this.lane, isMiss)
  }
}

function asCacheError(error: unknown): unknown {
  return error === BUSY
    ? new CacheError('busy', 'the line of this key is being changed: try again at once')
    : error
}

/** Reads again in later turns while the line is busy. Throws `busy` after `mostLooks` of them. */
export async function patiently<T>(read: () => T, mostLooks = MAX_LOOKS): Promise<T> {
  for (let looks = 0; ; looks++) {
    try {
      return read()
    } catch (cause) {
      const error = asCacheError(cause)
      if (!(error instanceof CacheError) || error.code !== 'busy' || looks === mostLooks) {
        throw error
      }
    }
    await (looks < EAGER_TURNS ? new Promise((resolve) => setImmediate(resolve)) : pass(1))
  }
}
