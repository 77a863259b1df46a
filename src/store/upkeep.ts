import { deadlineOf, F_CHAINED, I_NEXT, I_PREV, REF_MASK, spaceOf } from './item.js'
import { Journal } from './journal.js'
import { C_DEAD_SPACES, C_STRAY_LINES, C_SWEEP_LINE, type Memory } from './layout.js'
import type { Residents } from './residents.js'
import type { Room } from './room.js'
import type { Slab } from './slab.js'
import { S_EXPIRATIONS, type Spaces } from './spaces.js'
import { Statistics } from './statistics.js'
import type { Table } from './table.js'
import { EXPIRY_BATCH, type Expire, type Wheel } from './wheel.js'

/** The parts of a store that its upkeep works on. */
interface Parts {
  readonly slab: Slab
  readonly table: Table
  readonly wheel: Wheel
  readonly spaces: Spaces
  readonly residents: Residents
  readonly room: Room
}

/** What a store does beside orders: frees what has expired, and sweeps the table for what is dead. */
export class Upkeep {
  private readonly words: Int32Array
  private readonly statistics: Statistics
  private readonly journal: Journal
  private readonly slab: Slab
  private readonly table: Table
  private readonly wheel: Wheel
  private readonly spaces: Spaces
  private readonly residents: Residents
  private readonly room: Room
  private now = 0
  private readonly doomed: number[] = []
  private readonly strays: number[] = []
  private readonly remixes = new Uint32Array(EXPIRY_BATCH)
  private readonly lines = new Int32Array(EXPIRY_BATCH)
  /** Where the looks of `expireAll` end up, so that they are not thought useless. */
  warmth = 0
  private readonly expireDue: Expire = (refs, count) => this.expireAll(refs, count)

  constructor(memory: Memory, { slab, table, wheel, spaces, residents, room }: Parts) {
    this.words = memory.words
    this.statistics = new Statistics(memory)
    this.journal = new Journal(memory)
    this.slab = slab
    this.table = table
    this.wheel = wheel
    this.spaces = spaces
    this.residents = residents
    this.room = room
  }

  /** Expires what is due; see Wheel.advance for `limit` and the result. */
  advance(now: number, limit: number): number {
    this.now = now
    return this.wheel.advance(now, limit, this.expireDue)
  }

  /**
   * Goes through the next `lines` lines of the table: frees items of dead spaces, and brings those
   * of a bucket that was given a limit into its own queues. False: nothing to sweep.
   */
  sweep(now: number, lines: number): boolean {
    const { words, table } = this
    for (let n = 0; n < lines && this.needsSweep(); n++) {
      this.sweepLine(table.lineAt(words[C_SWEEP_LINE]), now)
      // Not noted: where a death comes in between, a line is swept twice.
      words[C_SWEEP_LINE] = (words[C_SWEEP_LINE] + 1) % table.lineCount
      words[C_STRAY_LINES] = Math.max(0, words[C_STRAY_LINES] - 1)
    }
    return this.needsSweep()
  }

  private needsSweep(): boolean {
    return this.words[C_DEAD_SPACES] > 0 || this.words[C_STRAY_LINES] > 0
  }

  private sweepLine(line: number, now: number): void {
    const { words, residents, doomed, strays } = this
    this.table.scanLine(line, 0, (ref) => {
      if (!this.spaces.isLive(spaceOf(words, ref << 1))) {
        doomed.push(ref)
      } else if (residents.isStray(ref)) {
        strays.push(ref)
      }
      return true
    })
    for (const ref of doomed) {
      residents.remove(ref, now)
    }
    for (const ref of strays) {
      residents.rehome(ref)
    }
    const spaces = strays.map((ref) => spaceOf(words, ref << 1))
    for (const space of spaces) {
      this.room.enforceQuota(space, 0, now)
    }
    doomed.length = 0
    strays.length = 0
  }

  /**
   * Frees a batch. First bare looks at every cache line that the rest will need, with nothing between
   * them, so that the processor fetches many at a time instead of one after the other. What follows is
   * one step: no reader sees any of these items, so none can see it half done.
   */
  private expireAll(refs: Int32Array, count: number): void {
    const { words, table, residents, remixes, lines } = this
    let warmth = 0
    for (let i = 0; i < count; i++) {
      const at = refs[i] << 1
      warmth ^= words[(words[at + I_NEXT] & REF_MASK) << 1]
      warmth ^= words[(words[at + I_PREV] & REF_MASK) << 1]
    }
    for (let i = 0; i < count; i++) {
      remixes[i] = residents.remixedOf(refs[i])
      lines[i] = table.lineOf(remixes[i])
    }
    for (let i = 0; i < count; i++) {
      warmth ^= words[lines[i]]
    }
    this.warmth = warmth
    for (let i = 0; i < count; i++) {
      if ((words[(refs[i] << 1) + I_PREV] & F_CHAINED) !== 0) {
        this.expire(refs[i], remixes[i], this.now) // has more to free than a step's share
        refs[i] = 0
      }
    }
    this.expirePlain(refs, count)
  }

  private expirePlain(refs: Int32Array, count: number): void {
    const { words, wheel, slab, journal, now } = this
    wheel.unlinkDue()
    let space = 0
    let items = 0
    let bytes = 0
    for (let i = 0; i < count; i++) {
      const ref = refs[i]
      if (ref === 0) {
        continue
      }
      const size = slab.chunkBytes(ref)
      if (spaceOf(words, ref << 1) !== space) {
        this.bookExpired(space, items, bytes)
        space = spaceOf(words, ref << 1)
        items = 0
        bytes = 0
      }
      items++
      bytes += size
      this.noteLag(ref, now)
      this.residents.leaveQueue(ref, size)
      const slot = this.table.locate(this.remixes[i], ref)
      const spare = this.table.forget(this.lines[i], slot)
      journal.note(ref << 1)
      slab.free(ref)
      if (spare !== 0) {
        journal.note(spare << 1)
        slab.free(spare)
      }
    }
    this.bookExpired(space, items, bytes)
    journal.commit()
  }

  private bookExpired(space: number, items: number, bytes: number): void {
    if (items > 0) {
      this.spaces.add(space, S_EXPIRATIONS, items)
      this.spaces.book(space, -items, -bytes, this.now)
      this.spaces.retire(space)
    }
  }

  private noteLag(ref: number, now: number): void {
    this.statistics.expired(now - deadlineOf(this.words, ref << 1))
  }

  /** Takes an item away whose deadline has passed: a step. */
  expire(ref: number, remixed: number, now: number): void {
    this.noteLag(ref, now)
    this.spaces.add(spaceOf(this.words, ref << 1), S_EXPIRATIONS, 1)
    this.residents.remove(ref, now, 0, remixed)
  }
}
