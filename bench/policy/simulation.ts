import { Eviction, type Residence } from '../../src/store/eviction.js'
import { Ghost } from '../../src/store/ghost.js'
import { Memory } from '../../src/store/layout.js'
import { Spaces } from '../../src/store/spaces.js'
import type { Trace } from './trace-file.js'

/** The ghost marks an entry with the low bits of a print, and takes its line from the high ones. */
const MARKS = 2 ** 14
const MAX_FREQUENCY = 3
const SMALL_RATIO = 0.1

/**
 * The eviction policy alone: the store's queues and ghost over a bare memory, an item being its two
 * queue words. A miss evicts until the item fits, then admits it, as libCacheSim does: items of more
 * than S may hold are not kept.
 */
export class Simulation implements Residence {
  private readonly eviction: Eviction
  private readonly capacity: number
  private readonly largest: number
  private readonly firstRef: number
  private readonly ghostLines: number
  private readonly frequencies: Uint8Array
  private readonly held: Uint8Array
  private readonly sizes: Float64Array
  misses = 0

  constructor(capacity: number, distinct: number, ghostMemoryBytes = 64 * 2 ** 20) {
    const memory = Memory.create(ghostMemoryBytes, 1, 0)
    const spaces = new Spaces(memory)
    this.ghostLines = memory.shape.ghostLines
    this.firstRef = memory.shape.pagesAt >> 1
    this.capacity = capacity
    this.largest = Math.floor(capacity * SMALL_RATIO)
    this.frequencies = new Uint8Array(distinct)
    this.held = new Uint8Array(distinct)
    this.sizes = new Float64Array(distinct)
    this.eviction = new Eviction(memory, spaces, new Ghost(memory, spaces), this)
  }

  run({ keys, sizes }: Trace): number {
    for (let i = 0; i < keys.length; i++) {
      this.access(keys[i], sizes === undefined ? 1 : sizes[i])
    }
    return this.misses
  }

  /** Whether it was a hit. */
  access(key: number, size: number): boolean {
    if (this.held[key] === 1) {
      this.frequencies[key] = Math.min(this.frequencies[key] + 1, MAX_FREQUENCY)
      return true
    }
    this.misses++
    if (size > this.largest) return false
    const { eviction } = this
    const known = eviction.recall(this.print(this.firstRef + key), 0, size)
    while (eviction.bytes(0) + size > this.capacity) {
      const victim = eviction.victim(0, this.capacity)
      eviction.unlink(victim, 0)
      this.held[victim - this.firstRef] = 0
    }
    this.held[key] = 1
    this.sizes[key] = size
    this.frequencies[key] = 0
    eviction.push(this.firstRef + key, 0, known)
    return false
  }

  frequency(ref: number): number {
    return this.frequencies[ref - this.firstRef]
  }

  setFrequency(ref: number, frequency: number): void {
    this.frequencies[ref - this.firstRef] = frequency
  }

  bytes(ref: number): number {
    return this.sizes[ref - this.firstRef]
  }

  /**
   * A key's number as a line of the ghost and a mark in it, so that no two keys are taken for one
   * another: what is measured is the policy, and the store's tests look after its hashes.
   */
  print(ref: number): number {
    const key = ref - this.firstRef
    const step = 2 ** 32 / this.ghostLines / MARKS
    return Math.ceil((key % this.ghostLines) * step) * MARKS + Math.floor(key / this.ghostLines) + 1
  }
}
