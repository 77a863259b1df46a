import { deadlineOf, I_NEXT, I_PREV, REF_MASK, spaceOf } from './item.js'
import { C_DEAD_SPACES, C_LAG_MAX_MS, C_STRAY_LINES, C_SWEEP_LINE, type Memory } from './layout.js'
import type { Residents } from './residents.js'
import type { Room } from './room.js'
import { S_EXPIRATIONS, type Spaces } from './spaces.js'
import type { Table } from './table.js'
import { EXPIRY_BATCH, type Expire, type Wheel } from './wheel.js'

/** The parts of a store that its upkeep works on. */
interface Parts {
  readonly table: Table
  readonly wheel: Wheel
  readonly spaces: Spaces
  readonly residents: Residents
  readonly room: Room
}

/** What a store does beside orders: frees what has expired, and sweeps the table for what is dead. */
export class Upkeep {
  private readonly words: Int32Array
  private readonly floats: Float64Array
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

  constructor(memory: Memory, { table, wheel, spaces, residents, room }: Parts) {
    this.words = memory.words
    this.floats = memory.floats
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
   * Frees a batch in three passes: hashes, then a bare look at every cache line that the last one
   * needs, so that the processor fetches many at a time instead of one after the other.
   */
  private expireAll(refs: Int32Array, count: number): void {
    const { words, table, residents, remixes, lines } = this
    for (let i = 0; i < count; i++) {
      remixes[i] = residents.remixedOf(refs[i])
      lines[i] = table.lineOf(remixes[i])
    }
    let warmth = 0
    for (let i = 0; i < count; i++) {
      const at = refs[i] << 1
      warmth ^= words[lines[i]]
      warmth ^= words[(words[at + I_NEXT] & REF_MASK) << 1]
      warmth ^= words[(words[at + I_PREV] & REF_MASK) << 1]
    }
    this.warmth = warmth
    for (let i = 0; i < count; i++) {
      this.expire(refs[i], remixes[i], this.now)
    }
  }

  /** Takes an item away whose deadline has passed: a step. */
  expire(ref: number, remixed: number, now: number): void {
    const { words, floats } = this
    const late = now - deadlineOf(words, ref << 1)
    if (late > floats[C_LAG_MAX_MS >> 1]) {
      floats[C_LAG_MAX_MS >> 1] = late
    }
    this.spaces.add(spaceOf(words, ref << 1), S_EXPIRATIONS, 1)
    this.residents.remove(ref, now, 0, remixed)
  }
}
