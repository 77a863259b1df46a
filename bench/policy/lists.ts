export const NONE = -1

/**
 * Doubly linked lists over keys 0 to `distinct` - 1, of which a key stands in one at most. They are
 * numbered from 1; list 0 means that a key is in none. A list's ring closes over an end of its own.
 */
export class Lists {
  private readonly next: Int32Array
  private readonly prev: Int32Array
  private readonly home: Uint8Array
  private readonly sizes: Uint32Array
  private readonly weights: Float64Array
  private readonly endsAt: number

  constructor(distinct: number, count: number) {
    this.endsAt = distinct
    this.next = Int32Array.from({ length: distinct + count + 1 }, (_, i) => i)
    this.prev = this.next.slice()
    this.home = new Uint8Array(distinct)
    this.sizes = new Uint32Array(distinct)
    this.weights = new Float64Array(count + 1)
  }

  /** The list that a key stands in, 0 for none. */
  of(key: number): number {
    return this.home[key]
  }

  size(key: number): number {
    return this.sizes[key]
  }

  /** The sizes of all its keys together. */
  weight(list: number): number {
    return this.weights[list]
  }

  /** The key that came to the front longest ago, or NONE. */
  last(list: number): number {
    return this.keyAt(this.prev[this.endsAt + list])
  }

  /** The neighbour on the front's side, or NONE. */
  before(key: number): number {
    return this.keyAt(this.prev[key])
  }

  /** Brings a key in, at the front. */
  add(list: number, key: number, size: number): void {
    this.sizes[key] = size
    this.link(list, key)
  }

  /** To the front of this list, from wherever it stands. */
  move(list: number, key: number): void {
    this.remove(key)
    this.link(list, key)
  }

  remove(key: number): void {
    const { next, prev } = this
    next[prev[key]] = next[key]
    prev[next[key]] = prev[key]
    this.weights[this.home[key]] -= this.sizes[key]
    this.home[key] = 0
  }

  private link(list: number, key: number): void {
    const { next, prev } = this
    const end = this.endsAt + list
    const first = next[end]
    next[end] = key
    prev[key] = end
    next[key] = first
    prev[first] = key
    this.weights[list] += this.sizes[key]
    this.home[key] = list
  }

  private keyAt(place: number): number {
    return place < this.endsAt ? place : NONE
  }
}
