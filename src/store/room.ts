import type { Eviction } from './eviction.js'
import { KIND_ITEM, KIND_SEGMENT, REF_MASK, spaceOf } from './item.js'
import { Journal } from './journal.js'
import {
  C_CAPPED_BYTES,
  C_PINNED,
  C_PRESSED_SPACE,
  C_PRESSURE_CAPPED,
  C_PRESSURE_SHARED,
  type Memory,
  PINNED_LIMIT,
} from './layout.js'
import { type Residents, SEGMENTS_AT_ONCE } from './residents.js'
import { CLASS_COUNT, type Slab } from './slab.js'
import { S_EVICTIONS, S_QUOTA_BYTES, type Spaces } from './spaces.js'
import { Statistics } from './statistics.js'

/** Pages looked at for the emptiest of a class. */
const PAGE_LOOKS = 32
/** Items that one allocation may evict: a page of every class many times over. */
const MAX_EVICTIONS = 65_536

/**
 * Makes room. An allocation is refused only when nothing is left to evict: victims free chunks of
 * any class, and as soon as a class has as many free chunks as a page holds, the emptiest of its
 * pages is emptied into the others and changes class (memcached's automover, but on demand).
 */
export class Room {
  private readonly words: Int32Array
  private readonly floats: Float64Array
  private readonly journal: Journal
  private readonly pinnedAt: number
  private readonly slab: Slab
  private readonly spaces: Spaces
  private readonly eviction: Eviction
  private readonly residents: Residents
  private readonly statistics: Statistics
  /**
   * Chunks taken by the write under way, not linked yet: their pages cannot be emptied. Before a step
   * within the write is committed they stand in the memory too, or a death would lose them.
   */
  private readonly pinned = new Int32Array(PINNED_LIMIT)
  private pins = 0
  /** Whether items were evicted or moved since the flag was last cleared. */
  disturbed = false
  private readonly isPinned = (page: number): boolean => {
    for (let n = 0; n < this.pins; n++) {
      if (this.slab.pageOf(this.pinned[n]) === page) {
        return true
      }
    }
    return false
  }

  constructor(
    memory: Memory,
    slab: Slab,
    spaces: Spaces,
    eviction: Eviction,
    residents: Residents,
  ) {
    this.words = memory.words
    this.floats = memory.floats
    this.journal = new Journal(memory)
    this.pinnedAt = memory.shape.pinnedAt
    this.slab = slab
    this.spaces = spaces
    this.eviction = eviction
    this.residents = residents
    this.statistics = new Statistics(memory)
  }

  /** A chunk of the class, pinned until `settle`; 0 when nothing is left to evict. */
  take(slabClass: number, now: number): number {
    if (this.pins - this.words[C_PINNED] >= SEGMENTS_AT_ONCE) {
      this.savePinned()
    }
    const ref = this.slab.take(slabClass) || this.makeRoom(slabClass, now)
    if (ref !== 0) {
      this.pinned[this.pins++] = ref
    }
    return ref
  }

  /** The chunks taken are about to be linked, by the step under way. */
  settle(): void {
    if (this.words[C_PINNED] !== 0) {
      this.journal.set(C_PINNED, 0)
    }
    this.pins = 0
  }

  /** Gives back all chunks taken since the last `settle`. */
  undo(): void {
    this.savePinned()
    this.pins = 0
    this.freePinned()
  }

  /** Ends a step in the middle of a write: what it has taken so far is kept in the memory. */
  private savePinned(): void {
    const { words, journal, pinned, pins } = this
    const saved = words[C_PINNED]
    for (let n = saved; n < pins; n++) {
      words[this.pinnedAt + n] = pinned[n]
    }
    if (pins !== saved) {
      journal.set(C_PINNED, pins)
    }
    journal.commit()
  }

  /** Frees the chunks that stand in the memory's list, each a step. */
  freePinned(): void {
    const { words, journal } = this
    for (let n = words[C_PINNED] - 1; n >= 0; n--) {
      this.slab.free(words[this.pinnedAt + n])
      journal.set(C_PINNED, n)
      journal.commit()
    }
  }

