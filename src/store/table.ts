import { HEADER_WORDS, I_SIZES, I_SPACE, KIND_OVERFLOW, REF_MASK } from './item.js'
import { Journal } from './journal.js'
import { C_LOG_SPARE, C_OVERFLOW_LINES, LINE_BYTES, type Memory, PAGE_BYTES } from './layout.js'
import { agreeing, firstOf, LINK, tagOf } from './tags.js'

/**
 * A line of the table, 64 bytes so that one cache miss brings all of it:
 *
 *     word 0      version: odd while the writer changes the line or its overflow nodes
 *     words 1-3   12 tags, a byte each: 8 bits of the hash; 0 an empty slot
 *     words 4-15  12 slots: frequency (bits 28-29), reference (bits 0-27)
 *
 * Where 12 slots do not suffice, tag 11 is LINK and slot 11 leads to an overflow node, a chunk of 32
 * bytes guarded by its line's version: word 0 kind and next node, words 1-2 five tags, words 3-7
 * five slots. Pages of such nodes never serve another class, so a stray reader meets only slots.
 *
 * A slot is filled reference first and tag last, and emptied tag first: whatever moment the writer
 * dies at, the line is whole. Its words are noted in the journal all the same, as everything is.
 */
export const LINE_WORDS = LINE_BYTES / 4
export const LINE_SLOTS = 12
export const OVERFLOW_SLOTS = 5
export const FIRST_SLOT = 4
const OVERFLOW_FIRST_SLOT = 3
const LINK_SLOT = 11
/** A reader may follow a chain that the writer is changing: it must end all the same. */
const MAX_CHAIN = 65_536

/** Raised by readers up to this, see reader.ts. */
export const MAX_FREQUENCY = 3
export const FREQUENCY_SHIFT = 28
const FREQUENCY_MASK = 0x3000_0000

/** Where an item stands: the word of its slot and the byte of its tag. */
export class Table {
  private readonly words: Int32Array
  private readonly bytes: Uint8Array
  private readonly journal: Journal
  private readonly tableAt: number
  private readonly scale: number
  private readonly firstRef: number
  private readonly refCount: number
  readonly lineCount: number
  /** The tag byte that belongs to the slot last found; valid until the next search. */
  tagAt = 0

  constructor(memory: Memory) {
    const { shape } = memory
    this.words = memory.words
    this.bytes = memory.bytes
    this.journal = new Journal(memory)
    this.tableAt = shape.tableAt
    this.lineCount = shape.lineCount
    this.scale = shape.lineCount / 2 ** 32
    this.firstRef = shape.pagesAt >> 1
    this.refCount = shape.pageCount * (PAGE_BYTES >> 3)
  }

  /** Word of the line that a key belongs to, by its remixed hash (see hash.ts). */
  lineOf(remixed: number): number {
    return this.tableAt + ((remixed * this.scale) | 0) * LINE_WORDS
  }

  lineAt(index: number): number {
    return this.tableAt + index * LINE_WORDS
  }

  /** The slot of a key's item, or 0. The key lies in `key[keyAt…]`, padded with zeros to a word. */
  find(remixed: number, key: Int32Array, keyAt: number, keyBytes: number, space: number): number {
    return this.findIn(this.lineOf(remixed), remixed, key, keyAt, keyBytes, space)
  }

  /** The same where the line is known. */
  findIn(
    line: number,
    remixed: number,
    key: Int32Array,
    keyAt: number,
    keyBytes: number,
    space: number,
  ): number {
    const { words } = this
    const tag = tagOf(remixed)
    for (let word = 0; word < 3; word++) {
      for (let hits = agreeing(words[line + 1 + word], tag); hits !== 0; hits &= hits - 1) {
        const index = word * 4 + firstOf(hits)
        const slot = line + FIRST_SLOT + index
        if (this.holds(words[slot] & REF_MASK, key, keyAt, keyBytes, space)) {
          this.tagAt = (line + 1) * 4 + index
          return slot
        }
      }
    }
    if (words[line + 3] >>> 24 !== LINK) {
      return 0
    }
    return this.findBeyond(line, tag, key, keyAt, keyBytes, space)
  }

  private findBeyond(
    line: number,
    tag: number,
    key: Int32Array,
    keyAt: number,
    keyBytes: number,
    space: number,
  ): number {
    const { words, bytes } = this
    let node = this.firstNode(line)
    for (let steps = 0; node !== 0 && steps < MAX_CHAIN; steps++) {
      const tags = (node + 1) * 4
      for (let index = 0; index < OVERFLOW_SLOTS; index++) {
        const slot = node + OVERFLOW_FIRST_SLOT + index
        if (
          bytes[tags + index] === tag &&
          this.holds(words[slot] & REF_MASK, key, keyAt, keyBytes, space)
        ) {
          this.tagAt = tags + index
          return slot
        }
      }
      node = this.nodeOf(words[node] & REF_MASK)
    }
    return 0
  }

