import type { CachedResponse, CacheValue } from './cache-types.js'

/**
 * A response under its key: head and body in one value, so that nobody reads one with another's other.
 *
 *     byte 0      format
 *     byte 1..4   length of the head, little-endian
 *     ...         head: JSON
 *     ...         body
 */
const FORMAT = 1
const HEAD_AT = 5

export function encodeResponse(head: CacheValue, body: readonly Uint8Array[]): Buffer {
  const json = Buffer.from(JSON.stringify(head))
  const start = Buffer.alloc(HEAD_AT)
  start[0] = FORMAT
  start.writeUInt32LE(json.length, 1)
  return Buffer.concat([start, json, ...body])
}

/** Undefined for a format that this version does not know; throws for bytes that are no response. */
export function decodeResponse(value: Uint8Array): CachedResponse | undefined {
  if (value[0] !== FORMAT) return undefined
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength)
  const end = HEAD_AT + bytes.readUInt32LE(1)
  const head = JSON.parse(bytes.toString('utf8', HEAD_AT, end)) as CacheValue
  // The body in a list: undici takes what it iterates over for chunks.
  return {
    ...head,
    cacheControlDirectives: head.cacheControlDirectives ?? {},
    body: [bytes.subarray(end)],
  }
}
