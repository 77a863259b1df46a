import { CacheError } from '../errors.js'
import type { KeyScratch } from '../key.js'
import { BUSY, type Found, type FoundHead, type Reader } from '../store/reader.js'
import type { Routes } from './routes.js'

/** Turns of the event loop that an awaited read gives a line in mid-change. */
const MAX_TURNS = 200

/**
 * A bucket's reads, straight from the memory of whichever node owns the key: no thread is asked.
 * Throws `invalid_key` and `key_too_long`, and `busy` where a line stays in mid-change.
 */
export class Lookup {
  /** The bucket's generation. */
  space: number
  gets = 0
  misses = 0
  /** Of the key last looked for. */
  private hash = 0
  private readonly seed: number
  private readonly scratch: KeyScratch
  private readonly routes: Routes<{ readonly reader: Reader }>

  constructor(
    routes: Routes<{ readonly reader: Reader }>,
    scratch: KeyScratch,
    space: number,
    seed: number,
  ) {
    this.routes = routes
    this.scratch = scratch
    this.space = space
    this.seed = seed
  }

  bytes(key: string): Buffer | undefined {
    const { scratch } = this
    const reader = this.readerOf(key)
    try {
      return this.counted(reader.bytesOf(this.hash, scratch.words, scratch.length, this.space))
    } catch (error) {
      throw asCacheError(error)
    }
  }

  text(key: string): string | undefined {
    const { scratch } = this
    const reader = this.readerOf(key)
    try {
      return this.counted(reader.textOf(this.hash, scratch.words, scratch.length, this.space))
    } catch (error) {
      throw asCacheError(error)
    }
  }

  find(key: string): Found | undefined {
    const { scratch } = this
    const reader = this.readerOf(key)
    try {
      return this.counted(reader.find(this.hash, scratch.words, scratch.length, this.space))
    } catch (error) {
      throw asCacheError(error)
    }
  }

  /** What is known of the item beside its value; not counted as a get. */
  head(key: string): FoundHead | undefined {
    const { scratch } = this
    const reader = this.readerOf(key)
    try {
      return reader.headOf(this.hash, scratch.words, scratch.length, this.space)
    } catch (error) {
      throw asCacheError(error)
    }
  }

  /** Encodes and hashes the key; the memory of its owner. */
  private readerOf(key: string): Reader {
    const { scratch, routes } = this
    scratch.encode(key)
    this.hash = scratch.hash(this.seed)
    return routes.nodes[routes.ring.ownerIndex(this.hash)].reader
  }

  private counted<T>(found: T | undefined): T | undefined {
    this.gets++
    if (found === undefined) {
      this.misses++
    }
    return found
  }
}

function asCacheError(error: unknown): unknown {
  return error === BUSY
    ? new CacheError('busy', 'the line of this key is being changed: try again at once')
    : error
}

/** Reads again in later turns while the line is busy. */
export async function patiently<T>(read: () => T): Promise<T> {
  for (let turn = 0; ; turn++) {
    try {
      return read()
    } catch (cause) {
      const error = asCacheError(cause)
      if (!(error instanceof CacheError) || error.code !== 'busy' || turn === MAX_TURNS) {
        throw error
      }
    }
    await new Promise((resolve) => setImmediate(resolve))
  }
}
