import { remix } from '../hash.js'
import { Assembler, itemBytes } from './assembler.js'
import { Eviction } from './eviction.js'
import { Ghost } from './ghost.js'
import {
  deadlineOf,
  I_DEADLINE,
  I_NEXT,
  I_PREV,
  I_SPACE,
  I_VERSION,
  I_WHEEL_NEXT,
  I_WHEEL_PREV,
  REF_MASK,
  setDeadline,
  versionOf,
} from './item.js'
import { Journal } from './journal.js'
import { C_OUTCOME, C_OUTCOME_VERSION, C_STRAY_LINES, type Memory } from './layout.js'
import {
  CREATED,
  DONE,
  EXISTS,
  IF_ABSENT,
  IF_ANY,
  IF_NEVER_PUT,
  IF_PRESENT,
  IF_REPLACEABLE,
  IF_VERSION,
  MISMATCH,
  MISSING,
  NO_MEMORY,
  NO_SPACE,
  NO_VERSION,
  OP_COPY,
  OP_DROP,
  OP_STORE,
  type Order,
  REPLACED,
} from './order.js'
import { Residents } from './residents.js'
import { Room } from './room.js'
import { OVERFLOW_CLASS, Slab } from './slab.js'
import {
  S_DELETES,
  S_DROPPED,
  S_ITEMS,
  S_PUTS,
  S_QUOTA_BYTES,
  type SpaceCounts,
  Spaces,
} from './spaces.js'
import { MAX_FREQUENCY, Table } from './table.js'
import { Tuning } from './tuning.js'
import { Upkeep } from './upkeep.js'
import { VersionRange } from './version-range.js'
import { Wheel } from './wheel.js'

/** Work of one turn: at 0.2 to 0.45 µs an expiry it stays under a millisecond. */
export const DEFAULT_ADVANCE_LIMIT = 2_000
export const DEFAULT_SWEEP_LINES = 256

/**
 * The single writer of a node's memory. Every method runs to its end before the next begins, takes
 * the time as an argument (whole ms since the memory's base), and leaves all invariants true (see
 * check.ts). A value is never changed in place: a new chunk is written whole, then the table's slot
 * swings over to it. What a method does falls into steps, each of which a death undoes or keeps as a
 * whole: see journal.ts.
 */
export class Store {
  readonly memory: Memory
  readonly slab: Slab
  readonly table: Table
  readonly wheel: Wheel
  readonly spaces: Spaces
  readonly tuning: Tuning
  readonly eviction: Eviction
  readonly residents: Residents
  readonly room: Room
  private readonly journal: Journal
  private readonly assembler: Assembler
  private readonly upkeep: Upkeep
  /** Where the looks of `lookAround` end up, so that they are not thought useless. */
  warmth = 0
  private readonly versions: VersionRange
  private readonly words: Int32Array
  private readonly floats: Float64Array
  /** After put, delete or touch: the version that is stored now, or stood in the way; 0: none. */
  version = 0

  constructor(memory: Memory) {
    this.memory = memory
    this.words = memory.words
    this.floats = memory.floats
    this.journal = new Journal(memory)
    this.slab = new Slab(memory)
    this.table = new Table(memory)
    this.wheel = new Wheel(memory)
    this.spaces = new Spaces(memory)
    this.versions = new VersionRange(memory)
    this.residents = new Residents(memory, this.slab, this.table, this.wheel, this.spaces)
    this.tuning = new Tuning(memory, this.spaces)
    this.eviction = new Eviction(
      memory,
      this.spaces,
      new Ghost(memory, this.spaces),
      this.residents,
      this.tuning,
    )
    this.residents.attach(this.eviction)
    this.room = new Room(memory, this.slab, this.spaces, this.eviction, this.residents)
    this.assembler = new Assembler(memory, this.spaces, this.room)
    this.upkeep = new Upkeep(memory, this)
  }

