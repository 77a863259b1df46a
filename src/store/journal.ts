import {
  C_LOG_ADOPT,
  C_LOG_END,
  C_LOG_FREED,
  C_LOG_LINE,
  C_LOG_LINE_VERSION,
  C_LOG_MARK,
  C_LOG_OLD,
  C_LOG_SPARE,
  LOG_ENTRIES,
  LOG_ENTRY_WORDS,
  type Memory,
} from './layout.js'

/**
 * The undo log of the step under way: before a word that outlives the step changes, its index and
 * old value are noted here, in the node's memory. A writer that dies leaves the log behind, and its
 * successor puts the old values back, newest first: see rollback.ts.
 *
 * A step shows itself to readers by one change of one line of the table, if at all, and does all else
 * before it; only what it frees is freed afterwards. So a step that readers have seen is kept, and
 * its frees are done again; any other is undone. `commit` ends it, by one store.
 *
 * Entries are 16 bytes: index, unused, old value; that of a float64 has its index inverted. The log
 * is full long before a step can be: see LOG_ENTRIES. If it ever overflows it says so, and the
 * successor makes everything anew.
 *
 * It keeps nothing of its own, all is in the memory: every part of a store may have one.
 */
export class Journal {
  private readonly words: Int32Array
  private readonly floats: Float64Array
  private readonly base: number
  private readonly limit: number

  constructor(memory: Memory) {
    this.words = memory.words
    this.floats = memory.floats
    this.base = memory.shape.logAt
    this.limit = this.base + LOG_ENTRIES * LOG_ENTRY_WORDS
  }

  /** Stores a word, its old value noted. The entry is whole before it counts, and counts first. */
  set(index: number, value: number): void {
    const { words } = this
    const at = words[C_LOG_END]
    if (at < this.limit) {
      words[at] = index
      words[at + 2] = words[index]
      words[C_LOG_END] = at + LOG_ENTRY_WORDS
    } else {
      this.overflow()
    }
    words[index] = value
  }

  /** Notes a word that is about to change. */
  note(index: number): void {
    const { words } = this
    const at = words[C_LOG_END]
    if (at < this.limit) {
      words[at] = index
      words[at + 2] = words[index]
      words[C_LOG_END] = at + LOG_ENTRY_WORDS
    } else {
      this.overflow()
    }
  }

  /** Two at once, and more below: one look at the log's end, which a hot path feels. */
  note2(a: number, b: number): void {
    const { words } = this
    const at = words[C_LOG_END]
    const end = at + 2 * LOG_ENTRY_WORDS
    if (end <= this.limit) {
      words[at] = a
      words[at + 2] = words[a]
      words[at + 4] = b
      words[at + 6] = words[b]
      words[C_LOG_END] = end
    } else {
      this.overflow()
    }
  }

  note3(a: number, b: number, c: number): void {
    const { words } = this
    const at = words[C_LOG_END]
    const end = at + 3 * LOG_ENTRY_WORDS
    if (end <= this.limit) {
      words[at] = a
      words[at + 2] = words[a]
      words[at + 4] = b
      words[at + 6] = words[b]
      words[at + 8] = c
      words[at + 10] = words[c]
      words[C_LOG_END] = end
    } else {
      this.overflow()
    }
  }

  note4(a: number, b: number, c: number, d: number): void {
    const { words } = this
    const at = words[C_LOG_END]
    const end = at + 4 * LOG_ENTRY_WORDS
    if (end <= this.limit) {
      words[at] = a
      words[at + 2] = words[a]
      words[at + 4] = b
      words[at + 6] = words[b]
      words[at + 8] = c
      words[at + 10] = words[c]
      words[at + 12] = d
      words[at + 14] = words[d]
      words[C_LOG_END] = end
    } else {
      this.overflow()
    }
  }

  /** Two float64s; the indexes count float64s. */
  noteFloats(a: number, b: number): void {
    const { words, floats } = this
    const at = words[C_LOG_END]
    const end = at + 2 * LOG_ENTRY_WORDS
    if (end <= this.limit) {
      words[at] = ~a
      floats[(at >> 1) + 1] = floats[a]
      words[at + 4] = ~b
      floats[(at >> 1) + 3] = floats[b]
      words[C_LOG_END] = end
    } else {
      this.overflow()
    }
  }

  /** Stores a float64, its old value noted; `index` counts float64s. */
  setFloat(index: number, value: number): void {
    const { words, floats } = this
    const at = words[C_LOG_END]
    if (at < this.limit) {
      words[at] = ~index
      floats[(at >> 1) + 1] = floats[index]
      words[C_LOG_END] = at + LOG_ENTRY_WORDS
    } else {
      this.overflow()
    }
    floats[index] = value
  }

  addFloat(index: number, amount: number): void {
    this.setFloat(index, this.floats[index] + amount)
  }

  /**
   * What is left to do once readers have seen the step: free an item with its segments and a single
   * chunk, and tell the segments of a third where it is now. 0: nothing. Said before the line opens.
   */
  after(old: number, spare: number, adopt: number): void {
    const { words } = this
    words[C_LOG_OLD] = old
    words[C_LOG_SPARE] = spare
    words[C_LOG_ADOPT] = adopt
  }

  /** The line that is about to open, as the step's one visible change. */
  opens(line: number): void {
    const { words } = this
    if (words[C_LOG_END] === this.base) {
      this.note(C_LOG_MARK) // a step that has no entry is none
    }
    words[C_LOG_LINE_VERSION] = words[line]
    words[C_LOG_LINE] = line
  }

  /** The line is about to close: entries from here on are of the frees. */
  closes(): void {
    this.words[C_LOG_MARK] = this.words[C_LOG_END]
  }

  /** Among many frees: those up to here stay, as `C_LOG_FREED`, set before, says. */
  keepFrees(): void {
    this.words[C_LOG_END] = this.words[C_LOG_MARK]
  }

  /** Ends the step: its stores are not undone any more. */
  commit(): void {
    const { words } = this
    words[C_LOG_END] = this.base
    if (words[C_LOG_LINE] !== 0) {
      words[C_LOG_LINE] = 0
      words[C_LOG_FREED] = 0
    }
  }

  /** Puts the old values of the entries from `from` on back. The log stays as it is. */
  undo(from: number): void {
    const { words, floats } = this
    for (let at = words[C_LOG_END] - LOG_ENTRY_WORDS; at >= from; at -= LOG_ENTRY_WORDS) {
      const index = words[at]
      if (index < 0) {
        floats[~index] = floats[(at >> 1) + 1]
      } else {
        words[index] = words[at + 2]
      }
    }
  }

  /** Makes the log say that it tells nothing: whoever comes next makes everything anew. */
  overflow(): void {
    this.words[C_LOG_END] = this.limit + LOG_ENTRY_WORDS
  }

  /** Whether the log can be believed: its bounds, and each index. */
  isSound(): boolean {
    const { words, floats } = this
    const end = words[C_LOG_END]
    if (end < this.base || end > this.limit || (end - this.base) % LOG_ENTRY_WORDS !== 0) {
      return false
    }
    for (let at = this.base; at < end; at += LOG_ENTRY_WORDS) {
      const index = words[at]
      if (index >= words.length || ~index >= floats.length) {
        return false
      }
    }
    return true
  }

  /** Whether a step is under way. */
  get isOpen(): boolean {
    return this.words[C_LOG_END] !== this.base
  }

  get start(): number {
    return this.base
  }
}
