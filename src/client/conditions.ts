import { CacheError } from '../errors.js'
import type { CallOptions } from './options.js'

/** What has to hold for a write to be done. */
export interface Conditions {
  /** An `etag`, or `*` for any: only where the key has this version. */
  readonly ifMatch?: string | undefined
  /** `*`: only where there is no such key. */
  readonly ifNoneMatch?: '*' | undefined
}

export interface WriteOptions extends CallOptions, Conditions {}

const MAX_TYPE_LENGTH = 255
const VISIBLE = /^[\x20-\x7e]*$/

/** The headers of a write. Throws `invalid_option` for what no header can hold. */
export function headersOf(
  { ifMatch, ifNoneMatch }: Conditions,
  contentType?: string,
): Record<string, string> {
  if (contentType !== undefined && contentType.length > MAX_TYPE_LENGTH) {
    throw new CacheError('invalid_option', `contentType has at most ${MAX_TYPE_LENGTH} characters`)
  }
  return {
    ...header('If-Match', 'ifMatch', ifMatch),
    ...header('If-None-Match', 'ifNoneMatch', ifNoneMatch),
    ...header('Content-Type', 'contentType', contentType),
  }
}

function header(name: string, option: string, value: string | undefined): Record<string, string> {
  if (value === undefined) return {}
  if (VISIBLE.test(value)) return { [name]: value }
  throw new CacheError('invalid_option', `${option} has visible ASCII characters alone`)
}
