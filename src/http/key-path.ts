import { CacheError } from '../errors.js'
import { MAX_KEY_BYTES } from '../key-rules.js'

const PERCENT = 37
const DOT = 46
const LAST_ASCII = 126

/**
 * The key that the last segment of a path spells: percent-encoded UTF-8. `.` and `..` are refused
 * however they are spelled, since URL libraries turn them into another path. All is checked here,
 * cheaply, so that a PUT is refused before its body is sent.
 */
export function keyOfSegment(segment: string): string {
  let isPlain = true
  for (let i = 0; i < segment.length; i++) {
    const code = segment.charCodeAt(i)
    if (code === PERCENT) isPlain = false
    else if (code > LAST_ASCII) throw notEncoded()
  }
  const key = isPlain ? segment : decode(segment)
  if (key.length < 3) refuseShort(key)
  // No key has fewer bytes than characters, and only an encoded one can have more.
  const sizeBytes = isPlain ? key.length : Buffer.byteLength(key)
  if (sizeBytes > MAX_KEY_BYTES) {
    throw new CacheError(
      'key_too_long',
      `A key has ${MAX_KEY_BYTES} bytes at most; this has ${sizeBytes}.`,
    )
  }
  return key
}

function refuseShort(key: string): void {
  if (key === '') throw new CacheError('invalid_key', 'A key has 1 byte at least.')
  if (key.charCodeAt(0) === DOT && (key === '.' || key === '..')) {
    throw new CacheError(
      'invalid_key',
      `"${key}" cannot be a key in a path: URL libraries rewrite it. Choose another key.`,
    )
  }
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    throw notEncoded()
  }
}

function notEncoded(): CacheError {
  return new CacheError(
    'invalid_key',
    'The key in the path is not percent-encoded UTF-8; encode it with encodeURIComponent.',
  )
}
