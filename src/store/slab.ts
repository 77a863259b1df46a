import { KIND_FREE, REF_MASK } from './item.js'
import { Journal } from './journal.js'
import {
  C_FREE_PAGE,
  C_FRESH_PAGE,
  C_SEALED_PAGE,
  CLASS_WORDS,
  type Memory,
  PAGE_BYTES,
  PAGE_WORDS,
} from './layout.js'

/** Table overflow nodes have a class of their own, whose pages never serve another: see table.ts. */
export const OVERFLOW_CLASS = 0
const OVERFLOW_BYTES = 32
const SMALLEST_CHUNK = 40
export const LARGEST_CHUNK = 16_384
const GROWTH = 1.125

/**
 * Chunk sizes by class: 12.5 % apart (up to 22 % where steps of 8 bytes are coarse), snapped so that
 * a page's tail is not wasted.
 */
export const CHUNK_BYTES: readonly number[] = chunkSizes()

function chunkSizes(): number[] {
  const sizes = [OVERFLOW_BYTES]
  for (let wanted = SMALLEST_CHUNK; wanted < LARGEST_CHUNK; ) {
    const snapped = Math.floor(PAGE_BYTES / Math.floor(PAGE_BYTES / wanted) / 8) * 8
    sizes.push(snapped)
    wanted = Math.max(snapped + 8, Math.ceil((snapped * GROWTH) / 8) * 8)
  }
  return sizes
}

export const CLASS_COUNT = CHUNK_BYTES.length
const PER_PAGE = Int32Array.from(CHUNK_BYTES, (bytes) => Math.floor(PAGE_BYTES / bytes))
const SIZES = Int32Array.from(CHUNK_BYTES)

/** Class by size in units of 8 bytes. */
const CLASS_BY_SIZE = classBySize()

function classBySize(): Uint8Array {
  const map = new Uint8Array(LARGEST_CHUNK / 8 + 1)
  let slabClass = 1
  for (let units = 0; units < map.length; units++) {
    while (SIZES[slabClass] < units * 8) {
      slabClass++
    }
    map[units] = slabClass
  }
  return map
}

/** The class whose chunks hold `bytes` (at most `LARGEST_CHUNK`). */
export function classFor(bytes: number): number {
  return CLASS_BY_SIZE[(bytes + 7) >> 3]
}

/** A page has 2^13 references. */
const PAGE_SHIFT = Math.log2(PAGE_BYTES >> 3)

/** Class record. The counts are not noted in the journal: see recount(). */
const K_PARTIAL = 0 // first page with a free chunk, as page + 1
const K_FREE = 1 // free chunks in all its pages
const K_PAGES = 2

/** Page record. */
const P_CLASS = 0 // class + 1; 0: a free page
const P_FREE_HEAD = 1 // reference of the first free chunk; 0: none
const P_CARVED = 2 // chunks from here on were never taken
const P_LIVE = 3
const P_NEXT = 4 // neighbours in the class's list of partial pages (page + 1), or in the free list
const P_PREV = 5
const P_LISTED = 6 // 1: stands in that list, 2: sealed, see seal()

/**
 * Chunks of memory by size class, in pages that can change class (memcached's slabs, with a free
 * list a page, so that an emptied page leaves its class at once).
 */
export class Slab {
  private readonly words: Int32Array
  private readonly journal: Journal
  private readonly classesAt: number
  private readonly recordsAt: number
  private readonly pagesAt: number
  readonly pageCount: number
  /** A class that lately came to a surplus, or -1: where reclaiming looks first. */
  surplus = -1

  constructor(memory: Memory) {
    this.words = memory.words
    this.journal = new Journal(memory)
    this.classesAt = memory.shape.classesAt
    this.recordsAt = memory.shape.pageRecordsAt
    this.pagesAt = memory.shape.pagesAt
    this.pageCount = memory.shape.pageCount
  }

