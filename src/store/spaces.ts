import { Journal } from './journal.js'
import { C_DEAD_SPACES, type Memory, SPACE_WORDS } from './layout.js'

/**
 * A space is one generation of a bucket: flushing a bucket gives it a new space, and the old one is
 * dead at once, whatever it holds. Its number comes back only after the sweep has freed its last
 * item, so flushed keys cannot return, and its counts are its own to the end.
 *
 * Space 0 belongs to the node: its queues are those of all buckets without a limit of their own. Counts
 * of spaces that were used again are added to its own, so that those of all spaces together only grow.
 *
 *     word 0 state   1 hash seed   2-3 S head, tail   4-5 M head, tail
 *     f64 at words 6, 8, … 30: see the constants
 */
export const SPACE_UNUSED = 0
export const SPACE_LIVE = 1
export const SPACE_DEAD = 2

export const S_STATE = 0
export const S_SEED = 1
export const S_SMALL_HEAD = 2
export const S_SMALL_TAIL = 3
export const S_MAIN_HEAD = 4
export const S_MAIN_TAIL = 5
/** Float64 fields, by their word. Bytes are chunk bytes: what the items take of the memory. */
export const S_SMALL_BYTES = 6
export const S_MAIN_BYTES = 8
export const S_QUOTA_BYTES = 10 // 0: no limit of its own
export const S_GHOST_CLOCK = 12 // what has entered the ghost, see ghost.ts
export const S_ITEMS = 14
export const S_BYTES = 16
export const S_BYTE_MS = 18 // the integral of bytes over time, up to S_LAST_MS
export const S_LAST_MS = 20
export const S_PUTS = 22
export const S_DELETES = 24
export const S_EVICTIONS = 26
export const S_EXPIRATIONS = 28
export const S_DROPPED = 30

/** Fields that count what has happened. */
const EVENTS = [S_PUTS, S_DELETES, S_EVICTIONS, S_EXPIRATIONS, S_DROPPED] as const

/** What has happened in a node, in all its spaces, since it began. */
export interface Events {
  readonly puts: number
  readonly deletes: number
  readonly evictions: number
  readonly expirations: number
  readonly droppedByMove: number
}

/** What one node knows of one space. */
export interface SpaceCounts {
  readonly items: number
  readonly bytes: number
  readonly byteMs: number
  readonly puts: number
  readonly deletes: number
  readonly evictions: number
  readonly expirations: number
  readonly droppedByMove: number
}

export class Spaces {
  private readonly words: Int32Array
  private readonly floats: Float64Array
  private readonly journal: Journal
  private readonly spacesAt: number
  readonly count: number

  constructor(memory: Memory) {
    this.words = memory.words
    this.floats = memory.floats
    this.journal = new Journal(memory)
    this.spacesAt = memory.shape.spacesAt
    this.count = memory.shape.spaceCount
  }

  at(space: number): number {
    return this.spacesAt + space * SPACE_WORDS
  }

  state(space: number): number {
    return this.words[this.at(space) + S_STATE]
  }

  isLive(space: number): boolean {
    return space > 0 && space < this.count && this.state(space) === SPACE_LIVE
  }

  seed(space: number): number {
    return this.words[this.at(space) + S_SEED] >>> 0
  }

  float(space: number, field: number): number {
    return this.floats[(this.at(space) + field) >> 1]
  }

  add(space: number, field: number, amount: number): void {
    this.journal.addFloat((this.at(space) + field) >> 1, amount)
  }

  /** Begins a space, or changes the limit of a living one. */
  open(space: number, seed: number, quotaBytes: number, now: number): void {
    const { journal } = this
    const at = this.at(space)
    if (this.words[at + S_STATE] !== SPACE_LIVE) {
      for (const field of EVENTS) {
        const past = this.float(space, field)
        if (past !== 0) this.add(0, field, past)
      }
      for (let word = at; word < at + SPACE_WORDS; word++) {
        journal.set(word, 0)
      }
      journal.set(at + S_SEED, seed | 0)
      journal.setFloat((at + S_LAST_MS) >> 1, now)
      journal.set(at + S_STATE, SPACE_LIVE)
    }
    journal.setFloat((at + S_QUOTA_BYTES) >> 1, quotaBytes)
  }

  /** From now on nothing of the space is found; the sweep frees what it held. */
  kill(space: number): void {
    const at = this.at(space)
    if (this.words[at + S_STATE] === SPACE_LIVE) {
      this.journal.set(at + S_STATE, SPACE_DEAD)
      this.journal.set(C_DEAD_SPACES, this.words[C_DEAD_SPACES] + 1)
    }
  }

  /** A dead space that holds nothing any more may be used again. */
  retire(space: number): void {
    const at = this.at(space)
    if (this.words[at + S_STATE] === SPACE_DEAD && this.float(space, S_ITEMS) === 0) {
      this.journal.set(at + S_STATE, SPACE_UNUSED)
      this.journal.set(C_DEAD_SPACES, this.words[C_DEAD_SPACES] - 1)
    }
  }

  /** Books a change of an item's presence at `now` (ms since the base). */
  book(space: number, items: number, bytes: number, now: number): void {
    const { floats, journal } = this
    const at = this.at(space) >> 1
    const last = floats[at + (S_LAST_MS >> 1)]
    if (now > last) {
      journal.noteFloats(at + (S_BYTE_MS >> 1), at + (S_LAST_MS >> 1))
      floats[at + (S_BYTE_MS >> 1)] += floats[at + (S_BYTES >> 1)] * (now - last)
      floats[at + (S_LAST_MS >> 1)] = now
    }
    if (items !== 0 || bytes !== 0) {
      journal.noteFloats(at + (S_ITEMS >> 1), at + (S_BYTES >> 1))
      floats[at + (S_ITEMS >> 1)] += items
      floats[at + (S_BYTES >> 1)] += bytes
    }
  }

  /** Of all spaces, whether they live or not. */
  events(): Events {
    const sums = EVENTS.map((field) => {
      let sum = 0
      for (let space = 0; space < this.count; space++) sum += this.float(space, field)
      return sum
    })
    const [puts, deletes, evictions, expirations, droppedByMove] = sums
    return { puts, deletes, evictions, expirations, droppedByMove }
  }

  /** The counts at `now`; a dead or unused space holds nothing for anybody. */
  counts(space: number, now: number): SpaceCounts {
    const live = this.state(space) === SPACE_LIVE
    const bytes = live ? this.float(space, S_BYTES) : 0
    const since = Math.max(0, now - this.float(space, S_LAST_MS))
    return {
      items: live ? this.float(space, S_ITEMS) : 0,
      bytes,
      byteMs: this.float(space, S_BYTE_MS) + bytes * since,
      puts: this.float(space, S_PUTS),
      deletes: this.float(space, S_DELETES),
      evictions: this.float(space, S_EVICTIONS),
      expirations: this.float(space, S_EXPIRATIONS),
      droppedByMove: this.float(space, S_DROPPED),
    }
  }
}
