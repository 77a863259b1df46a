import { isOver, type Operation } from './history.js'

const BITS = 16

/**
 * The set of operations taken, and all sets with their states that the search has been at. A set is
 * nearly always "everything up to here, and a few beyond", so it is kept as where the first one is
 * missing and the bits from there on. Operations of unknown outcome may be left out for good and have
 * bits of their own, or the first would keep the window open to the end.
 */
export class Past {
  private readonly known: BitRow
  private readonly unknown: BitRow
  private readonly isOfKnown: boolean[]
  private readonly place: number[]
  private readonly seen = new Set<string>()

  constructor(operations: readonly Operation<unknown, unknown>[]) {
    let known = 0
    let unknown = 0
    this.isOfKnown = operations.map(isOver)
    this.place = this.isOfKnown.map((isOfKnown) => (isOfKnown ? known++ : unknown++))
    this.known = new BitRow(known)
    this.unknown = new BitRow(unknown)
  }

  get configurations(): number {
    return this.seen.size
  }

  has(index: number): boolean {
    return this.rowOf(index).has(this.place[index])
  }

  add(index: number): void {
    this.rowOf(index).set(this.place[index])
  }

  delete(index: number): void {
    this.rowOf(index).clear(this.place[index])
  }

  /** False where the search has been at this set with this state. */
  remember(state: string): boolean {
    const before = this.seen.size
    this.seen.add(`${this.known.text()}${this.unknown.text()}${state}`)
    return this.seen.size > before
  }

  private rowOf(index: number): BitRow {
    return this.isOfKnown[index] ? this.known : this.unknown
  }
}

/** A row of bits; its text is short where it is ones first and then zeros, bar a few. */
class BitRow {
  private readonly words: Uint16Array
  /** All words below are full. */
  private base = 0
  /** All words from here on are empty. */
  private top = 0

  constructor(bits: number) {
    this.words = new Uint16Array(Math.ceil(bits / BITS))
  }

  has(bit: number): boolean {
    return ((this.words[Math.floor(bit / BITS)] >> (bit % BITS)) & 1) === 1
  }

  set(bit: number): void {
    const word = Math.floor(bit / BITS)
    this.words[word] |= 1 << (bit % BITS)
    this.top = Math.max(this.top, word + 1)
    while (this.words[this.base] === 0xffff) this.base++
  }

  clear(bit: number): void {
    const word = Math.floor(bit / BITS)
    this.words[word] &= ~(1 << (bit % BITS))
    this.base = Math.min(this.base, word)
    while (this.top > 0 && this.words[this.top - 1] === 0) this.top--
  }

  /** Two texts in a row can be told apart: the number of characters is said first. */
  text(): string {
    const { base, words } = this
    const top = Math.max(base, this.top)
    return `${base}:${top}:${String.fromCharCode(...words.subarray(base, top))}`
  }
}
