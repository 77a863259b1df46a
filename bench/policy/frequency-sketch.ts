const ROWS = 4
const MAX_COUNT = 15
const SAMPLE_ITEMS = 10

/**
 * How often a key came of late (Einziger, Friedman and Manes, "TinyLFU", TOS 2017): a count-min
 * sketch of 4-bit counters that are all halved once `sampleSize` additions have been counted.
 */
export class FrequencySketch {
  readonly sampleSize: number
  private readonly rowMask: number
  private readonly counters: Uint8Array
  private readonly at = new Int32Array(ROWS)
  private additions = 0

  constructor(items: number) {
    const row = 4 * 2 ** Math.ceil(Math.log2(Math.max(8, items)))
    this.sampleSize = SAMPLE_ITEMS * Math.max(1, Math.round(items))
    this.rowMask = row - 1
    this.counters = new Uint8Array(row * ROWS)
  }

  estimate(key: number): number {
    const { counters, at } = this
    this.locate(key)
    return Math.min(counters[at[0]], counters[at[1]], counters[at[2]], counters[at[3]])
  }

  add(key: number): void {
    const { counters, at } = this
    this.locate(key)
    let added = false
    for (let row = 0; row < ROWS; row++) {
      if (counters[at[row]] < MAX_COUNT) {
        counters[at[row]]++
        added = true
      }
    }
    if (added && ++this.additions === this.sampleSize) this.halve()
  }

  /** A half is lost of each odd counter; a key has one in each row. */
  private halve(): void {
    const { counters } = this
    let odd = 0
    for (let i = 0; i < counters.length; i++) {
      odd += counters[i] & 1
      counters[i] >>>= 1
    }
    this.additions = (this.additions - (odd >>> 2)) >>> 1
  }

  private locate(key: number): void {
    const { at, rowMask } = this
    let hash = mix(key + 1)
    for (let row = 0; row < ROWS; row++) {
      at[row] = row * (rowMask + 1) + (hash & rowMask)
      hash = mix(hash + row)
    }
  }
}

/** The finalizer of MurmurHash3. */
function mix(word: number): number {
  let hash = word
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return hash ^ (hash >>> 16)
}