  /** A chunk of the class as a reference, or 0 where neither chunk nor page is free. */
  take(slabClass: number): number {
    const { words, journal } = this
    const record = this.classesAt + slabClass * CLASS_WORDS
    let page = words[record + K_PARTIAL] - 1
    if (page < 0) {
      page = this.openPage(slabClass)
      if (page < 0) {
        return 0
      }
    }
    const at = this.recordsAt + page * PAGE_WORDS
    let ref = words[at + P_FREE_HEAD]
    if (ref !== 0) {
      journal.note3(at + P_FREE_HEAD, at + P_LIVE, ref << 1) // the taker writes over the last
      words[at + P_FREE_HEAD] = words[ref << 1] & REF_MASK
    } else {
      journal.note2(at + P_CARVED, at + P_LIVE)
      const index = words[at + P_CARVED]++
      ref = (this.pagesAt >> 1) + page * (PAGE_BYTES >> 3) + index * (SIZES[slabClass] >> 3)
    }
    words[record + K_FREE]--
    if (++words[at + P_LIVE] === PER_PAGE[slabClass]) {
      this.unlist(page, record)
    }
    return ref
  }

  /**
   * Gives a chunk back; a page without a live chunk leaves its class. The chunk's own word is not
   * noted: a free that is undone is done again, see rollback.ts.
   */
  free(ref: number): void {
    const { words, journal } = this
    const page = this.pageOf(ref)
    const at = this.recordsAt + page * PAGE_WORDS
    const slabClass = words[at + P_CLASS] - 1
    const record = this.classesAt + slabClass * CLASS_WORDS
    journal.note2(at + P_FREE_HEAD, at + P_LIVE)
    words[ref << 1] = (KIND_FREE << 28) | words[at + P_FREE_HEAD]
    words[at + P_FREE_HEAD] = ref
    if (++words[record + K_FREE] >= PER_PAGE[slabClass]) {
      this.surplus = slabClass
    }
    const live = --words[at + P_LIVE]
    if (words[at + P_LISTED] === 0) {
      this.list(page, record)
    }
    if (live === 0 && slabClass !== OVERFLOW_CLASS) {
      this.closePage(page)
    }
  }

  pageOf(ref: number): number {
    return (ref - (this.pagesAt >> 1)) >> PAGE_SHIFT
  }

  classOf(ref: number): number {
    return this.classOfPage(this.pageOf(ref))
  }

  /** -1: a free page. */
  classOfPage(page: number): number {
    return this.words[this.recordsAt + page * PAGE_WORDS + P_CLASS] - 1
  }

  chunkBytes(ref: number): number {
    return SIZES[this.classOf(ref)]
  }

  /** The first page of the class with a free chunk, or -1. */
  partialPage(slabClass: number): number {
    return this.words[this.classesAt + slabClass * CLASS_WORDS + K_PARTIAL] - 1
  }

  freeChunks(slabClass: number): number {
    return this.words[this.classesAt + slabClass * CLASS_WORDS + K_FREE]
  }

  pagesOf(slabClass: number): number {
    return this.words[this.classesAt + slabClass * CLASS_WORDS + K_PAGES]
  }

  liveOf(page: number): number {
    return this.words[this.recordsAt + page * PAGE_WORDS + P_LIVE]
  }

  /** Whether the class has so many free chunks that one of its pages can be emptied into the rest. */
  hasSurplus(slabClass: number): boolean {
    return slabClass !== OVERFLOW_CLASS && this.freeChunks(slabClass) >= PER_PAGE[slabClass]
  }

  /** Of the first `looks` pages with a free chunk, the one with the fewest live ones; -1: none. */
  emptiestPage(slabClass: number, looks: number, isPinned: (page: number) => boolean): number {
    const { words } = this
    let best = -1
    let bestLive = 0x7fffffff
    let page = words[this.classesAt + slabClass * CLASS_WORDS + K_PARTIAL] - 1
    for (let seen = 0; page >= 0 && seen < looks; seen++) {
      const at = this.recordsAt + page * PAGE_WORDS
      if (words[at + P_LIVE] < bestLive && !isPinned(page)) {
        best = page
        bestLive = words[at + P_LIVE]
      }
      page = words[at + P_NEXT] - 1
    }
    return best
  }

