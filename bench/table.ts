import type { Row } from './row.js'

/** The rows as a table for people, in Markdown so that it can be pasted as it is. */
export function tableLines(rows: readonly Row[]): string[] {
  const heads = ['bench', 'what', 'value', 'beside', 'ratio', 'aim', 'met']
  const cells = [heads, ...rows.map(cellsOf)]
  const widths = heads.map((_, column) => Math.max(...cells.map((row) => row[column].length)))
  const line = (row: readonly string[]) => {
    const padded = row.map((cell, i) =>
      isFigure(i) ? cell.padStart(widths[i]) : cell.padEnd(widths[i]),
    )
    return `| ${padded.join(' | ')} |`
  }
  const rule = widths.map((width, i) => '-'.repeat(width - 1) + (isFigure(i) ? ':' : '-'))
  return [line(heads), `| ${rule.join(' | ')} |`, ...cells.slice(1).map(line)]
}

function isFigure(column: number): boolean {
  return column === 2 || column === 4
}

function cellsOf(row: Row): string[] {
  const { bench, what, value, unit, beside, ratio, aim, met, skipped } = row
  if (skipped !== undefined) return [bench, what, 'skipped', skipped, '', aim ?? '', '']
  const shownRatio = ratio === undefined ? '' : `${figure(ratio)} ×`
  const shownMet = met === undefined ? '' : met ? 'yes' : 'NO'
  return [bench, what, `${figure(value)} ${unit}`, beside ?? '', shownRatio, aim ?? '', shownMet]
}

/** Three digits that count, and the thousands told apart. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return `${value}`
  if (Math.abs(value) >= 1_000) return Math.round(value).toLocaleString('en-US')
  return `${+value.toPrecision(3)}`
}
