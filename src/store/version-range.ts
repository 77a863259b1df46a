import { Journal } from './journal.js'
import {
  C_RESERVE_END,
  C_RESERVE_NEXT,
  C_VERSION_END,
  C_VERSION_NEXT,
  type Memory,
} from './layout.js'

/** The versions that a writer may give: a range of its own and one in reserve, both granted to it. */
export class VersionRange {
  private readonly floats: Float64Array
  private readonly journal: Journal

  constructor(memory: Memory) {
    this.floats = memory.floats
    this.journal = new Journal(memory)
  }

  /** Whether there is a next version; begins the reserve where the range is used up. */
  hasNext(): boolean {
    const { floats } = this
    return floats[C_VERSION_NEXT >> 1] < floats[C_VERSION_END >> 1] || this.beginReserve()
  }

  /** Not noted: a writer that dies may lose a version. */
  next(): number {
    return this.floats[C_VERSION_NEXT >> 1]++
  }

  /** Takes over versions [next, end) that nobody else will ever give. False: two ranges wait. */
  grant(next: number, end: number): boolean {
    const { floats, journal } = this
    if (floats[C_VERSION_NEXT >> 1] >= floats[C_VERSION_END >> 1]) {
      journal.setFloat(C_VERSION_NEXT >> 1, next)
      journal.setFloat(C_VERSION_END >> 1, end)
    } else if (floats[C_RESERVE_END >> 1] === 0) {
      journal.setFloat(C_RESERVE_NEXT >> 1, next)
      journal.setFloat(C_RESERVE_END >> 1, end)
    } else {
      return false
    }
    return true
  }

  private beginReserve(): boolean {
    const { floats, journal } = this
    const end = floats[C_RESERVE_END >> 1]
    if (end > 0) {
      journal.setFloat(C_RESERVE_END >> 1, 0) // first: where all is made anew, no version comes twice
      journal.setFloat(C_VERSION_NEXT >> 1, floats[C_RESERVE_NEXT >> 1])
      journal.setFloat(C_VERSION_END >> 1, end)
    }
    return end > 0
  }
}