  /** Keeps a page out of the class's free chunks while it is emptied, and puts it back. */
  seal(page: number): void {
    const slabClass = this.classOfPage(page)
    const at = this.recordsAt + page * PAGE_WORDS
    const record = this.classesAt + slabClass * CLASS_WORDS
    if (this.words[at + P_LISTED] === 1) {
      this.unlist(page, record)
    }
    this.journal.set(at + P_LISTED, 2)
    this.journal.set(C_SEALED_PAGE, page + 1)
  }

  unseal(page: number): void {
    const slabClass = this.classOfPage(page)
    const at = this.recordsAt + page * PAGE_WORDS
    this.journal.set(C_SEALED_PAGE, 0)
    if (slabClass < 0 || this.words[at + P_LISTED] !== 2) {
      return // emptied, and so no longer of the class
    }
    this.journal.set(at + P_LISTED, 0)
    if (this.words[at + P_LIVE] < PER_PAGE[slabClass]) {
      this.list(page, this.classesAt + slabClass * CLASS_WORDS)
    }
  }

  /** The references of a page's carved chunks, first and last excluded; step in references. */
  chunkRange(page: number): { first: number; step: number; carved: number; perPage: number } {
    const slabClass = this.classOfPage(page)
    const first = (this.pagesAt >> 1) + page * (PAGE_BYTES >> 3)
    const carved = this.words[this.recordsAt + page * PAGE_WORDS + P_CARVED]
    return { first, step: SIZES[slabClass] >> 3, carved, perPage: PER_PAGE[slabClass] }
  }

  /** Whether `ref` can be a chunk's start: what a reader asks before it follows one. */
  inPages(ref: number): boolean {
    const first = this.pagesAt >> 1
    return ref >= first && ref < first + this.pageCount * (PAGE_BYTES >> 3)
  }

  freePages(): number {
    let count = this.pageCount - this.words[C_FRESH_PAGE]
    for (let page = this.words[C_FREE_PAGE] - 1; page >= 0; count++) {
      page = this.words[this.recordsAt + page * PAGE_WORDS + P_NEXT] - 1
    }
    return count
  }

  /** Counts the classes' chunks and pages anew: after a death they may be wrong. */
  recount(): void {
    const { words } = this
    const pages = new Int32Array(CLASS_COUNT)
    const live = new Int32Array(CLASS_COUNT)
    const end = this.recordsAt + words[C_FRESH_PAGE] * PAGE_WORDS
    for (let at = this.recordsAt; at < end; at += PAGE_WORDS) {
      const slabClass = words[at + P_CLASS] - 1
      if (slabClass >= 0) {
        pages[slabClass]++
        live[slabClass] += words[at + P_LIVE]
      }
    }
    for (let slabClass = 0; slabClass < CLASS_COUNT; slabClass++) {
      const record = this.classesAt + slabClass * CLASS_WORDS
      words[record + K_FREE] = pages[slabClass] * PER_PAGE[slabClass] - live[slabClass]
      words[record + K_PAGES] = pages[slabClass]
    }
  }

  /** Forgets all free lists and counts, and makes them again from what `isLive` says. */
  rebuild(isLive: (ref: number) => boolean): void {
    const { words } = this
    words.fill(0, this.classesAt, this.classesAt + CLASS_COUNT * CLASS_WORDS)
    words[C_FREE_PAGE] = 0
    for (let page = 0; page < words[C_FRESH_PAGE]; page++) {
      this.rebuildPage(page, isLive)
    }
  }

