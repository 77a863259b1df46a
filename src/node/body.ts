import { padded } from '../store/item.js'
import type { Order } from '../store/order.js'
import type { Write } from './node.js'

/** Bytes that a write's body may need: exact for bytes, an upper bound for text. */
export function bodyBound(write: Write): number {
  const { value } = write
  const type = write.type === '' ? 0 : padded(write.type.length + 1)
  const bytes = typeof value === 'string' ? textBound(value) : value.length
  return padded(write.key.length) + type + padded(bytes)
}

/** Beyond this, counting the bytes is cheaper than reserving three for each character. */
const COUNT_FROM = 4_096

function textBound(text: string): number {
  return text.length < COUNT_FROM ? text.length * 3 : Buffer.byteLength(text)
}

/** Bytes up to this are copied one by one: a native copy costs more. */
const LOOP_LIMIT = 64

/**
 * Lays key, content type and value out as an item holds them, from `at` (a byte offset, a multiple
 * of 4) of `bytes`, and fills the order's lengths. `words` is the same memory.
 */
export function layBody(
  write: Write,
  order: Order,
  bytes: Buffer,
  words: Int32Array,
  at: number,
): void {
  const { key, type, value } = write
  const keyWords = (key.length + 3) >> 2
  const keyAt = at >> 2
  for (let i = 0; i < keyWords; i++) {
    words[keyAt + i] = key.words[i]
  }
  let next = at + keyWords * 4
  if (type !== '') {
    bytes[next] = type.length
    bytes.latin1Write(type, next + 1)
    next += padded(type.length + 1)
  }
  order.keyBytes = key.length
  order.typeBytes = type.length
  order.valueBytes = typeof value === 'string' ? layText(value, bytes, next) : value.length
  if (typeof value !== 'string') {
    layBytes(value, bytes, next)
  }
}

function layBytes(value: Uint8Array, bytes: Buffer, at: number): void {
  if (value.length > LOOP_LIMIT) {
    bytes.set(value, at)
    return
  }
  for (let i = 0; i < value.length; i++) {
    bytes[at + i] = value[i]
  }
}

function layText(text: string, bytes: Buffer, at: number): number {
  if (text.length > LOOP_LIMIT) {
    return bytes.utf8Write(text, at)
  }
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit > 0x7f) {
      return bytes.utf8Write(text, at)
    }
    bytes[at + i] = unit
  }
  return text.length
}

declare global {
  // Node's own writers, which its types leave out: they skip the checks of `write`.
  interface Buffer {
    latin1Write(text: string, offset: number): number
    utf8Write(text: string, offset: number): number
  }
}
