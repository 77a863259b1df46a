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

  constructor(memory: Memory) {
    this.floats = memory.floats
  }

  /** Whether there is a next version; begins the reserve where the range is used up. */
  hasNext(): boolean {
    const { floats } = this
    return floats[C_VERSION_NEXT >> 1] < floats[C_VERSION_END >> 1] || this.beginReserve()
  }

  next(): number {
    return this.floats[C_VERSION_NEXT >> 1]++
  }

  /** Takes over versions [next, end) that nobody else will ever give. False: two ranges wait. */
  grant(next: number, end: number): boolean {
    const { floats } = this
    if (floats[C_VERSION_NEXT >> 1] >= floats[C_VERSION_END >> 1]) {
      floats[C_VERSION_NEXT >> 1] = next
      floats[C_VERSION_END >> 1] = end
    } else if (floats[C_RESERVE_END >> 1] === 0) {
      floats[C_RESERVE_NEXT >> 1] = next
      floats[C_RESERVE_END >> 1] = end
    } else {
      return false
    }
    return true
  }

  private beginReserve(): boolean {
    const { floats } = this
    const end = floats[C_RESERVE_END >> 1]
    if (end > 0) {
      floats[C_RESERVE_END >> 1] = 0 // first: a writer that dies here loses the range, no more
      floats[C_VERSION_NEXT >> 1] = floats[C_RESERVE_NEXT >> 1]
      floats[C_VERSION_END >> 1] = end
    }
    return end > 0
  }
}