  /** Stores an item. Returns CREATED, REPLACED, EXISTS, MISMATCH, NO_MEMORY, NO_VERSION, NO_SPACE. */
  put(order: Order, now: number): number {
    const remixed = remix(order.hash)
    if (!this.spaces.isLive(order.space)) {
      return NO_SPACE
    }
    let slot = this.findLive(order, remixed, now)
    const refusal = this.refusal(order, slot)
    if (refusal !== 0) {
      return refusal === MISSING ? MISMATCH : refusal
    }
    const outcome = slot === 0 ? CREATED : REPLACED
    if (slot !== 0) {
      this.lookAround((this.words[slot] & REF_MASK) << 1)
    }
    const isGiven = order.op === OP_STORE || order.op === OP_COPY
    if (!isGiven && !this.versions.hasNext()) {
      return NO_VERSION
    }
    const known = slot === 0 && this.isRecalled(order, remixed)
    this.room.disturbed = false
    const ref = this.assembler.build(order, now)
    if (this.room.disturbed) {
      slot = this.find(order, remixed)
    }
    const node = slot === 0 && this.isFull(remixed) ? this.room.take(OVERFLOW_CLASS, now) : 0
    if (ref === 0 || (slot === 0 && node === 0 && this.isFull(remixed))) {
      this.room.undo()
      return NO_MEMORY
    }
    this.version = isGiven ? order.version : this.versions.next()
    this.stamp(ref, order.space, this.version)
    this.residents.adoptSegments(ref)
    this.room.settle()
    if (order.op !== OP_COPY) {
      this.spaces.add(order.space, S_PUTS, 1)
    }
    this.resolve(outcome)
    if (slot === 0) {
      this.link(order, remixed, ref, node, known, now)
    } else {
      this.swing(order, remixed, slot, ref, now)
    }
    this.residents.finish()
    return outcome
  }

  /** Returns DONE, MISSING, MISMATCH. */
  delete(order: Order, now: number): number {
    const slot = this.findLive(order, remix(order.hash), now)
    const refusal = this.refusal(order, slot)
    if (slot === 0 || refusal !== 0) {
      return refusal === 0 ? MISSING : refusal
    }
    this.resolve(DONE)
    this.spaces.add(order.space, S_DELETES, 1)
    this.residents.remove(this.words[slot] & REF_MASK, now, slot)
    return DONE
  }

  /** Lets an item go that lives elsewhere now, or nowhere. Returns DONE, MISSING, MISMATCH. */
  release(order: Order, now: number): number {
    const slot = this.findLive(order, remix(order.hash), now)
    if (slot === 0) {
      return MISSING
    }
    this.version = versionOf(this.words, (this.words[slot] & REF_MASK) << 1)
    if (order.version !== 0 && order.version !== this.version) {
      return MISMATCH
    }
    this.resolve(DONE)
    if (order.op === OP_DROP) {
      this.spaces.add(order.space, S_DROPPED, 1)
    }
    this.residents.remove(this.words[slot] & REF_MASK, now, slot)
    return DONE
  }

  /** Gives an item a new deadline, its value and version untouched. Returns as `delete`. */
  touch(order: Order, now: number): number {
    const remixed = remix(order.hash)
    const slot = this.findLive(order, remixed, now)
    const refusal = this.refusal(order, slot)
    if (slot === 0 || refusal !== 0) {
      return refusal === 0 ? MISSING : refusal
    }
    const ref = this.words[slot] & REF_MASK
    const line = this.table.lineOf(remixed)
    this.resolve(DONE)
    this.wheel.deschedule(ref) // its own words are noted by this
    this.journal.note((ref << 1) + I_DEADLINE)
    this.journal.after(0, 0, 0)
    this.table.open(line)
    setDeadline(this.words, ref << 1, order.deadline)
    this.wheel.schedule(ref)
    this.table.close(line)
    this.journal.commit()
    return DONE
  }

  /** Expires what is due; see Wheel.advance for `limit` and the result. */
  advance(now: number, limit = DEFAULT_ADVANCE_LIMIT): number {
    return this.upkeep.advance(now, limit)
  }

  /** Goes through the next `lines` lines of the table, see Upkeep.sweep. False: nothing to sweep. */
  sweep(now: number, lines = DEFAULT_SWEEP_LINES): boolean {
    return this.upkeep.sweep(now, lines)
  }

  /** Begins a bucket's generation, or changes the limit of a living one (0: none of its own). */
  openSpace(space: number, seed: number, quotaBytes: number, now: number): void {
    const hadLimit = this.spaces.float(space, S_QUOTA_BYTES) > 0
    this.spaces.open(space, seed, quotaBytes, now)
    if (quotaBytes > 0) {
      if (!hadLimit && this.spaces.float(space, S_ITEMS) > 0) {
        this.journal.set(C_STRAY_LINES, this.table.lineCount)
      }
      this.journal.commit()
      this.room.enforceQuota(space, 0, now)
    }
    this.journal.commit()
  }

  /** Ends a bucket's generation: everything in it is gone at once, freed by later sweeps. */
  killSpace(space: number): void {
    this.spaces.kill(space)
    if (this.spaces.float(space, S_ITEMS) === 0) {
      this.spaces.retire(space)
    }
    this.journal.commit()
  }

  counts(space: number, now: number): SpaceCounts {
    return this.spaces.counts(space, now)
  }

