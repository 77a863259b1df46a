import { CacheError, type ErrorCode } from './errors.js'

/**
 * Durations and sizes as people write them, everywhere the same: `30s`, `256mb`, or a bare number
 * (milliseconds, bytes). Whole numbers only, so that what is stored is what was written.
 */
const DURATION_UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const
const SIZE_UNITS = { b: 1, kb: 2 ** 10, mb: 2 ** 20, gb: 2 ** 30, tb: 2 ** 40 } as const

export const MIN_DURATION_MS = 1
export const MAX_DURATION_MS = 365 * DURATION_UNITS.d

/** 1 to 15 digits: every such number is exact in a double. */
const WRITTEN = /^([0-9]{1,15})([a-z]*)$/
const SHOWN_LENGTH = 40

type Units = Readonly<Record<string, number>>

/** Milliseconds of `5m`, `'300000'` or `300000`; throws `invalid_ttl` outside 1 ms to 365 days. */
export function parseDuration(value: string | number, what = 'ttl'): number {
  const ms = parse(value, DURATION_UNITS)
  if (ms === undefined || ms < MIN_DURATION_MS || ms > MAX_DURATION_MS) {
    throw refused('invalid_ttl', what, value, 'a duration', 'milliseconds, from 1 ms to 365 days', [
      '250ms',
      '30s',
      '5m',
      '2h',
      '7d',
    ])
  }
  return ms
}

/** Bytes of `64kb`, `'65536'` or `65536` (powers of 1024); throws `invalid_size` below 1 byte. */
export function parseSize(value: string | number, what = 'size'): number {
  const written = typeof value === 'string' ? value.toLowerCase() : value
  const bytes = parse(written, SIZE_UNITS)
  if (bytes === undefined || bytes < 1 || bytes > Number.MAX_SAFE_INTEGER) {
    throw refused('invalid_size', what, value, 'a size', 'bytes, at least 1', [
      '64kb',
      '256mb',
      '2gb',
    ])
  }
  return bytes
}

/** `90000` as `90s`, `1234` as `1.2s`. */
export function formatDuration(ms: number): string {
  return format(ms, DURATION_UNITS)
}

/** `268435456` as `256mb`, `1500` as `1.5kb`. */
export function formatSize(bytes: number): string {
  return format(bytes, SIZE_UNITS)
}

function parse(value: string | number, units: Units): number | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value : undefined
  if (typeof value !== 'string') return undefined
  const match = WRITTEN.exec(value)
  if (match === null) return undefined
  if (match[2] === '') return Number(match[1])
  return Object.hasOwn(units, match[2]) ? Number(match[1]) * units[match[2]] : undefined
}

/** `1 key`, `1,200 keys`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${grouped(count)} ${Math.round(count) === 1 ? one : many}`
}

export function grouped(count: number): string {
  return Math.round(count).toLocaleString('en-US')
}

/** In the largest unit that divides the number exactly; where that is unwieldy, about. */
function format(amount: number, units: Units): string {
  const falling = Object.entries(units).reverse()
  const [smallest] = falling[falling.length - 1]
  for (const [unit, size] of falling) {
    if (amount > 0 && amount % size === 0 && amount / size < 1_000) return `${amount / size}${unit}`
  }
  for (const [unit, size] of falling) {
    if (amount >= size) return `${Math.round((amount / size) * 10) / 10}${unit}`
  }
  return `${amount}${smallest}`
}

function refused(
  code: ErrorCode,
  what: string,
  value: unknown,
  kind: string,
  bare: string,
  examples: readonly string[],
): CacheError {
  const text = typeof value === 'string' ? JSON.stringify(value.slice(0, SHOWN_LENGTH)) : `${value}`
  const list = examples.join(', ')
  return new CacheError(
    code,
    `${what}: ${text} is not ${kind}: write a whole number with a unit (${list}), or a bare number of ${bare}`,
  )
}
