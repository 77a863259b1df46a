import { Lists, NONE } from './lists.js'
import type { Policy } from './policy.js'

const SMALL = 1
const MAIN = 2
const GHOST = 3

const SMALL_RATIO = 0.1
const GHOST_RATIO = 0.9
const PROMOTE_AT = 2
const MAX_FREQUENCY = 3

/**
 * S3-FIFO (Yang et al., "FIFO queues are all you need for cache eviction", SOSP'23): a small queue
 * that new items pass, a main one for those asked for twice there or again soon after, and a ghost
 * of keys. As in libCacheSim, what the small queue could not hold is not admitted.
 */
export class S3Fifo implements Policy {
  private readonly capacity: number
  private readonly smallCapacity: number
  private readonly ghostCapacity: number
  private readonly lists: Lists
  private readonly frequencies: Uint8Array

  constructor(capacity: number, distinct: number) {
    this.capacity = capacity
    this.smallCapacity = Math.floor(capacity * SMALL_RATIO)
    this.ghostCapacity = Math.floor(capacity * GHOST_RATIO)
    this.lists = new Lists(distinct, 3)
    this.frequencies = new Uint8Array(distinct)
  }

  access(key: number, size: number): boolean {
    const { lists, frequencies } = this
    const home = lists.of(key)
    if (home === SMALL || home === MAIN) {
      if (frequencies[key] < MAX_FREQUENCY) frequencies[key]++
      return true
    }
    // Before room is made, lest that push the key's own ghost out.
    if (home === GHOST) lists.remove(key)
    if (size > this.smallCapacity) return false
    while (lists.weight(SMALL) + lists.weight(MAIN) + size > this.capacity) this.turn()
    lists.add(home === GHOST ? MAIN : SMALL, key, size)
    frequencies[key] = 0
    return false
  }

  /** Looks at one tail: evicts it or gives it another chance. */
  private turn(): void {
    const { lists } = this
    const mainIsOver = lists.weight(MAIN) > this.capacity - this.smallCapacity
    if (mainIsOver || lists.last(SMALL) === NONE) this.turnMain()
    else this.turnSmall()
  }

  private turnSmall(): void {
    const { lists, frequencies } = this
    const tail = lists.last(SMALL)
    if (frequencies[tail] >= PROMOTE_AT) {
      frequencies[tail] = 0
      lists.move(MAIN, tail)
      return
    }
    const room = this.ghostCapacity - lists.size(tail)
    while (lists.weight(GHOST) > room && lists.last(GHOST) !== NONE) lists.remove(lists.last(GHOST))
    if (room >= 0) lists.move(GHOST, tail)
    else lists.remove(tail)
  }

  private turnMain(): void {
    const { lists, frequencies } = this
    const tail = lists.last(MAIN)
    if (frequencies[tail] === 0) {
      lists.remove(tail)
    } else {
      frequencies[tail]--
      lists.move(MAIN, tail)
    }
  }
}
