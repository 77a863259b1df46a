import { CacheError } from '../errors.js'

/** Dense numbers for buckets: the smallest free one is taken first, so that tables stay short. */
export class Slots {
  readonly #taken: Uint8Array
  /** No slot below this one is free. */
  #floor = 0

  constructor(count: number) {
    this.#taken = new Uint8Array(count)
  }

  take(): number {
    const slot = this.#taken.indexOf(0, this.#floor)
    if (slot === -1) {
      throw new CacheError(
        'too_many_buckets',
        `all ${this.#taken.length} buckets are in use: delete one, or start with a higher limit`,
      )
    }
    this.#taken[slot] = 1
    this.#floor = slot + 1
    return slot
  }

  /** At the start, for a bucket that has its slot already: false where it cannot have it. */
  keep(slot: number): boolean {
    if (this.#taken[slot] !== 0) return false
    this.#taken[slot] = 1
    return true
  }

  release(slot: number): void {
    this.#taken[slot] = 0
    this.#floor = Math.min(this.#floor, slot)
  }
}
