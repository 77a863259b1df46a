/**
 * Counts of whole numbers, such as microseconds, in four buckets an octave: at most 25 % apart, exact
 * below 8 (HdrHistogram's idea with two bits of mantissa). Any thread may read while one records.
 *
 *     value 0 1 2 3 4 5 6 7 8-9 10-11 12-13 14-15 16-19 20-23 …
 */
export const BUCKETS = 120
/** Floats that a histogram takes: its buckets, then the sum of all values. */
export const HISTOGRAM_FLOATS = 128
const SUM = BUCKETS
const MAX_VALUE = 2 ** 31 - 1

export class Histogram {
  private readonly floats: Float64Array
  private readonly at: number

  /** Over `HISTOGRAM_FLOATS` of the array, from `at` on. */
  constructor(floats: Float64Array = new Float64Array(HISTOGRAM_FLOATS), at = 0) {
    this.floats = floats
    this.at = at
  }

  record(value: number): void {
    this.floats[this.at + bucketOf(value)]++
    this.floats[this.at + SUM] += value
  }

  counts(): Counts {
    return new Counts(this.floats.slice(this.at, this.at + HISTOGRAM_FLOATS))
  }
}

/** What histograms held when they were looked at. */
export class Counts {
  readonly floats: Float64Array

  constructor(floats: Float64Array = new Float64Array(HISTOGRAM_FLOATS)) {
    this.floats = floats
  }

  get sum(): number {
    return this.floats[SUM]
  }

  get total(): number {
    return this.upTo(Number.POSITIVE_INFINITY)
  }

  /** How many values lie in buckets that end at or below `limit`. */
  upTo(limit: number): number {
    let total = 0
    for (let bucket = 0; bucket < BUCKETS && lastOf(bucket) <= limit; bucket++) {
      total += this.floats[bucket]
    }
    return total
  }

  add(other: Counts): this {
    for (let i = 0; i < HISTOGRAM_FLOATS; i++) this.floats[i] += other.floats[i]
    return this
  }

  /** What has come since `earlier`, of the same histogram. */
  since(earlier: Counts): Counts {
    return new Counts(this.floats.map((count, i) => Math.max(0, count - earlier.floats[i])))
  }

  /** The last value of the bucket in which the quantile lies, 0 to 1; undefined where there is nothing. */
  quantile(part: number): number | undefined {
    const { total } = this
    if (total === 0) return undefined
    const rank = Math.max(1, Math.ceil(part * total))
    let below = 0
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      below += this.floats[bucket]
      if (below >= rank) return lastOf(bucket)
    }
    return MAX_VALUE
  }
}

/** Of a value of 0 or more; a fraction counts as the whole number below. */
export function bucketOf(value: number): number {
  const whole = value < MAX_VALUE ? value | 0 : MAX_VALUE
  if (whole < 4) return Math.max(whole, 0)
  const octave = 31 - Math.clz32(whole)
  return (octave - 1) * 4 + ((whole >> (octave - 2)) & 3)
}

/** The last value of a bucket. */
export function lastOf(bucket: number): number {
  if (bucket < 4) return bucket
  const octave = (bucket >> 2) + 1
  return (4 + (bucket & 3) + 1) * 2 ** (octave - 2) - 1
}
