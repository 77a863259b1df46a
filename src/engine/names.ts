import { CacheError } from '../errors.js'

const MAX_CODE_POINTS = 128
/** A code point is at most two UTF-16 units: longer text is refused before it is walked. */
const MAX_UNITS = MAX_CODE_POINTS * 2

/** The name, as given; throws `invalid_name`. Any script will do, control characters will not. */
export function checkName(name: string, what: string): string {
  if (typeof name !== 'string') throw refused(what, 'is no string')
  if (name === '') throw refused(what, 'is empty')
  if (name.length > MAX_UNITS || [...name].length > MAX_CODE_POINTS) {
    throw refused(what, `has more than ${MAX_CODE_POINTS} characters`)
  }
  if (!name.isWellFormed()) throw refused(what, 'holds half of a surrogate pair')
  if (/\p{Cc}/u.test(name)) throw refused(what, 'holds a control character')
  return name
}

/** Two names are one where this is equal: `é` typed as one character or as two is the same name. */
export function nameKey(accountId: string, name: string): string {
  return `${accountId}\0${name.normalize('NFC')}`
}

function refused(what: string, why: string): CacheError {
  return new CacheError(
    'invalid_name',
    `the ${what} name ${why}: give 1 to ${MAX_CODE_POINTS} characters, no control characters`,
  )
}