  /** Hands over versions [next, end) that nobody else will ever give. False: two ranges wait. */
  grantVersions(next: number, end: number): boolean {
    const isTaken = this.versions.grant(next, end)
    this.resolve(DONE)
    this.journal.commit()
    return isTaken
  }

  /**
   * Within an order's last step: notes how it went, so that whoever comes next need not do it again.
   * Where the step is undone, so is this.
   */
  private resolve(outcome: number): void {
    if (!this.journal.isOpen) {
      this.journal.note(C_OUTCOME) // of no step, it would stand whatever comes
    }
    this.floats[C_OUTCOME_VERSION >> 1] = this.version
    this.words[C_OUTCOME] = outcome
  }

  private isFull(remixed: number): boolean {
    return this.table.isFull(this.table.lineOf(remixed))
  }

  private find(order: Order, remixed: number): number {
    return this.table.find(remixed, order.words, order.bodyAt, order.keyBytes, order.space)
  }

  /** The slot of the key's item, if it has one that is not past its deadline. */
  private findLive(order: Order, remixed: number, now: number): number {
    const slot = this.find(order, remixed)
    if (slot === 0) {
      return 0
    }
    const ref = this.words[slot] & REF_MASK
    if (deadlineOf(this.words, ref << 1) <= now) {
      this.upkeep.expire(ref, remixed, now)
      return 0
    }
    return slot
  }

  /** Why the order's condition forbids it, or 0. Leaves the version that stands in the way. */
  private refusal(order: Order, slot: number): number {
    this.version = slot === 0 ? 0 : versionOf(this.words, (this.words[slot] & REF_MASK) << 1)
    switch (order.condition) {
      case IF_ANY:
        return 0
      case IF_NEVER_PUT:
        return slot === 0 ? 0 : EXISTS
      case IF_REPLACEABLE:
        return slot === 0 ? MISSING : EXISTS
      case IF_ABSENT:
        return slot === 0 ? 0 : MISMATCH
      case IF_PRESENT:
        return slot === 0 ? MISSING : 0
      case IF_VERSION:
        return slot === 0 ? MISSING : this.version === order.version ? 0 : MISMATCH
      default:
        throw new RangeError(`unknown condition ${order.condition}`)
    }
  }

  /** Whether the key was evicted lately, for want of a second read: it deserves better now. */
  private isRecalled(order: Order, remixed: number): boolean {
    const set = this.spaces.float(order.space, S_QUOTA_BYTES) > 0 ? order.space : 0
    const bytes = itemBytes(order.keyBytes, order.typeBytes, order.valueBytes)
    return this.eviction.recall(remixed, set, bytes)
  }

  /**
   * A bare look at an item's neighbours, whose links will change: the processor fetches them while the
   * new item is written.
   */
  private lookAround(at: number): void {
    const { words } = this
    this.warmth ^= words[(words[at + I_NEXT] & REF_MASK) << 1]
    this.warmth ^= words[(words[at + I_PREV] & REF_MASK) << 1]
    this.warmth ^= words[(words[at + I_WHEEL_NEXT] & REF_MASK) << 1]
    this.warmth ^= words[(words[at + I_WHEEL_PREV] & REF_MASK) << 1]
  }

  private stamp(ref: number, space: number, version: number): void {
    const at = ref << 1
    this.words[at + I_VERSION] = version | 0
    this.words[at + I_SPACE] = (((version / 2 ** 32) | 0) << 16) | space
  }

  private link(
    order: Order,
    remixed: number,
    ref: number,
    node: number,
    known: boolean,
    now: number,
  ): void {
    const needed = this.isFull(remixed) // making room for the node may have emptied a slot
    this.residents.enter(ref, known)
    this.wheel.schedule(ref)
    this.spaces.book(order.space, 1, this.residents.bytes(ref), now)
    this.journal.after(0, needed ? 0 : node, 0)
    this.table.insert(remixed, ref, 0, needed ? node : 0)
  }

  private swing(order: Order, remixed: number, slot: number, ref: number, now: number): void {
    const { residents } = this
    const old = this.words[slot] & REF_MASK
    if (this.tuning.log.isSampled(remixed)) {
      this.tuning.overwritten(remixed, residents.setOf(ref), residents.bytes(ref))
    }
    this.wheel.unlink(old)
    this.wheel.schedule(ref)
    residents.replace(old, ref)
    this.spaces.book(order.space, 0, residents.bytes(ref) - residents.bytes(old), now)
    this.journal.after(old, 0, 0)
    const frequency = Math.min(this.table.frequency(slot) + 1, MAX_FREQUENCY)
    this.table.swing(remixed, slot, ref, frequency)
  }
}
