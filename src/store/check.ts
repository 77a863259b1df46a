import {
  bodyWordsBefore,
  deadlineOf,
  F_CHAINED,
  F_MAIN,
  F_OWN_QUEUE,
  I_NEXT,
  I_PREV,
  I_WHEEL_NEXT,
  I_WHEEL_PREV,
  KIND_ITEM,
  KIND_OVERFLOW,
  KIND_SEGMENT,
  NEVER,
  REF_MASK,
  spaceOf,
} from './item.js'
import { Journal } from './journal.js'
import {
  C_CAPPED_BYTES,
  C_DEAD_SPACES,
  C_FRESH_PAGE,
  C_LOG_LINE,
  C_OVERFLOW_LINES,
  C_PINNED,
  C_PLANNED,
  C_RULE,
  C_SEALED_PAGE,
  WHEEL_SLOTS,
} from './layout.js'
import { segmentCount } from './residents.js'
import { RULES } from './rules.js'
import { CHUNK_BYTES, CLASS_COUNT, OVERFLOW_CLASS } from './slab.js'
import {
  S_BYTES,
  S_ITEMS,
  S_MAIN_BYTES,
  S_MAIN_HEAD,
  S_MAIN_TAIL,
  S_SMALL_BYTES,
  S_SMALL_HEAD,
  S_SMALL_TAIL,
  SPACE_DEAD,
} from './spaces.js'
import type { Store } from './store.js'

/** Thrown by `check`, with every invariant found broken (at most 20). */
export class BrokenStore extends Error {
  constructor(faults: readonly string[]) {
    super(`the store's invariants are broken:\n  ${faults.join('\n  ')}`)
    this.name = 'BrokenStore'
  }
}

/**
 * Verifies every invariant of a store at rest, from the table outwards: each item stands in one slot
 * of its own line, in one queue, and, if it has a deadline, in the right slot of the wheel; each
 * chunk is free or used once; all counts agree. Walks everything: for tests and tools.
 */
export function check(store: Store): void {
  const inspection = new Inspection(store)
  inspection.walkTable()
  inspection.walkQueues()
  inspection.walkWheel()
  inspection.walkPages()
  inspection.compareCounts()
  inspection.checkRest()
  if (inspection.faults.length > 0) {
    throw new BrokenStore(inspection.faults)
  }
}

class Inspection {
  readonly faults: string[] = []
  private readonly store: Store
  private readonly words: Int32Array
  private readonly items = new Map<number, number>() // reference -> slot
  private readonly used = new Map<number, string>() // every chunk in use, and as what
  private readonly perSpace = new Map<number, { items: number; bytes: number }>()
  private overflowNodes = 0

  constructor(store: Store) {
    this.store = store
    this.words = store.memory.words
  }

  private fault(text: string): void {
    if (this.faults.length < 20) {
      this.faults.push(text)
    }
  }

  private use(ref: number, what: string): void {
    const before = this.used.get(ref)
    if (before !== undefined) {
      this.fault(`chunk ${ref} is ${before} and ${what}`)
    }
    this.used.set(ref, what)
  }

  walkTable(): void {
    const { table } = this.store
    for (let index = 0; index < table.lineCount; index++) {
      const line = table.lineAt(index)
      if ((this.words[line] & 1) !== 0) {
        this.fault(`line ${index} is open`)
      }
      for (let node = table.firstNode(line); node !== 0; node = table.nextNode(node)) {
        this.use(node >> 1, 'an overflow node')
        this.overflowNodes++
        if (this.words[node] >>> 28 !== KIND_OVERFLOW) {
          this.fault(`overflow node ${node >> 1} has another kind`)
        }
      }
      table.scanLine(line, 0, (ref, slot) => {
        this.visitItem(ref, slot, line)
        return true
      })
    }
  }

