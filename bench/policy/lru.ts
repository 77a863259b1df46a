import { Lists } from './lists.js'
import type { Policy } from './policy.js'

const HELD = 1

/** Evicts what was asked for longest ago. */
export class Lru implements Policy {
  private readonly capacity: number
  private readonly lists: Lists

  constructor(capacity: number, distinct: number) {
    this.capacity = capacity
    this.lists = new Lists(distinct, 1)
  }

  access(key: number, size: number): boolean {
    const { lists, capacity } = this
    if (lists.of(key) === HELD) {
      lists.move(HELD, key)
      return true
    }
    if (size > capacity) return false
    while (lists.weight(HELD) + size > capacity) lists.remove(lists.last(HELD))
    lists.add(HELD, key, size)
    return false
  }
}
