import { CacheError, type ErrorCode } from './errors.js'

/** How one value is looked up, made, and kept. */
export interface Steps<T> {
  read(): Promise<T | undefined>
  load(): Promise<T>
  /** Where there is none yet; false where there is one by now. */
  store(value: T): Promise<boolean>
}

/** Those who want the same value at one time. */
interface Flight<T> {
  inside: number
  load: Promise<T> | undefined
}

const MAX_LOADS = 10_000
/** Mistakes that would go unseen if the value were given all the same. */
const MISTAKES: ReadonlySet<ErrorCode> = new Set(['unauthorized', 'forbidden', 'bucket_not_found'])

/**
 * Values that are looked up, and loaded where they are missing: of all who want the same one at a time
 * only the first loads it.
 */
export class Flights<T> {
  private readonly copy: (value: T) => T
  private readonly limit: number
  private readonly flights = new Map<string, Flight<T>>()
  private loads = 0

  /** `copy` keeps apart what several are given. */
  constructor(copy: (value: T) => T, limit = MAX_LOADS) {
    this.copy = copy
    this.limit = limit
  }

  /**
   * The value that is there; else the loaded one, stored where the key is still absent. Where another
   * was put meanwhile, that one. Each reads for itself, so that nobody gets what is older than its call.
   */
  async getOrSet(key: string, steps: Steps<T>): Promise<T> {
    const flight = this.enter(key)
    try {
      const value = await steps.read()
      if (value !== undefined) return value
      // Also one that has ended since: it was stored after this call began.
      flight.load ??= this.load(key, flight, steps)
      return this.copy(await flight.load)
    } finally {
      this.leave(key, flight)
    }
  }

  private enter(key: string): Flight<T> {
    const flight = this.flights.get(key) ?? { inside: 0, load: undefined }
    this.flights.set(key, flight)
    flight.inside++
    return flight
  }

  private leave(key: string, flight: Flight<T>): void {
    flight.inside--
    if (flight.inside === 0) this.end(key, flight)
  }

  /** Who comes later begins another flight. */
  private end(key: string, flight: Flight<T>): void {
    if (this.flights.get(key) === flight) this.flights.delete(key)
  }

  private async load(key: string, flight: Flight<T>, steps: Steps<T>): Promise<T> {
    this.loads++
    try {
      if (this.loads > this.limit) {
        throw new CacheError(
          'overloaded',
          `${this.limit} values are being loaded already: ask for fewer at a time`,
        )
      }
      return await keep(await steps.load(), steps)
    } finally {
      this.loads--
      this.end(key, flight)
    }
  }
}

/** A value that cannot be stored is a value all the same. */
async function keep<T>(value: T, { read, store }: Steps<T>): Promise<T> {
  try {
    return (await store(value)) ? value : ((await read()) ?? value)
  } catch (error) {
    if (error instanceof CacheError && !MISTAKES.has(error.code)) return value
    throw error
  }
}