  /** The slot that holds `ref`, or 0: for the writer, who knows the item already. */
  locate(remixed: number, ref: number): number {
    const { words, bytes } = this
    const line = this.lineOf(remixed)
    const tag = tagOf(remixed)
    for (let word = 0; word < 3; word++) {
      for (let hits = agreeing(words[line + 1 + word], tag); hits !== 0; hits &= hits - 1) {
        const index = word * 4 + firstOf(hits)
        if ((words[line + FIRST_SLOT + index] & REF_MASK) === ref) {
          this.tagAt = (line + 1) * 4 + index
          return line + FIRST_SLOT + index
        }
      }
    }
    for (let node = this.firstNode(line); node !== 0; node = this.nextNode(node)) {
      for (let index = 0; index < OVERFLOW_SLOTS; index++) {
        const slot = node + OVERFLOW_FIRST_SLOT + index
        if ((words[slot] & REF_MASK) === ref && bytes[(node + 1) * 4 + index] === tag) {
          this.tagAt = (node + 1) * 4 + index
          return slot
        }
      }
    }
    return 0
  }

  /** Whether an insertion into the line needs an overflow node first. */
  isFull(line: number): boolean {
    return this.emptySlot(line) === 0
  }

  /** Makes an item findable. `node`: a fresh overflow chunk where the line is full, else 0. */
  insert(remixed: number, ref: number, frequency: number, node: number): void {
    const line = this.lineOf(remixed)
    this.open(line)
    if (node !== 0) {
      this.extend(line, node)
    }
    const slot = this.emptySlot(line)
    this.journal.note2(slot, this.tagAt >> 2)
    this.words[slot] = ref | (frequency << FREQUENCY_SHIFT)
    this.bytes[this.tagAt] = tagOf(remixed)
    this.close(line)
  }

  /** Swings a slot over to another chunk: the old one may be freed as soon as this returns. */
  swing(remixed: number, slot: number, ref: number, frequency: number): void {
    const line = this.lineOf(remixed)
    this.open(line)
    this.journal.set(slot, ref | (frequency << FREQUENCY_SHIFT))
    this.close(line)
  }

  /** Empties the slot last found; an overflow node that is no longer needed becomes the spare. */
  remove(remixed: number, slot: number): void {
    const line = this.lineOf(remixed)
    this.open(line)
    this.journal.note2(slot, this.tagAt >> 2)
    this.bytes[this.tagAt] = 0
    this.words[slot] = 0
    if (slot < line || slot >= line + LINE_WORDS) {
      this.words[C_LOG_SPARE] = this.trim(line)
    }
    this.close(line)
  }

  /**
   * Empties the slot last found, of an item past its deadline, and returns an overflow node that is no
   * longer needed, or 0. No reader finds such an item, so there is no change to hide from one: a single
   * change of the version tells those who are copying it, before its chunk serves another.
   */
  forget(line: number, slot: number): number {
    this.journal.note2(slot, this.tagAt >> 2)
    this.bytes[this.tagAt] = 0
    this.words[slot] = 0
    const spare = slot < line || slot >= line + LINE_WORDS ? this.trim(line) : 0
    Atomics.add(this.words, line, 2)
    return spare
  }

  /** Makes the version odd. Read-modify-write, so that no later store can pass it (ARM64). */
  open(line: number): void {
    this.journal.opens(line)
    Atomics.add(this.words, line, 1)
  }

  /** Makes it even again: the step is seen. */
  close(line: number): void {
    this.journal.closes()
    Atomics.add(this.words, line, 1)
  }

  /** Closes a line whose writer died: what its last operation left half done is done or undone. */
  mend(line: number): void {
    const { words, bytes } = this
    const linkTag = (line + 1) * 4 + LINK_SLOT
    const last = words[line + FIRST_SLOT + LINK_SLOT] & REF_MASK
    if (bytes[linkTag] !== 0 && last !== 0 && words[last << 1] >>> 28 === KIND_OVERFLOW) {
      bytes[linkTag] = LINK
    }
    for (let index = 0; index < LINE_SLOTS; index++) {
      if (bytes[(line + 1) * 4 + index] === 0) {
        words[line + FIRST_SLOT + index] = 0
      }
    }
    Atomics.add(words, line, 1)
  }

  frequency(slot: number): number {
    return (this.words[slot] & FREQUENCY_MASK) >>> FREQUENCY_SHIFT
  }

  private setTag(byte: number, tag: number): void {
    this.journal.note(byte >> 2)
    this.bytes[byte] = tag
  }

  /**
   * Readers raise the same word by compare-and-swap; a raise lost here does no harm, nor does one
   * that is not noted.
   */
  setFrequency(slot: number, frequency: number): void {
    this.words[slot] = (this.words[slot] & REF_MASK) | (frequency << FREQUENCY_SHIFT)
  }

