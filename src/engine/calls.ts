import { CacheError } from '../errors.js'
import type { Sink } from '../node/node.js'
import { FAILED, NO_MEMORY, NO_SPACE, NO_VERSION, STALE } from '../store/order.js'

/** Turns an outcome of order.ts into what the caller of `T` wants; throws CacheError. */
export type Decode<T> = (outcome: number, version: number) => T

/** Changes of the ring, or flushes, that one order may be overtaken by. */
const MAX_TRIES = 16

/** One order as a promise. */
export class SingleCall<T> implements Sink {
  readonly promise: Promise<T>
  private readonly decode: Decode<T>
  private readonly again: (() => void) | undefined
  private tries = 0
  private resolve!: (value: T) => void
  private reject!: (error: unknown) => void

  /** `again` submits the order anew, by the routes and in the generation of now. */
  constructor(decode: Decode<T>, again?: () => void) {
    this.decode = decode
    this.again = again
    this.promise = new Promise<T>((resolve, reject) => {
      this.resolve = resolve
      this.reject = reject
    })
  }

  settle(_index: number, outcome: number, version: number): void {
    if (outcome < NO_MEMORY) {
      this.resolve(this.decode(outcome, version))
    } else if (isOvertaken(outcome) && this.again !== undefined && this.tries++ < MAX_TRIES) {
      try {
        this.again()
      } catch (error) {
        this.reject(error)
      }
    } else {
      this.reject(refusal(outcome))
    }
  }

  fail(_index: number, error: CacheError): void {
    this.reject(error)
  }
}

/**
 * Many orders as one promise of all results, in order. If one fails, the call fails when all have
 * ended, with the first error: others may have been carried out, and `maybeStored` says so.
 */
export class BatchCall<T> implements Sink {
  readonly promise: Promise<T[]>
  private readonly results: T[]
  private readonly decode: Decode<T>
  private readonly again: ((index: number) => void) | undefined
  private triesLeft: number
  private left: number
  private error: CacheError | undefined
  private done = 0
  private resolve!: (values: T[]) => void
  private reject!: (error: unknown) => void

  /** `again` submits one of the orders anew, by the routes and in the generation of now. */
  constructor(count: number, decode: Decode<T>, again?: (index: number) => void) {
    this.decode = decode
    this.again = again
    this.triesLeft = count * MAX_TRIES
    this.left = count
    this.results = new Array<T>(count)
    this.promise = new Promise<T[]>((resolve, reject) => {
      this.resolve = resolve
      this.reject = reject
    })
    if (count === 0) {
      this.resolve(this.results)
    }
  }

  settle(index: number, outcome: number, version: number): void {
    if (outcome < NO_MEMORY) {
      this.results[index] = this.decode(outcome, version)
      this.done++
    } else if (isOvertaken(outcome) && this.again !== undefined && this.triesLeft-- > 0) {
      try {
        this.again(index)
        return
      } catch (error) {
        this.error ??= asCacheError(error)
      }
    } else {
      this.error ??= refusal(outcome)
    }
    this.countDown(1)
  }

  fail(_index: number, error: CacheError): void {
    this.error ??= error
    this.countDown(1)
  }

  /** The last `count` orders were never submitted. */
  abandon(count: number, error: CacheError): void {
    this.error ??= error
    this.countDown(count)
  }

  private countDown(count: number): void {
    this.left -= count
    if (this.left > 0) {
      return
    }
    if (this.error === undefined) {
      this.resolve(this.results)
    } else {
      const { code, message, maybeStored } = this.error
      this.reject(new CacheError(code, message, { maybeStored: maybeStored || this.done > 0 }))
    }
  }
}

/** The router went by an older ring, or the bucket has another generation by now. */
function isOvertaken(outcome: number): boolean {
  return outcome === STALE || outcome === NO_SPACE
}

function asCacheError(error: unknown): CacheError {
  return error instanceof CacheError
    ? error
    : new CacheError('internal', String(error), { cause: error })
}

function refusal(outcome: number): CacheError {
  switch (outcome) {
    case STALE:
      return new CacheError('recovering', 'the ring keeps changing: try again')
    case NO_MEMORY:
      return new CacheError(
        'value_too_large',
        'the item does not fit the memory of its node, even when all else is evicted',
      )
    case NO_VERSION:
      return new CacheError('overloaded', 'the node waits for new version numbers: try again')
    case NO_SPACE:
      return new CacheError('bucket_not_found', 'the bucket was deleted or flushed meanwhile')
    case FAILED:
      return new CacheError('internal', 'the node failed at this write, three times over', {
        maybeStored: true,
      })
    default:
      return new CacheError('internal', `a node answered with the unknown outcome ${outcome}`)
  }
}
