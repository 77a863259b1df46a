/** One measured figure, and what it is held against. */
export interface Row {
  /** The benchmark it belongs to, such as `routing`. */
  readonly bench: string
  readonly what: string
  readonly value: number
  readonly unit: string
  /** The one over the other, of the same run. */
  readonly ratio?: number
  /** What is divided by what: the peer's name, where it is ours over the peer's. */
  readonly beside?: string
  /** What was aimed at, for people: `<= 100 ns`. */
  readonly aim?: string
  readonly met?: boolean
  /** Not measured, for want of what this line installs; `value` means nothing then. */
  readonly skipped?: string
  /** How long single operations took. */
  readonly latency?: Latency
  /** Its place in the plot of its work; rows without one are in the table alone. */
  readonly bar?: Bar
}

/** In µs. */
export interface Latency {
  readonly p50: number
  readonly p99: number
  readonly p999: number
}

export interface Bar {
  /** Bars of a group stand together. */
  readonly group: string
  readonly label: string
  readonly isOurs: boolean
}

/** Whether something that a benchmark gave is a row: it crossed a process border. */
export function isRow(thing: unknown): thing is Row {
  if (typeof thing !== 'object' || thing === null) return false
  const { bench, what, value, unit } = thing as Partial<Record<keyof Row, unknown>>
  const named = [bench, what, unit].every((part) => typeof part === 'string')
  return named && typeof value === 'number'
}