  /**
   * Calls `visit` for every item of a line from slot number `from` on. Slots are numbered along the
   * chain, and an item keeps its number or moves to a higher one for as long as it lives.
   * `visit` returns false to stop. Returns the number of the slot where it stopped, or -1 at the end.
   */
  scanLine(line: number, from: number, visit: (ref: number, slot: number) => boolean): number {
    const { words, bytes } = this
    let number = 0
    for (; number < LINE_SLOTS; number++) {
      const tag = bytes[(line + 1) * 4 + number]
      const slot = line + FIRST_SLOT + number
      if (number >= from && tag !== 0 && tag !== LINK && !visit(words[slot] & REF_MASK, slot)) {
        return number
      }
    }
    let node = this.firstNode(line)
    for (let steps = 0; node !== 0 && steps < MAX_CHAIN; steps++, node = this.nextNode(node)) {
      for (let index = 0; index < OVERFLOW_SLOTS; index++, number++) {
        const slot = node + OVERFLOW_FIRST_SLOT + index
        const taken = number >= from && bytes[(node + 1) * 4 + index] !== 0
        if (taken && !visit(words[slot] & REF_MASK, slot)) {
          return number
        }
      }
    }
    return -1
  }

  isEmpty(line: number): boolean {
    const { words } = this
    return (words[line + 1] | words[line + 2] | words[line + 3]) === 0
  }

  /** First overflow node of a line as a word index, or 0. */
  firstNode(line: number): number {
    const linked = this.words[line + 3] >>> 24 === LINK
    return linked ? this.nodeOf(this.words[line + FIRST_SLOT + LINK_SLOT] & REF_MASK) : 0
  }

  nextNode(node: number): number {
    return this.nodeOf(this.words[node] & REF_MASK)
  }

  private nodeOf(ref: number): number {
    return ref !== 0 && this.inPages(ref) ? ref << 1 : 0
  }

  /** Whether a reference read from a changing line may be followed at all. */
  inPages(ref: number): boolean {
    return (ref - this.firstRef) >>> 0 < this.refCount
  }

  private holds(
    ref: number,
    key: Int32Array,
    keyAt: number,
    keyBytes: number,
    space: number,
  ): boolean {
    if (!this.inPages(ref)) {
      return false
    }
    const { words } = this
    const at = ref << 1
    if (
      (words[at + I_SIZES] & 0x3ff) !== keyBytes - 1 ||
      (words[at + I_SPACE] & 0xffff) !== space
    ) {
      return false
    }
    const count = (keyBytes + 3) >> 2
    for (let i = 0; i < count; i++) {
      if (words[at + HEADER_WORDS + i] !== key[keyAt + i]) {
        return false
      }
    }
    return true
  }

  /** An empty slot of the line or its nodes, or 0; leaves its tag's place in `tagAt`. */
  private emptySlot(line: number): number {
    const { bytes } = this
    for (let index = 0; index < LINE_SLOTS; index++) {
      if (bytes[(line + 1) * 4 + index] === 0) {
        this.tagAt = (line + 1) * 4 + index
        return line + FIRST_SLOT + index
      }
    }
    for (let node = this.firstNode(line); node !== 0; node = this.nextNode(node)) {
      for (let index = 0; index < OVERFLOW_SLOTS; index++) {
        if (bytes[(node + 1) * 4 + index] === 0) {
          this.tagAt = (node + 1) * 4 + index
          return node + OVERFLOW_FIRST_SLOT + index
        }
      }
    }
    return 0
  }

  /** Hangs a fresh node at the end of the line's chain; the line is open. */
  private extend(line: number, ref: number): void {
    const { words, bytes } = this
    const node = ref << 1
    words.fill(0, node, node + 8)
    words[node] = KIND_OVERFLOW << 28
    this.journal.set(C_OVERFLOW_LINES, words[C_OVERFLOW_LINES] + 1)
    let last = this.firstNode(line)
    if (last === 0) {
      // The twelfth item moves into the node, and its slot becomes the link.
      const linkTag = (line + 1) * 4 + LINK_SLOT
      const linkSlot = line + FIRST_SLOT + LINK_SLOT
      words[node + OVERFLOW_FIRST_SLOT] = words[linkSlot]
      bytes[(node + 1) * 4] = bytes[linkTag]
      this.journal.set(linkSlot, ref)
      this.setTag(linkTag, LINK) // a writer that dies just before this: see mend
      return
    }
    for (let next = this.nextNode(last); next !== 0; next = this.nextNode(last)) {
      last = next
    }
    this.journal.set(last, (KIND_OVERFLOW << 28) | ref)
  }

  /** Takes the last node off the chain if it is empty; returns its reference or 0. */
  private trim(line: number): number {
    const { words, bytes } = this
    let before = 0
    let last = this.firstNode(line)
    for (let next = this.nextNode(last); next !== 0; next = this.nextNode(last)) {
      before = last
      last = next
    }
    for (let index = 0; index < OVERFLOW_SLOTS; index++) {
      if (bytes[(last + 1) * 4 + index] !== 0) {
        return 0
      }
    }
    if (before === 0) {
      this.setTag((line + 1) * 4 + LINK_SLOT, 0)
      this.journal.set(line + FIRST_SLOT + LINK_SLOT, 0)
    } else {
      this.journal.set(before, KIND_OVERFLOW << 28)
    }
    this.journal.set(C_OVERFLOW_LINES, words[C_OVERFLOW_LINES] - 1)
    return last >> 1
  }
}