  private rebuildPage(page: number, isLive: (ref: number) => boolean): void {
    const { words } = this
    const at = this.recordsAt + page * PAGE_WORDS
    const slabClass = words[at + P_CLASS] - 1
    const { first, step, carved } = slabClass < 0 ? EMPTY_RANGE : this.chunkRange(page)
    words[at + P_FREE_HEAD] = 0
    words[at + P_LISTED] = 0
    words[at + P_NEXT] = 0
    words[at + P_PREV] = 0
    let live = 0
    for (let index = carved - 1; index >= 0; index--) {
      const ref = first + index * step
      if (isLive(ref)) {
        live++
      } else {
        words[ref << 1] = (KIND_FREE << 28) | words[at + P_FREE_HEAD]
        words[at + P_FREE_HEAD] = ref
      }
    }
    words[at + P_LIVE] = live
    if (slabClass < 0 || (live === 0 && slabClass !== OVERFLOW_CLASS)) {
      words[at + P_CLASS] = 0
      words[at + P_NEXT] = words[C_FREE_PAGE]
      words[C_FREE_PAGE] = page + 1
      return
    }
    const record = this.classesAt + slabClass * CLASS_WORDS
    words[record + K_PAGES]++
    words[record + K_FREE] += PER_PAGE[slabClass] - live
    if (live < PER_PAGE[slabClass]) {
      this.list(page, record)
    }
  }

  private openPage(slabClass: number): number {
    const { words, journal } = this
    let page = words[C_FREE_PAGE] - 1
    if (page >= 0) {
      journal.set(C_FREE_PAGE, words[this.recordsAt + page * PAGE_WORDS + P_NEXT])
    } else if (words[C_FRESH_PAGE] < this.pageCount) {
      page = words[C_FRESH_PAGE]
      journal.set(C_FRESH_PAGE, page + 1)
    } else {
      return -1
    }
    const at = this.recordsAt + page * PAGE_WORDS
    journal.note4(at + P_FREE_HEAD, at + P_CARVED, at + P_LIVE, at + P_CLASS)
    words[at + P_FREE_HEAD] = 0
    words[at + P_CARVED] = 0
    words[at + P_LIVE] = 0
    words[at + P_CLASS] = slabClass + 1
    const record = this.classesAt + slabClass * CLASS_WORDS
    words[record + K_FREE] += PER_PAGE[slabClass]
    words[record + K_PAGES]++
    this.list(page, record)
    return page
  }

  private closePage(page: number): void {
    const { words, journal } = this
    const at = this.recordsAt + page * PAGE_WORDS
    const slabClass = words[at + P_CLASS] - 1
    const record = this.classesAt + slabClass * CLASS_WORDS
    if (words[at + P_LISTED] === 1) {
      this.unlist(page, record)
    }
    words[record + K_FREE] -= PER_PAGE[slabClass]
    words[record + K_PAGES]--
    journal.note4(at + P_LISTED, at + P_CLASS, at + P_NEXT, C_FREE_PAGE)
    words[at + P_LISTED] = 0
    words[at + P_CLASS] = 0
    words[at + P_NEXT] = words[C_FREE_PAGE]
    words[C_FREE_PAGE] = page + 1
  }

  private list(page: number, record: number): void {
    const { words, journal } = this
    const at = this.recordsAt + page * PAGE_WORDS
    const head = words[record + K_PARTIAL]
    journal.note4(at + P_PREV, at + P_NEXT, at + P_LISTED, record + K_PARTIAL)
    words[at + P_PREV] = 0
    words[at + P_NEXT] = head
    words[at + P_LISTED] = 1
    if (head !== 0) {
      journal.set(this.recordsAt + (head - 1) * PAGE_WORDS + P_PREV, page + 1)
    }
    words[record + K_PARTIAL] = page + 1
  }

  private unlist(page: number, record: number): void {
    const { words, journal } = this
    const at = this.recordsAt + page * PAGE_WORDS
    const next = words[at + P_NEXT]
    const prev = words[at + P_PREV]
    const before =
      prev === 0 ? record + K_PARTIAL : this.recordsAt + (prev - 1) * PAGE_WORDS + P_NEXT
    journal.note2(before, at + P_LISTED)
    words[before] = next
    if (next !== 0) {
      journal.set(this.recordsAt + (next - 1) * PAGE_WORDS + P_PREV, prev)
    }
    words[at + P_LISTED] = 0
  }
}

const EMPTY_RANGE = { first: 0, step: 0, carved: 0, perPage: 0 }
