import stringify from 'fast-json-stable-stringify'
import { xxh32Words } from './hash.js'
import { type Key, MAX_KEY_BYTES, noJson, noText, notInPath, tooLong } from './key-rules.js'

/** Keys up to this many characters are encoded here; a native call costs more than it saves. */
const INLINE_LIMIT = 64

/**
 * The string that a key stands for. Throws `invalid_key` for what JSON cannot hold.
 */
export function canonicalKey(key: Key): string {
  if (typeof key === 'string') {
    return key
  }
  let canonical: unknown
  try {
    canonical = stringify(key)
  } catch (cause) {
    throw noJson(cause)
  }
  if (typeof canonical !== 'string' || (typeof key === 'number' && !Number.isFinite(key))) {
    throw noJson()
  }
  return canonical
}

/** A key's bytes, padded with zeros to a whole word. */
export interface KeyBytes {
  readonly words: Int32Array
  readonly length: number
}

/**
 * A key's bytes as they lie in memory: UTF-8, padded with zeros to a whole word. One scratch serves
 * all calls of a thread, each of which ends before the next begins.
 */
export class KeyScratch implements KeyBytes {
  readonly bytes: Buffer
  readonly words: Int32Array
  /** Bytes of the key last encoded. */
  length = 0

  constructor() {
    this.bytes = Buffer.allocUnsafeSlow(MAX_KEY_BYTES * 3 + 8)
    this.words = new Int32Array(this.bytes.buffer, 0, this.bytes.length >> 2)
  }

  /** Encodes a key. Throws `invalid_key` or `key_too_long`; the scratch is then unusable. */
  encode(key: string): void {
    const { words } = this
    const { length } = key
    if (length > INLINE_LIMIT) {
      this.encodeLong(key)
      return
    }
    // Whole words: the hash reads them next, which would have to wait for bytes written one by one.
    let seen = 0
    let i = 0
    for (; i + 4 <= length; i += 4) {
      const a = key.charCodeAt(i)
      const b = key.charCodeAt(i + 1)
      const c = key.charCodeAt(i + 2)
      const d = key.charCodeAt(i + 3)
      seen |= a | b | c | d
      words[i >> 2] = a | (b << 8) | (c << 16) | (d << 24)
    }
    let tail = 0
    for (let shift = 0; i < length; i++, shift += 8) {
      const unit = key.charCodeAt(i)
      seen |= unit
      tail |= unit << shift
    }
    words[length >> 2] = tail
    this.length = length
    if (seen > 0x7f) {
      this.encodeLong(key)
      return
    }
    if (length < 3 && (length === 0 || key === '.' || key === '..')) {
      throw notInPath(key)
    }
  }

  /** Throws as `encode` would. Cheap for nearly every key; the scratch may be overwritten. */
  check(key: string): void {
    const isPlain = key.length > 2 && key.length * 3 <= MAX_KEY_BYTES && key.isWellFormed()
    if (!isPlain) {
      this.encode(key)
    }
  }

  /** XXH32 of the key last encoded. */
  hash(seed: number): number {
    return xxh32Words(this.words, 0, this.length, seed)
  }

  private encodeLong(key: string): void {
    if (key.length > MAX_KEY_BYTES) {
      throw tooLong()
    }
    if (!key.isWellFormed()) {
      throw noText()
    }
    const length = this.bytes.write(key, 0, 'utf8')
    if (length > MAX_KEY_BYTES) {
      throw tooLong()
    }
    this.seal(length)
  }

  private seal(length: number): void {
    this.length = length
    const { bytes } = this
    bytes[length] = 0
    bytes[length + 1] = 0
    bytes[length + 2] = 0
  }
}
