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
    const { scratch, routes } = this
    scratch.encode(key)
    const hash = scratch.hash(this.seed)
    const node = routes.nodes[routes.ring.ownerIndex(hash)]
    let value: Buffer | undefined
    try {
      value = node.reader.bytesOf(hash, scratch.words, scratch.length, this.space)
    } catch (error) {
      throw asCacheError(error)
    }
    this.gets++
    if (value === undefined) {
      this.misses++
    }
    return value
  }

  text(key: string): string | undefined {
    const { scratch, routes } = this
    scratch.encode(key)
    const hash = scratch.hash(this.seed)
    const node = routes.nodes[routes.ring.ownerIndex(hash)]
    let value: string | undefined
    try {
      value = node.reader.textOf(hash, scratch.words, scratch.length, this.space)
    } catch (error) {
      throw asCacheError(error)
    }
    this.gets++
    if (value === undefined) {
      this.misses++
    }
    return value
  }

  /** What is known of the item beside its value; not counted as a get. */
  head(key: string): FoundHead | undefined {
    const { scratch, routes } = this
    scratch.encode(key)
    const hash = scratch.hash(this.seed)
    const node = routes.nodes[routes.ring.ownerIndex(hash)]
    try {
      return node.reader.headOf(hash, scratch.words, scratch.length, this.space)
    } catch (error) {
      throw asCacheError(error)
    }
  }

  find(key: string): Found | undefined {
    const { scratch, routes } = this
    scratch.encode(key)
    const hash = scratch.hash(this.seed)
    const node = routes.nodes[routes.ring.ownerIndex(hash)]
    let found: Found | undefined
    try {
      found = node.reader.find(hash, scratch.words, scratch.length, this.space)
    } catch (error) {
      throw asCacheError(error)
    }
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
