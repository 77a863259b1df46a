import { Lists, NONE } from './lists.js'
import type { Policy } from './policy.js'

const HELD = 1

/**
 * SIEVE (Zhang et al., "SIEVE is simpler than LRU", NSDI'24): a hand goes from the tail to the head
 * of a FIFO, spares what was asked for since it last passed, and nothing changes its place.
 */
export class Sieve implements Policy {
  private readonly capacity: number
  private readonly lists: Lists
  private readonly visited: Uint8Array
  private hand = NONE

  constructor(capacity: number, distinct: number) {
    this.capacity = capacity
    this.lists = new Lists(distinct, 1)
    this.visited = new Uint8Array(distinct)
  }

  access(key: number, size: number): boolean {
    const { lists, visited, capacity } = this
    if (lists.of(key) === HELD) {
      visited[key] = 1
      return true
    }
    if (size > capacity) return false
    while (lists.weight(HELD) + size > capacity) this.evict()
    lists.add(HELD, key, size)
    visited[key] = 0
    return false
  }

  private evict(): void {
    const { lists, visited } = this
    let key = this.hand === NONE ? lists.last(HELD) : this.hand
    while (visited[key] === 1) {
      visited[key] = 0
      key = lists.before(key)
      if (key === NONE) key = lists.last(HELD)
    }
    this.hand = lists.before(key)
    lists.remove(key)
  }
}
