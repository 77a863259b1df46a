/** Figures as people read them. Each keeps to a width, so that nothing jumps while they change. */

const grouping = new Intl.NumberFormat('en-US')
/** What there is nothing to say about. */
export const NONE = '–'

/** 1,234,567 */
export function whole(value: number): string {
  return grouping.format(Math.round(value))
}

/** 0, 7.3, 950, 12.4k, 3.1M: three digits or so. */
export function short(value: number): string {
  const size = Math.abs(value)
  if (size < 0.05) return '0'
  if (size < 10) return trimmed(value)
  if (size < 1_000) return String(Math.round(value)) === '1000' ? '1k' : `${Math.round(value)}`
  for (const [unit, limit] of [
    ['k', 1e6],
    ['M', 1e9],
    ['G', 1e12],
  ] as const) {
    if (size < limit * 0.9995) return `${digits((value / limit) * 1_000)}${unit}`
  }
  return value.toExponential(1)
}

/** 1.5 KiB, 312 MiB; powers of 1,024. */
export function bytes(value: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  let size = value
  let unit = 0
  while (size >= 999.5 && unit < units.length - 1) {
    size /= 1_024
    unit++
  }
  return `${unit === 0 ? Math.round(size) : digits(size)} ${units[unit]}`
}

/** A part of one: 97.4 %. Neither a miss in a million nor a hit in one is rounded away. */
export function percent(part: number | null | undefined): string {
  if (part === null || part === undefined || Number.isNaN(part)) return NONE
  const value = part * 100
  if (value > 0 && value < 0.05) return '<0.1 %'
  if (value < 100 && value >= 99.95) return '>99.9 %'
  return value === 100 || value === 0 ? `${value} %` : `${value.toFixed(1)} %`
}

/** Microseconds: 85 µs, 1.24 ms, 2.1 s. */
export function micros(value: number | null | undefined): string {
  if (value === null || value === undefined) return NONE
  if (value < 999.5) return `${Math.round(value)} µs`
  if (value < 999_500) return `${digits(value / 1_000)} ms`
  return `${digits(value / 1e6)} s`
}

/** Milliseconds: 850 ms, 12 s, 3 min 20 s, 2 h 5 min, 4 d 2 h. */
export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`
  const seconds = Math.floor(ms / 1_000)
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return pair(minutes, 'min', seconds % 60, 's')
  const hours = Math.floor(minutes / 60)
  if (hours < 24) return pair(hours, 'h', minutes % 60, 'min')
  return pair(Math.floor(hours / 24), 'd', hours % 24, 'h')
}

/** 14:03:59, the time here. */
export function clock(atMs: number): string {
  const at = new Date(atMs)
  return [at.getHours(), at.getMinutes(), at.getSeconds()]
    .map((part) => String(part).padStart(2, '0'))
    .join(':')
}

/** "1 node", "3 nodes". */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${whole(count)} ${count === 1 ? one : many}`
}

function pair(first: number, unit: string, second: number, small: string): string {
  return second === 0 ? `${first} ${unit}` : `${first} ${unit} ${second} ${small}`
}

/** Three digits. */
function digits(value: number): string {
  const size = Math.abs(value)
  if (size >= 99.95) return `${Math.round(value)}`
  return size >= 9.995 ? value.toFixed(1) : value.toFixed(2)
}

function trimmed(value: number): string {
  return value.toFixed(1).replace(/\.0$/, '')
}
