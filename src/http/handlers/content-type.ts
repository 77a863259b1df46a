import { Problem } from '../problem.js'

/** What is said of a value that came without a type. */
export const DEFAULT_TYPE = 'application/octet-stream'
const MAX_LENGTH = 255
const VISIBLE = /^[\x20-\x7e]+$/

/** The type to keep with a value; `undefined` where the default will do. */
export function typeToKeep(contentType: string | undefined): string | undefined {
  if (contentType === undefined || contentType === DEFAULT_TYPE || contentType === '') {
    return undefined
  }
  if (contentType.length > MAX_LENGTH || !VISIBLE.test(contentType)) {
    throw new Problem(
      'invalid_request',
      `Content-Type must be at most ${MAX_LENGTH} visible ASCII characters.`,
    )
  }
  return contentType
}
