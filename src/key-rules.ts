import { CacheError } from './errors.js'

/** What can be a key: known to whoever takes one, on a server or in a browser. */
export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [name: string]: JsonValue }

/** A string, or any other JSON value: that one stands for its canonical form. */
export type Key = JsonValue

export const MAX_KEY_BYTES = 1024

export function tooLong(): CacheError {
  return new CacheError('key_too_long', `a key has at most ${MAX_KEY_BYTES} bytes of UTF-8`)
}

export function noText(): CacheError {
  return new CacheError('invalid_key', 'the key has a lone surrogate and so is no Unicode text')
}

export function noJson(cause?: unknown): CacheError {
  if (cause === undefined) {
    return new CacheError('invalid_key', 'a key must be a string or another JSON value')
  }
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new CacheError('invalid_key', `a key must be JSON: ${reason}`, { cause })
}

/** Too short, or a step in a path: `key` is empty, `.` or `..`. */
export function notInPath(key: string): CacheError {
  const problem =
    key === ''
      ? 'the key is empty: a key has 1 to 1,024 bytes'
      : `the key "${key}" is refused: URL libraries take it for a step in a path`
  return new CacheError('invalid_key', problem)
}
