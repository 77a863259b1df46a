import {
  FrameError,
  FrameReader,
  HEAD_BYTES,
  ITEMS,
  KEYS,
  PREFIX,
  type TextOf,
  textOf,
  writeHead,
  writeU32,
  writeU64,
} from './frame.js'

/** What batch/put stores under one key. */
export interface FrameItem {
  readonly key: string
  readonly value: Uint8Array
  readonly ttlMs?: number | undefined
}

/** The body of batch/put. */
export interface FrameItems {
  readonly items: readonly FrameItem[]
  /** For the items that have none of their own. */
  readonly ttlMs: number | undefined
}

const HAS_TTL = 1
const MAX_KEY_LENGTH = 0xffff
const utf8 = new TextEncoder()

/** How many keys or items a frame says it has; 0 where it is neither. */
export function countOf(bytes: Uint8Array): number {
  const isCounted = bytes.length >= HEAD_BYTES && (bytes[0] === KEYS || bytes[0] === ITEMS)
  return isCounted ? new FrameReader(bytes).head(KEYS, ITEMS) : 0
}

/** kind · count · for each key: u16 length, bytes */
export function encodeKeys(keys: readonly string[]): Uint8Array {
  const texts = keys.map(keyBytes)
  const bytes = new Uint8Array(texts.reduce((sum, text) => sum + 2 + text.length, HEAD_BYTES))
  let at = writeHead(bytes, KEYS, keys.length)
  for (const text of texts) at = writeKey(bytes, at, text)
  return bytes
}

export function decodeKeys(bytes: Uint8Array, toText: TextOf = textOf): string[] {
  const reader = new FrameReader(bytes)
  const count = reader.head(KEYS)
  const keys: string[] = []
  for (let index = 0; index < count; index++) {
    reader.index = index
    keys.push(reader.text(reader.u16('the length of a key'), 'a key', toText))
  }
  reader.end()
  return keys
}

/**
 * kind · count · u64 TTL of all in ms, or 0 · for each item: u8 flags; u16 length of its key, key; its
 * own TTL if flag 1 says so, u64; u32 length of its value, value
 */
export function encodeItems({ items, ttlMs = 0 }: FrameItems): Uint8Array {
  const texts = items.map(({ key }) => keyBytes(key))
  let size = HEAD_BYTES + 8
  items.forEach(({ value, ttlMs: own }, i) => {
    size += 1 + 2 + texts[i].length + (own === undefined ? 0 : 8) + 4 + value.length
  })
  const bytes = new Uint8Array(size)
  let at = writeU64(bytes, writeHead(bytes, ITEMS, items.length), ttlMs)
  items.forEach(({ value, ttlMs: own }, i) => {
    bytes[at] = own === undefined ? 0 : HAS_TTL
    at = writeKey(bytes, at + 1, texts[i])
    if (own !== undefined) at = writeU64(bytes, at, own)
    at = writeU32(bytes, at, value.length)
    bytes.set(value, at)
    at += value.length
  })
  return bytes
}

/** The values are views of `bytes`. */
export function decodeItems(bytes: Uint8Array, toText: TextOf = textOf): FrameItems {
  const reader = new FrameReader(bytes)
  const count = reader.head(ITEMS)
  const shared = reader.u64('the TTL of all')
  const items: FrameItem[] = []
  for (let index = 0; index < count; index++) {
    reader.index = index
    items.push(readItem(reader, toText))
  }
  reader.end()
  return { items, ttlMs: shared === 0 ? undefined : shared }
}

function readItem(reader: FrameReader, toText: TextOf): FrameItem {
  const flags = reader.u8('the flags of an item')
  if (flags > HAS_TTL) {
    throw new FrameError(`no such flags: ${flags}; 0 or 1 is known`, reader.at - 1, reader.index)
  }
  const key = reader.text(reader.u16('the length of a key'), 'a key', toText)
  const ttlMs = flags === HAS_TTL ? reader.u64('a TTL') : undefined
  const length = reader.u32('the length of a value')
  const at = reader.take(length, 'a value')
  return { key, value: reader.bytes.subarray(at, at + length), ttlMs }
}

/** kind · u32 length · bytes: in the place of batch/delete's keys */
export function encodePrefix(prefix: string): Uint8Array {
  const text = utf8.encode(prefix)
  const bytes = new Uint8Array(HEAD_BYTES + text.length)
  bytes.set(text, writeHead(bytes, PREFIX, text.length))
  return bytes
}

export function decodePrefix(bytes: Uint8Array): string {
  const reader = new FrameReader(bytes)
  const prefix = reader.text(reader.head(PREFIX), 'the prefix', textOf)
  reader.end()
  return prefix
}

function keyBytes(key: string): Uint8Array {
  const bytes = utf8.encode(key)
  if (bytes.length > MAX_KEY_LENGTH) throw new RangeError('a key is longer than a frame can hold')
  return bytes
}

function writeKey(bytes: Uint8Array, at: number, key: Uint8Array): number {
  bytes[at] = key.length
  bytes[at + 1] = key.length >>> 8
  bytes.set(key, at + 2)
  return at + 2 + key.length
}
