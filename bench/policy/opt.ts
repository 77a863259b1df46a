import type { Policy } from './policy.js'

/** A request for a key that never comes again. */
const NEVER = -1

/**
 * The optimum for items of equal size (Belady, "A study of replacement algorithms", 1966): with the
 * whole trace known, evicts what is asked for again latest. Where that is the item just asked for,
 * it is not admitted; so nothing that may refuse an item can do better.
 */
export class Opt implements Policy {
  private readonly capacity: number
  private readonly keys: Int32Array
  private readonly nextAt: Int32Array
  private readonly held: Uint8Array
  /**
   * A heap of the requests to come for held keys, latest first. One that has gone by stays, but
   * lies below all that are to come, so it reaches the top only when nothing is held.
   */
  private readonly heap: Int32Array
  private heapLength = 0
  private count = 0
  private now = 0

  constructor(capacity: number, distinct: number, keys: Int32Array) {
    this.capacity = capacity
    this.keys = keys
    this.nextAt = nextRequests(keys, distinct)
    this.held = new Uint8Array(distinct)
    this.heap = new Int32Array(keys.length)
  }

  /** The trace's keys, in their order. */
  access(key: number): boolean {
    const { held } = this
    const hit = held[key] === 1
    const next = this.nextAt[this.now++]
    if (hit) {
      held[key] = 0
      this.count--
    }
    if (next === NEVER) return hit
    held[key] = 1
    this.push(next)
    if (++this.count > this.capacity) {
      held[this.keys[this.pop()]] = 0
      this.count--
    }
    return hit
  }

  private push(request: number): void {
    const { heap } = this
    let at = this.heapLength++
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (heap[parent] >= request) break
      heap[at] = heap[parent]
      at = parent
    }
    heap[at] = request
  }

  private pop(): number {
    const { heap } = this
    const top = heap[0]
    const moved = heap[--this.heapLength]
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= this.heapLength) break
      if (child + 1 < this.heapLength && heap[child + 1] > heap[child]) child++
      if (heap[child] <= moved) break
      heap[at] = heap[child]
      at = child
    }
    heap[at] = moved
    return top
  }
}

/** For each request, the next one for the same key. */
function nextRequests(keys: Int32Array, distinct: number): Int32Array {
  const nextAt = new Int32Array(keys.length)
  const upcoming = new Int32Array(distinct).fill(NEVER)
  for (let i = keys.length - 1; i >= 0; i--) {
    nextAt[i] = upcoming[keys[i]]
    upcoming[keys[i]] = i
  }
  return nextAt
}