  /** Evicts a capped bucket's own items until `bytes` more fit its limit, or it is empty. */
  enforceQuota(space: number, bytes: number, now: number): void {
    const quota = this.spaces.float(space, S_QUOTA_BYTES)
    for (let n = 0; n < MAX_EVICTIONS && this.eviction.bytes(space) + bytes > quota; n++) {
      const victim = this.eviction.victim(space, quota)
      if (victim === 0) {
        return
      }
      this.evict(victim, now)
      this.statistics.evictedByQuota()
    }
  }

  private makeRoom(slabClass: number, now: number): number {
    this.savePinned()
    for (let other = 0; other < CLASS_COUNT; other++) {
      if (this.slab.hasSurplus(other) && this.reclaim(other)) {
        return this.slab.take(slabClass)
      }
    }
    for (let n = 0; n < MAX_EVICTIONS; n++) {
      const victim = this.nextVictim()
      if (victim === 0) {
        return 0
      }
      this.evict(victim, now)
      this.statistics.evictedByMemory()
      const surplus = this.slab.surplus
      if (surplus >= 0 && surplus !== slabClass && this.slab.hasSurplus(surplus)) {
        this.reclaim(surplus)
      }
      const ref = this.slab.take(slabClass)
      if (ref !== 0) {
        return ref
      }
    }
    return 0
  }

  /** Memory pressure falls on the node's queues and on capped buckets in proportion to their bytes. */
  private nextVictim(): number {
    const { floats } = this
    const shared = this.eviction.bytes(0)
    const capped = floats[C_CAPPED_BYTES >> 1]
    const sharedLoad = floats[C_PRESSURE_SHARED >> 1] * capped
    const cappedLoad = floats[C_PRESSURE_CAPPED >> 1] * shared
    const set = capped > 0 && (shared === 0 || cappedLoad < sharedLoad) ? this.nextCapped() : 0
    // Memory is full: what the set holds is what it can hold, whatever others and gaps may take.
    const victim = this.eviction.victim(set, this.eviction.bytes(set))
    if (victim !== 0 && capped > 0) {
      const counter = set === 0 ? C_PRESSURE_SHARED : C_PRESSURE_CAPPED
      this.journal.addFloat(counter >> 1, this.residents.bytes(victim))
    } else if (capped === 0) {
      floats[C_PRESSURE_SHARED >> 1] = 0
      floats[C_PRESSURE_CAPPED >> 1] = 0
    }
    return victim
  }

  /** The next capped bucket in turn that has something to evict. */
  private nextCapped(): number {
    const { words, spaces } = this
    for (let looks = 0; looks < spaces.count; looks++) {
      const space = (words[C_PRESSED_SPACE] + 1) % spaces.count
      words[C_PRESSED_SPACE] = space // whose turn it is: no harm where it is another's
      if (space !== 0 && this.eviction.bytes(space) > 0) {
        return space
      }
    }
    return 0
  }

  private evict(ref: number, now: number): void {
    this.spaces.add(spaceOf(this.words, ref << 1), S_EVICTIONS, 1)
    this.residents.remove(ref, now, 0, this.eviction.print(ref))
    this.disturbed = true
  }

  /** Empties the emptiest page of a class that has a surplus of free chunks. */
  private reclaim(slabClass: number): boolean {
    const page = this.slab.emptiestPage(slabClass, PAGE_LOOKS, this.isPinned)
    if (page < 0) {
      return false
    }
    this.slab.seal(page)
    this.journal.commit()
    const { first, step, carved } = this.slab.chunkRange(page)
    for (let index = 0; index < carved; index++) {
      const ref = first + index * step
      const word = this.words[ref << 1]
      const kind = word >>> 28
      if (kind === KIND_ITEM) {
        this.residents.relocate(ref)
        this.disturbed = true
      } else if (kind === KIND_SEGMENT && (word & REF_MASK) !== 0) {
        this.residents.relocateSegment(ref)
      }
    }
    this.slab.unseal(page)
    this.journal.commit()
    return this.slab.classOfPage(page) !== slabClass
  }
}