  private visitItem(ref: number, slot: number, line: number): void {
    const { words } = this
    const { residents, table, spaces } = this.store
    const at = ref << 1
    this.use(ref, 'an item')
    this.items.set(ref, slot)
    if (words[at + I_NEXT] >>> 28 !== KIND_ITEM) {
      this.fault(`item ${ref} has another kind`)
    }
    if (table.lineOf(residents.remixedOf(ref)) !== line || residents.slotOf(ref) !== slot) {
      this.fault(`item ${ref} stands in a slot that is not its key's`)
    }
    const space = spaceOf(words, at)
    const sum = this.perSpace.get(space) ?? { items: 0, bytes: 0 }
    sum.items++
    sum.bytes += residents.bytes(ref)
    this.perSpace.set(space, sum)
    if (spaces.state(space) === 0) {
      this.fault(`item ${ref} belongs to the unused space ${space}`)
    }
    if ((words[at + I_PREV] & F_CHAINED) === 0) {
      return
    }
    const list = at + bodyWordsBefore(words, at) + 1
    for (let index = 0; index < segmentCount(words[list - 1]); index++) {
      const segment = words[list + index]
      this.use(segment, 'a segment')
      const head = words[segment << 1]
      const isMine = head >>> 28 === KIND_SEGMENT && (head & REF_MASK) === ref
      if (!isMine || words[(segment << 1) + 1] !== index) {
        this.fault(`segment ${index} of item ${ref} does not know its item`)
      }
    }
  }

  walkQueues(): void {
    const queued = new Set<number>()
    let capped = 0
    for (let set = 0; set < this.store.spaces.count; set++) {
      const small = this.walkQueue(set, false, queued)
      const main = this.walkQueue(set, true, queued)
      if (set !== 0) {
        capped += small + main
      }
    }
    for (const ref of this.items.keys()) {
      if (!queued.has(ref)) {
        this.fault(`item ${ref} is in no queue`)
      }
    }
    const counted = this.store.memory.floats[C_CAPPED_BYTES >> 1]
    if (counted !== capped) {
      this.fault(`capped buckets' queues hold ${capped} bytes, counted ${counted}`)
    }
  }

  private walkQueue(set: number, main: boolean, queued: Set<number>): number {
    const { words } = this
    const { spaces, residents } = this.store
    const record = spaces.at(set)
    const name = `queue ${main ? 'M' : 'S'} of set ${set}`
    let bytes = 0
    let before = 0
    let ref = words[record + (main ? S_MAIN_HEAD : S_SMALL_HEAD)]
    while (ref !== 0) {
      const at = ref << 1
      if (!this.items.has(ref) || queued.has(ref)) {
        this.fault(`${name}: ${ref} is no item, or stands there twice`)
        return bytes
      }
      queued.add(ref)
      if ((words[at + I_PREV] & REF_MASK) !== before) {
        this.fault(`${name}: ${ref} does not point back to ${before}`)
      }
      const own = (words[at + I_PREV] & F_OWN_QUEUE) !== 0 ? spaceOf(words, at) : 0
      if (((words[at + I_PREV] & F_MAIN) !== 0) !== main || own !== set) {
        this.fault(`${name}: ${ref} believes it is in another queue`)
      }
      bytes += residents.bytes(ref)
      before = ref
      ref = words[at + I_NEXT] & REF_MASK
    }
    if (words[record + (main ? S_MAIN_TAIL : S_SMALL_TAIL)] !== before) {
      this.fault(`${name}: the tail is not ${before}`)
    }
    const counted = spaces.float(set, main ? S_MAIN_BYTES : S_SMALL_BYTES)
    if (counted !== bytes) {
      this.fault(`${name} holds ${bytes} bytes, counted ${counted}`)
    }
    return bytes
  }

  walkWheel(): void {
    const { words } = this
    const { wheel } = this.store
    const scheduled = new Set<number>()
    wheel.lists((list, slot, first) => {
      if (!wheel.isBitRight(slot)) {
        this.fault(`wheel slot ${slot}: its bit is wrong`)
      }
      let before = list + 1
      for (let ref = first; ref !== 0; ref = words[(ref << 1) + I_WHEEL_NEXT] & REF_MASK) {
        if (!this.items.has(ref) || scheduled.has(ref)) {
          this.fault(`wheel slot ${slot}: ${ref} is no item, or stands there twice`)
          return
        }
        scheduled.add(ref)
        if ((words[(ref << 1) + I_WHEEL_PREV] & REF_MASK) !== before) {
          this.fault(`wheel slot ${slot}: ${ref} does not point back to ${before}`)
        }
        before = ref
        this.checkSlot(ref, slot)
      }
    })
    for (const ref of this.items.keys()) {
      if ((deadlineOf(words, ref << 1) === NEVER) === scheduled.has(ref)) {
        this.fault(`item ${ref}: its deadline and the wheel disagree`)
      }
    }
  }

