import { Lists } from './lists.js'
import type { Policy } from './policy.js'

const HELD = 1

/**
 * Second chance (Corbató, "A paging experiment with the Multics system", 1968): a FIFO whose tail
 * goes round once more if it was asked for since it last passed. Without chances it is a plain FIFO.
 */
export class Clock implements Policy {
  private readonly capacity: number
  private readonly chances: number
  private readonly lists: Lists
  private readonly marks: Uint8Array

  constructor(capacity: number, distinct: number, chances = 1) {
    this.capacity = capacity
    this.chances = chances
    this.lists = new Lists(distinct, 1)
    this.marks = new Uint8Array(distinct)
  }

  access(key: number, size: number): boolean {
    const { lists, marks, capacity } = this
    if (lists.of(key) === HELD) {
      if (marks[key] < this.chances) marks[key]++
      return true
    }
    if (size > capacity) return false
    while (lists.weight(HELD) + size > capacity) this.turn()
    lists.add(HELD, key, size)
    marks[key] = 0
    return false
  }

  private turn(): void {
    const { lists, marks } = this
    const tail = lists.last(HELD)
    if (marks[tail] === 0) {
      lists.remove(tail)
    } else {
      marks[tail]--
      lists.move(HELD, tail)
    }
  }
}
