import { remix } from '../hash.js'
import { I_NEXT, I_PREV, I_WHEEL_NEXT, I_WHEEL_PREV, REF_MASK } from './item.js'
import type { Memory } from './layout.js'
import { FIRST_SLOT, type Table } from './table.js'
import { tagOf } from './tags.js'

/** Keys looked up together: so many cache misses as a processor has under way at a time, and more. */
export const KEYS_AHEAD = 32

/**
 * Bare looks at what the next orders are going to touch: their lines of the table, the items that
 * stand there, and those items' neighbours in queue and wheel. Each of the three passes has many
 * cache misses under way at a time; order by order they would come one after the other.
 */
export class Foresight {
  private readonly words: Int32Array
  private readonly table: Table
  private readonly lines = new Int32Array(KEYS_AHEAD)
  private readonly tags = new Int32Array(KEYS_AHEAD)
  /** Where the looks end up, so that they are not thought useless. */
  warmth = 0

  constructor(memory: Memory, table: Table) {
    this.words = memory.words
    this.table = table
  }

  /** For the first `count` of these hashes of keys. */
  look(hashes: Int32Array, count: number): void {
    const { words, table, lines, tags } = this
    let warmth = 0
    for (let i = 0; i < count; i++) {
      const remixed = remix(hashes[i] >>> 0)
      const line = table.lineOf(remixed)
      lines[i] = line
      tags[i] = Math.imul(tagOf(remixed), 0x01010101)
      warmth ^= words[line]
    }
    for (let i = 0; i < count; i++) {
      const at = this.likely(lines[i], tags[i])
      lines[i] = at
      warmth ^= words[at] ^ words[at + 16] ^ words[at + 32]
    }
    for (let i = 0; i < count; i++) {
      const at = lines[i]
      warmth ^= words[(words[at + I_NEXT] & REF_MASK) << 1]
      warmth ^= words[(words[at + I_PREV] & REF_MASK) << 1]
      warmth ^= words[(words[at + I_WHEEL_NEXT] & REF_MASK) << 1]
      warmth ^= words[(words[at + I_WHEEL_PREV] & REF_MASK) << 1]
    }
    this.warmth = warmth
  }

  /** The word of the first item in the line with that tag, four times over; 0: none has it. */
  private likely(line: number, tags: number): number {
    const { words } = this
    for (let word = 0; word < 3; word++) {
      const differ = words[line + 1 + word] ^ tags
      const hits = (differ - 0x01010101) & ~differ & 0x80808080
      if (hits !== 0) {
        const index = word * 4 + ((31 - Math.clz32(hits & -hits)) >> 3)
        return (words[line + FIRST_SLOT + index] & REF_MASK) << 1
      }
    }
    return 0
  }
}