  /** An item is in its slot, or waits in a slot whose turn has come. */
  private checkSlot(ref: number, slot: number): void {
    const { wheel } = this.store
    const level = Math.floor(slot / WHEEL_SLOTS)
    const turn = Math.floor(wheel.now / 2 ** (8 * level)) % WHEEL_SLOTS
    if (wheel.slotOf(ref) !== slot && slot % WHEEL_SLOTS !== turn) {
      this.fault(`item ${ref} is in wheel slot ${slot}, not ${wheel.slotOf(ref)}`)
    }
  }

  walkPages(): void {
    const { slab } = this.store
    const free = new Int32Array(CLASS_COUNT)
    const pages = new Int32Array(CLASS_COUNT)
    let freePages = slab.pageCount - this.words[C_FRESH_PAGE]
    let seen = 0
    for (let page = 0; page < this.words[C_FRESH_PAGE]; page++) {
      const slabClass = slab.classOfPage(page)
      if (slabClass < 0) {
        freePages++
        continue
      }
      const { first, step, carved, perPage } = slab.chunkRange(page)
      let live = 0
      for (let index = 0; index < carved; index++) {
        const isUsed = this.used.has(first + index * step)
        live += isUsed ? 1 : 0
        if (!isUsed && this.words[(first + index * step) << 1] >>> 28 !== 0) {
          this.fault(`chunk ${first + index * step} is neither free nor used`)
        }
      }
      seen += live
      if (live !== slab.liveOf(page)) {
        this.fault(`page ${page} has ${live} live chunks, counted ${slab.liveOf(page)}`)
      }
      free[slabClass] += perPage - live
      pages[slabClass]++
    }
    if (seen !== this.used.size) {
      this.fault(`${this.used.size - seen} chunks in use are outside of their pages`)
    }
    if (freePages !== slab.freePages()) {
      this.fault(`${freePages} pages are free, ${slab.freePages()} in the list`)
    }
    for (let slabClass = 0; slabClass < CLASS_COUNT; slabClass++) {
      if (free[slabClass] !== slab.freeChunks(slabClass)) {
        this.fault(
          `class of ${CHUNK_BYTES[slabClass]}: ${free[slabClass]} free chunks, counted ${slab.freeChunks(slabClass)}`,
        )
      }
      if (pages[slabClass] !== slab.pagesOf(slabClass)) {
        this.fault(`class of ${CHUNK_BYTES[slabClass]}: the count of its pages is wrong`)
      }
    }
  }

  /** Between two orders no step is under way, and nothing is held. */
  checkRest(): void {
    const { memory } = this.store
    if (new Journal(memory).isOpen || memory.words[C_LOG_LINE] !== 0) {
      this.fault('a step is under way')
    }
    if (memory.words[C_PINNED] !== 0 || memory.words[C_SEALED_PAGE] !== 0) {
      this.fault(`${memory.words[C_PINNED]} chunks are pinned, page ${memory.words[C_SEALED_PAGE]}`)
    }
    const rule = memory.words[C_RULE]
    if (rule < 0 || rule > RULES.length || memory.words[C_PLANNED] < 0) {
      this.fault(`rule ${rule}, planned for ${memory.words[C_PLANNED]} items`)
    }
  }

  compareCounts(): void {
    const { spaces, memory } = this.store
    if (this.words[C_OVERFLOW_LINES] !== this.overflowNodes) {
      this.fault(`${this.overflowNodes} overflow nodes, counted ${this.words[C_OVERFLOW_LINES]}`)
    }
    let dead = 0
    for (let space = 1; space < spaces.count; space++) {
      const sum = this.perSpace.get(space) ?? { items: 0, bytes: 0 }
      dead += spaces.state(space) === SPACE_DEAD ? 1 : 0
      const items = spaces.float(space, S_ITEMS)
      const bytes = spaces.float(space, S_BYTES)
      if (spaces.state(space) !== 0 && (items !== sum.items || bytes !== sum.bytes)) {
        this.fault(
          `space ${space} holds ${sum.items} items of ${sum.bytes} bytes, counted ${items} of ${bytes}`,
        )
      }
    }
    if (memory.words[C_DEAD_SPACES] !== dead) {
      this.fault(`${dead} dead spaces, counted ${memory.words[C_DEAD_SPACES]}`)
    }
    if (this.store.slab.freeChunks(OVERFLOW_CLASS) < 0) {
      this.fault('the overflow class has negative free chunks')
    }
  }
}
