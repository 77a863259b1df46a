import { CacheError } from '../errors.js'
import type { FrameItem } from '../frames/requests.js'
import { type Key, MAX_KEY_BYTES, noJson, noText, notInPath, tooLong } from '../key-rules.js'
import type { Value } from './cache-bucket.js'

const utf8 = new TextEncoder()
/** No character of a string takes more bytes. */
const MOST_BYTES_EACH = 3

/** The string that a key stands for. Throws `invalid_key` and `key_too_long`, as the server would. */
export function textOfKey(key: Key): string {
  const text = typeof key === 'string' ? key : canonical(key)
  if (text === '' || text === '.' || text === '..') throw notInPath(text)
  if (text.length > MAX_KEY_BYTES) throw tooLong()
  if (!text.isWellFormed()) throw noText()
  const isShort = text.length * MOST_BYTES_EACH <= MAX_KEY_BYTES
  if (!isShort && utf8.encode(text).length > MAX_KEY_BYTES) throw tooLong()
  return text
}

/** The same for many; the error names the first bad one's index. */
export function textsOfKeys(keys: readonly Key[]): string[] {
  return listed(keys, 'keys are').map((key, index) => atItem(index, () => textOfKey(key)))
}

/** Entries as they are sent; the error names the first bad one's index. */
export function itemsOf(entries: readonly (readonly [Key, Value])[]): FrameItem[] {
  return listed(entries, 'entries are').map((entry, index) => {
    return atItem(index, () => {
      const [key, value] = listed(entry, 'an entry is')
      return { key: textOfKey(key as Key), value: bytesOfValue(value as Value) }
    })
  })
}

/** Also of callers whose types nobody checks. Holes are filled: they would be passed over. */
function listed<T>(list: readonly T[], what: string): T[] {
  if (Array.isArray(list)) return Array.from(list)
  throw new CacheError('invalid_body', `${what} told as an array`)
}

export function bytesOfValue(value: Value): Uint8Array {
  if (typeof value === 'string') return utf8.encode(value)
  if (value instanceof Uint8Array) return value
  throw new CacheError('invalid_body', 'a value is a string or a Uint8Array')
}

export function atItem<T>(index: number, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof CacheError)) throw error
    throw new CacheError(error.code, `item ${index}: ${error.message}`)
  }
}

function canonical(key: Key): string {
  let text: string | undefined
  try {
    text = stable(key, [])
  } catch (cause) {
    throw noJson(cause)
  }
  if (text === undefined || (typeof key === 'number' && !Number.isFinite(key))) throw noJson()
  return text
}

/**
 * JSON with the names of every object in order: what fast-json-stable-stringify makes of it, which the
 * server uses, and a browser without a bundler has not.
 */
function stable(value: unknown, above: readonly unknown[]): string | undefined {
  const node = hasToJson(value) ? value.toJSON() : value
  if (typeof node === 'number') return Number.isFinite(node) ? `${node}` : 'null'
  if (typeof node !== 'object' || node === null) return JSON.stringify(node)
  if (above.includes(node)) throw new TypeError('Converting circular structure to JSON')
  const path = [...above, node]
  if (Array.isArray(node)) return `[${node.map((one) => stable(one, path) ?? 'null').join()}]`
  const members = Object.entries(node)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([name, member]) => {
      const text = stable(member, path)
      return text === undefined ? [] : [`${JSON.stringify(name)}:${text}`]
    })
  return `{${members.join()}}`
}

function hasToJson(value: unknown): value is { toJSON(): unknown } {
  return (
    typeof value === 'object' &&
    value !== null &&
    'toJSON' in value &&
    typeof value.toJSON === 'function'
  )
}
