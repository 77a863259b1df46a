import { FrequencySketch } from './frequency-sketch.js'
import { Lists, NONE } from './lists.js'
import type { Policy } from './policy.js'

const WINDOW = 1
const PROBATION = 2
const PROTECTED = 3

const WINDOW_RATIO = 0.01
const PROTECTED_RATIO = 0.8
const STEP_RATIO = 0.0625
const STEP_DECAY = 0.98
const RESTART_AT = 0.05
/** A candidate that came so often is let in now and then even if it loses, against chosen keys. */
const WARM = 6
const LUCKY = 128

/**
 * W-TinyLFU whose window climbs hills (Einziger, Eytan, Friedman and Manes, "Adaptive software cache
 * management", Middleware'18), with Caffeine's constants: new items pass an LRU window, and enter the
 * main LRU of two segments only if the sketch saw them more often than its victim. After each sample
 * the window grows or shrinks by a step, in the same direction as long as the hit ratio rises.
 */
export class WTinyLfu implements Policy {
  private readonly capacity: number
  private readonly lists: Lists
  private readonly sketch: FrequencySketch
  private windowCapacity: number
  private protectedCapacity: number
  private step: number
  private hits = 0
  private requests = 0
  private lastHitRatio = 0
  private random = 1

  /** `items`: about how many the cache holds; it sizes the sketch. */
  constructor(capacity: number, distinct: number, items = capacity) {
    const main = Math.floor(capacity * (1 - WINDOW_RATIO))
    this.capacity = capacity
    this.lists = new Lists(distinct, 3)
    this.sketch = new FrequencySketch(items)
    this.windowCapacity = capacity - main
    this.protectedCapacity = Math.floor(main * PROTECTED_RATIO)
    this.step = -STEP_RATIO * capacity
  }

  access(key: number, size: number): boolean {
    const hit = this.lists.of(key) !== 0
    this.requests++
    this.sketch.add(key)
    if (hit) this.touch(key)
    else if (size <= this.capacity) this.admit(key, size)
    if (this.requests >= this.sketch.sampleSize) this.climb()
    return hit
  }

  private touch(key: number): void {
    const { lists } = this
    this.hits++
    const home = lists.of(key)
    lists.move(home === WINDOW ? WINDOW : PROTECTED, key)
    if (home === PROBATION) this.demote()
  }

  private demote(): void {
    const { lists } = this
    while (lists.weight(PROTECTED) > this.protectedCapacity) {
      lists.move(PROBATION, lists.last(PROTECTED))
    }
  }

  private admit(key: number, size: number): void {
    const { lists } = this
    lists.add(WINDOW, key, size)
    while (lists.weight(WINDOW) > this.windowCapacity) {
      const candidate = lists.last(WINDOW)
      const victim = this.mainVictim()
      lists.move(PROBATION, candidate)
      if (this.isOver()) this.contest(candidate, victim)
    }
    while (this.isOver()) this.contest(lists.last(WINDOW), this.mainVictim())
  }

  private isOver(): boolean {
    const { lists } = this
    const main = lists.weight(PROBATION) + lists.weight(PROTECTED)
    return lists.weight(WINDOW) + main > this.capacity
  }

  private mainVictim(): number {
    const victim = this.lists.last(PROBATION)
    return victim === NONE ? this.lists.last(PROTECTED) : victim
  }

  /** Evicts the candidate, or victims until it fits. */
  private contest(candidate: number, firstVictim: number): void {
    const { lists } = this
    let victim = firstVictim
    while (this.isOver()) {
      if (candidate === NONE || (victim !== NONE && this.wins(candidate, victim))) {
        lists.remove(victim)
        victim = this.mainVictim()
        if (victim === candidate) victim = NONE
      } else {
        lists.remove(candidate)
        return
      }
    }
  }

  private wins(candidate: number, victim: number): boolean {
    const mine = this.sketch.estimate(candidate)
    if (mine > this.sketch.estimate(victim)) return true
    return mine >= WARM && this.chance() % LUCKY === 0
  }

  /** Xorshift (Marsaglia 2003): the same in every run. */
  private chance(): number {
    let x = this.random
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    this.random = x
    return x >>> 0
  }

  private climb(): void {
    const hitRatio = this.hits / this.requests
    const change = hitRatio - this.lastHitRatio
    const amount = change >= 0 ? this.step : -this.step
    const isLarge = Math.abs(change) >= RESTART_AT
    this.step = isLarge ? Math.sign(amount) * STEP_RATIO * this.capacity : STEP_DECAY * amount
    this.lastHitRatio = hitRatio
    this.hits = 0
    this.requests = 0
    if (amount > 0) this.growWindow(Math.floor(amount))
    else this.shrinkWindow(Math.floor(-amount))
  }

  /** The window takes from the protected segment's share, and the main segments' tails with it. */
  private growWindow(amount: number): void {
    const { lists } = this
    let quota = Math.min(amount, this.protectedCapacity)
    this.protectedCapacity -= quota
    this.windowCapacity += quota
    this.demote()
    for (;;) {
      const key = this.mainVictim()
      if (key === NONE || lists.size(key) > quota) break
      quota -= lists.size(key)
      lists.move(WINDOW, key)
    }
    this.protectedCapacity += quota
    this.windowCapacity -= quota
  }

  private shrinkWindow(amount: number): void {
    const { lists } = this
    let quota = Math.min(amount, Math.max(0, this.windowCapacity - 1))
    this.protectedCapacity += quota
    this.windowCapacity -= quota
    for (;;) {
      const key = lists.last(WINDOW)
      if (key === NONE || lists.size(key) > quota) break
      quota -= lists.size(key)
      lists.move(PROBATION, key)
    }
    this.protectedCapacity -= quota
    this.windowCapacity += quota
  }
}
