import type { Row } from './row.js'

interface Column {
  readonly head: string
  /** Figures stand at the right. */
  readonly isFigure?: boolean
  readonly cell: (row: Row) => string
}

const BENCH: Column = { head: 'bench', cell: ({ bench }) => bench }
const LATENCY: Column = {
  head: 'p50 · p99 · p99.9',
  isFigure: true,
  cell: ({ latency }) =>
    latency === undefined
      ? ''
      : `${[latency.p50, latency.p99, latency.p999].map(figure).join(' · ')} µs`,
}
const WHAT: readonly Column[] = [
  { head: 'what', cell: ({ what }) => what },
  {
    head: 'value',
    isFigure: true,
    cell: ({ value, unit, skipped }) =>
      skipped === undefined ? `${figure(value)} ${unit}` : 'skipped',
  },
]
const BESIDE: readonly Column[] = [
  { head: 'beside', cell: ({ beside, skipped }) => skipped ?? beside ?? '' },
  {
    head: 'ratio',
    isFigure: true,
    cell: ({ ratio }) => (ratio === undefined ? '' : `${figure(ratio)} ×`),
  },
  { head: 'aim', cell: ({ aim }) => aim ?? '' },
  { head: 'met', cell: ({ met }) => (met === undefined ? '' : met ? 'yes' : 'NO') },
]

/** The rows as a table for people, in Markdown so that it can be pasted as it is. */
export function tableLines(rows: readonly Row[]): string[] {
  return linesOf([BENCH, ...columnsFor(rows)], rows)
}

/** The same without the benchmark's name, where a heading says it. */
export function sectionLines(rows: readonly Row[]): string[] {
  return linesOf(columnsFor(rows), rows)
}

function columnsFor(rows: readonly Row[]): Column[] {
  const hasLatencies = rows.some(({ latency }) => latency !== undefined)
  return [...WHAT, ...(hasLatencies ? [LATENCY] : []), ...BESIDE]
}

function linesOf(columns: readonly Column[], rows: readonly Row[]): string[] {
  const heads = columns.map(({ head }) => head)
  const cells = [heads, ...rows.map((row) => columns.map(({ cell }) => cell(row)))]
  const widths = heads.map((_, column) => Math.max(...cells.map((row) => row[column].length)))
  const line = (row: readonly string[]) => {
    const padded = row.map((cell, i) =>
      columns[i].isFigure === true ? cell.padStart(widths[i]) : cell.padEnd(widths[i]),
    )
    return `| ${padded.join(' | ')} |`
  }
  const rule = widths.map(
    (width, i) => '-'.repeat(width - 1) + (columns[i].isFigure === true ? ':' : '-'),
  )
  return [line(heads), `| ${rule.join(' | ')} |`, ...cells.slice(1).map(line)]
}

/** Three digits that count, and the thousands told apart. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return `${value}`
  if (Math.abs(value) >= 1_000) return Math.round(value).toLocaleString('en-US')
  return `${+value.toPrecision(3)}`
}
