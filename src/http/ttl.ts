import { CacheError } from '../errors.js'
import { parseDuration } from '../units.js'
import { parseQuery } from './query.js'

const ASSIGNED = 'ttl='
const MS_PER_S = 1000
/** Cheap to recognise: `ttl=` and characters that mean themselves. */
const PLAIN = /^ttl=([0-9a-z]+)$/

let lastSearch: string | undefined
let lastTtlMs = 0

/** The TTL that a write asks for: `?ttl=` before `Cache-Control: max-age`; `undefined` if neither. */
export function ttlOfWrite(search: string, cacheControl: string | undefined): number | undefined {
  const asked = search === '' ? undefined : ttlOfQuery(search)
  if (asked !== undefined || cacheControl === undefined) return asked
  return maxAgeOf(cacheControl)
}

/** Writers tend to ask for one and the same TTL: the last one is remembered, already parsed. */
export function ttlOfQuery(search: string): number | undefined {
  if (search === lastSearch) return lastTtlMs
  if (search.startsWith(ASSIGNED)) {
    const plain = PLAIN.exec(search)
    if (plain !== null) {
      const ttlMs = parseDuration(plain[1])
      lastSearch = search
      lastTtlMs = ttlMs
      return ttlMs
    }
  }
  const { ttl } = parseQuery(search, ['ttl'])
  return ttl === undefined ? undefined : parseDuration(ttl)
}

/** `max-age` in seconds, as HTTP has it; every other directive is ignored. */
function maxAgeOf(cacheControl: string): number | undefined {
  let found: number | undefined
  for (const directive of cacheControl.split(',')) {
    const equals = directive.indexOf('=')
    const name = (equals < 0 ? directive : directive.slice(0, equals)).trim().toLowerCase()
    if (name !== 'max-age') continue
    const digits = /^"?([0-9]{1,12})"?$/.exec(directive.slice(equals + 1).trim())
    if (equals < 0 || digits === null || found !== undefined) {
      throw new CacheError(
        'invalid_ttl',
        'Cache-Control: max-age must be given once, in whole seconds, as in max-age=60.',
      )
    }
    found = parseDuration(Number(digits[1]) * MS_PER_S, 'max-age')
  }
  return found
}

const HIT = 'annulus; hit'
export const MISS = 'annulus; fwd=miss'

/** RFC 9211. Seconds are rounded down: nobody may think a key fresh for longer than it is. */
export function cacheStatusOf(ttlMs: number | undefined): string {
  return ttlMs === undefined ? HIT : `${HIT}; ttl=${Math.floor(ttlMs / MS_PER_S)}`
}
