/** Figures of the last minutes, in rings of a fixed length: a page that stays open does not grow. */

/** At one a second: five minutes. */
export const LENGTH = 300

/** Numbers, the oldest first; a gap is null, as charts want it. */
export class Series {
  private readonly values: Float64Array
  private next = 0
  private count = 0

  constructor(length = LENGTH) {
    this.values = new Float64Array(length)
  }

  push(value: number | null): void {
    this.values[this.next] = value ?? Number.NaN
    this.next = (this.next + 1) % this.values.length
    this.count = Math.min(this.count + 1, this.values.length)
  }

  get size(): number {
    return this.count
  }

  list(): (number | null)[] {
    const { length } = this.values
    return Array.from({ length: this.count }, (_, i) => {
      const value = this.values[(this.next - this.count + i + length) % length]
      return Number.isNaN(value) ? null : value
    })
  }

  get last(): number | null {
    const { length } = this.values
    const value = this.count === 0 ? Number.NaN : this.values[(this.next - 1 + length) % length]
    return Number.isNaN(value) ? null : value
  }
}

/** Several series over one time. Who was not there at a time has a gap there. */
export class History<Name extends string> {
  readonly times: Series
  private readonly series: ReadonlyMap<Name, Series>

  constructor(names: readonly Name[], length = LENGTH) {
    this.times = new Series(length)
    this.series = new Map(names.map((name) => [name, new Series(length)]))
  }

  push(atMs: number, values: Readonly<Record<Name, number | null>>): void {
    this.times.push(atMs / 1_000)
    for (const [name, series] of this.series) series.push(values[name])
  }

  /** What a chart takes: the times in seconds, then the series. */
  columns(...names: readonly Name[]): [number[], ...(number | null)[][]] {
    const times = this.times.list().map((time) => time ?? 0)
    return [times, ...names.map((name) => this.series.get(name)?.list() ?? [])]
  }
}
