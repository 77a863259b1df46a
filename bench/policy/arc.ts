import { Lists, NONE } from './lists.js'
import type { Policy } from './policy.js'

const ONCE = 1
const OFTEN = 2
const ONCE_GHOST = 3
const OFTEN_GHOST = 4

/**
 * ARC (Megiddo and Modha, "ARC: a self-tuning, low overhead replacement cache", FAST'03): one LRU of
 * items asked for once and one of the others (the paper's T1 and T2), each with a ghost (B1, B2); a
 * hit in a ghost moves the target size of the first (p).
 */
export class Arc implements Policy {
  private readonly capacity: number
  private readonly lists: Lists
  private target = 0

  constructor(capacity: number, distinct: number) {
    this.capacity = capacity
    this.lists = new Lists(distinct, 4)
  }

  access(key: number, size: number): boolean {
    const { lists, capacity } = this
    const home = lists.of(key)
    if (home === ONCE || home === OFTEN) {
      lists.move(OFTEN, key)
      return true
    }
    if (size > capacity) return false
    if (home === 0) {
      while (this.held() + size > capacity) this.makeRoom(size)
      lists.add(ONCE, key, size)
    } else {
      this.learn(home)
      lists.remove(key)
      while (this.held() + size > capacity) this.replace(home === OFTEN_GHOST)
      lists.add(OFTEN, key, size)
    }
    return false
  }

  private held(): number {
    return this.lists.weight(ONCE) + this.lists.weight(OFTEN)
  }

  /** Cases II and III: the shorter the ghost that was hit, the further the target moves. */
  private learn(ghost: number): void {
    const { lists } = this
    const once = lists.weight(ONCE_GHOST)
    const often = lists.weight(OFTEN_GHOST)
    if (ghost === ONCE_GHOST) {
      this.target = Math.min(this.capacity, this.target + Math.max(1, often / once))
    } else {
      this.target = Math.max(0, this.target - Math.max(1, once / often))
    }
  }

  /** Case IV: a key in none of the lists; each call evicts one item. */
  private makeRoom(size: number): void {
    const { lists, capacity } = this
    const once = lists.weight(ONCE) + lists.weight(ONCE_GHOST)
    if (once + size > capacity) {
      if (lists.last(ONCE_GHOST) === NONE) {
        lists.remove(lists.last(ONCE))
        return
      }
      lists.remove(lists.last(ONCE_GHOST))
    } else {
      this.trim(size)
    }
    this.replace(false)
  }

  /** All four lists together hold twice the capacity at most. */
  private trim(size: number): void {
    const { lists, capacity } = this
    const ghosts = () => lists.weight(ONCE_GHOST) + lists.weight(OFTEN_GHOST)
    while (this.held() + ghosts() + size > 2 * capacity && lists.last(OFTEN_GHOST) !== NONE) {
      lists.remove(lists.last(OFTEN_GHOST))
    }
  }

  /** Evicts from the list that is over its share. */
  private replace(forOften: boolean): void {
    const { lists, target } = this
    const once = lists.weight(ONCE)
    const fromOnce = once > 0 && (once > target || (forOften && once === target))
    if (fromOnce || lists.last(OFTEN) === NONE) lists.move(ONCE_GHOST, lists.last(ONCE))
    else lists.move(OFTEN_GHOST, lists.last(OFTEN))
  }
}
