import type { Rule } from './rules.js'
import type { Sketch } from './sketch.js'
import { MAX_FREQUENCY } from './table.js'
import { pickVictim, type Queues } from './victim.js'

/** Items and ghosts that a miniature holds at most. */
export const MINIATURE_ENTRIES = 2048
const BUCKETS = 2048
const BUCKET_SHIFT = 21
/** What the ghost remembers, of the capacity. */
const GHOST_RATIO = 0.9

const FREE = 0
const SMALL = 1
const MAIN = 2
const GHOST = 3

/**
 * A cache of one set and one rule that holds prints alone, for a sample of the keys: it tells what
 * the rule would do for the whole set (Waldspurger et al., "Cache modeling and optimization using
 * miniature simulations", ATC'17). It lives with its writer; a fresh one begins with an empty one.
 */
export class Miniature implements Queues {
  readonly rule: Rule
  private readonly sketch: Sketch
  /** Bytes that it may hold. */
  capacity = 0
  private readonly prints = new Int32Array(MINIATURE_ENTRIES + 1)
  private readonly sizes = new Float64Array(MINIATURE_ENTRIES + 1)
  private readonly nexts = new Uint16Array(MINIATURE_ENTRIES + 1)
  private readonly prevs = new Uint16Array(MINIATURE_ENTRIES + 1)
  private readonly chains = new Uint16Array(MINIATURE_ENTRIES + 1)
  private readonly buckets = new Uint16Array(BUCKETS)
  private readonly places = new Uint8Array(MINIATURE_ENTRIES + 1)
  private readonly frequencies = new Uint8Array(MINIATURE_ENTRIES + 1)
  /** By place: the free entries are a list from their tail on. */
  private readonly heads = new Uint16Array(4)
  private readonly tails = new Uint16Array(4)
  private readonly sums = new Float64Array(4)
  /** The victim that the ghost is to remember. */
  private remembered = 0

  constructor(rule: Rule, sketch: Sketch) {
    this.rule = rule
    this.sketch = sketch
    for (let entry = 1; entry <= MINIATURE_ENTRIES; entry++) {
      this.push(entry, FREE)
    }
  }

  /** Someone asks for the key, or puts it. Whether it was there; it is now, if it fits. */
  access(print: number, bytes: number): boolean {
    const entry = this.find(print)
    const place = this.places[entry]
    if (entry !== 0 && place !== GHOST) {
      if (this.frequencies[entry] < MAX_FREQUENCY) {
        this.frequencies[entry]++
      }
      return true
    }
    if (entry !== 0) {
      this.drop(entry)
    }
    const goesToMain = this.rule.direct || (entry !== 0 && !this.rule.contest)
    if (bytes <= this.capacity) {
      this.makeRoom(bytes)
      this.enter(print, bytes, goesToMain ? MAIN : SMALL)
    }
    return false
  }

  private makeRoom(bytes: number): void {
    while (this.smallBytes() + this.mainBytes() + bytes > this.capacity) {
      this.drop(pickVictim(this, 0, this.rule, this.capacity))
    }
    if (this.tails[FREE] === 0) {
      this.drop(this.tails[GHOST] || pickVictim(this, 0, this.rule, this.capacity))
    }
  }

  private enter(print: number, bytes: number, place: number): void {
    const entry = this.tails[FREE]
    this.unlink(entry)
    const bucket = bucketOf(print)
    this.prints[entry] = print
    this.sizes[entry] = bytes
    this.frequencies[entry] = 0
    this.chains[entry] = this.buckets[bucket]
    this.buckets[bucket] = entry
    this.push(entry, place)
  }

  /** Forgets an entry; a victim that the ghost remembers stays there. */
  private drop(entry: number): void {
    if (this.remembered === entry) {
      this.remembered = 0
      this.unlink(entry)
      this.push(entry, GHOST)
      while (this.sums[GHOST] > this.capacity * GHOST_RATIO) {
        this.drop(this.tails[GHOST])
      }
      return
    }
    this.unlink(entry)
    const bucket = bucketOf(this.prints[entry])
    if (this.buckets[bucket] === entry) {
      this.buckets[bucket] = this.chains[entry]
    } else {
      let before = this.buckets[bucket]
      while (this.chains[before] !== entry) {
        before = this.chains[before]
      }
      this.chains[before] = this.chains[entry]
    }
    this.push(entry, FREE)
  }

  /** 0: unknown. */
  private find(print: number): number {
    let entry = this.buckets[bucketOf(print)]
    while (entry !== 0 && this.prints[entry] !== (print | 0)) {
      entry = this.chains[entry]
    }
    return entry
  }

  private push(entry: number, place: number): void {
    const head = this.heads[place]
    this.nexts[entry] = head
    this.prevs[entry] = 0
    if (head === 0) {
      this.tails[place] = entry
    } else {
      this.prevs[head] = entry
    }
    this.heads[place] = entry
    this.places[entry] = place
    this.sums[place] += this.sizes[entry]
  }

  private unlink(entry: number): void {
    const place = this.places[entry]
    const next = this.nexts[entry]
    const prev = this.prevs[entry]
    if (prev === 0) {
      this.heads[place] = next
    } else {
      this.nexts[prev] = next
    }
    if (next === 0) {
      this.tails[place] = prev
    } else {
      this.prevs[next] = prev
    }
    this.sums[place] -= this.sizes[entry]
  }

  smallTail(): number {
    return this.tails[SMALL]
  }

  mainTail(): number {
    return this.tails[MAIN]
  }

  smallBytes(): number {
    return this.sums[SMALL]
  }

  mainBytes(): number {
    return this.sums[MAIN]
  }

  itemBytes(entry: number): number {
    return this.sizes[entry]
  }

  frequency(entry: number): number {
    return this.frequencies[entry]
  }

  setFrequency(entry: number, frequency: number): void {
    this.frequencies[entry] = frequency
  }

  promote(entry: number): void {
    this.unlink(entry)
    this.push(entry, MAIN)
  }

  estimate(entry: number): number {
    return this.sketch.estimate(this.prints[entry])
  }

  /** The sketch counts what the whole set gives up. */
  credit(): void {}

  remember(entry: number): void {
    this.remembered = this.rule.contest ? 0 : entry
  }
}

function bucketOf(print: number): number {
  return Math.imul(print, 0x9e3779b1) >>> BUCKET_SHIFT
}
