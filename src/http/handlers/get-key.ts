import type { Keys } from '../../engine/keys.js'
import { refuseBody } from '../body.js'
import { etagOf, matchesAny, matchesStrongly, versionMismatch } from '../conditions.js'
import type { Exchange } from '../exchange.js'
import { Problem } from '../problem.js'
import { refuseQuery } from '../query.js'
import { endWith } from '../short-body.js'
import { cacheStatusOf, MISS } from '../ttl.js'
import { DEFAULT_TYPE } from './content-type.js'

/** The hot path: one look into shared memory and one write, all within this turn. */
export function getKey(x: Exchange, bucket: Keys, key: string): void {
  if (x.search !== '') refuseQuery(x.search)
  refuseBody(x)
  const entry = bucket.lookup(key)
  if (entry === undefined) throw missing(x)
  const etag = etagOf(entry.version)
  const cacheStatus = cacheStatusOf(entry.ttlMs)
  if (isAnsweredByConditions(x, etag, cacheStatus)) return
  const { value } = entry
  const { res } = x
  res.writeHead(200, [
    'ETag',
    etag,
    'Content-Type',
    entry.contentType ?? DEFAULT_TYPE,
    'Content-Length',
    String(value.length),
    'Cache-Status',
    cacheStatus,
  ])
  endWith(res, value)
}

export function headKey(x: Exchange, bucket: Keys, key: string): void {
  if (x.search !== '') refuseQuery(x.search)
  refuseBody(x)
  const entry = bucket.head(key)
  if (entry === undefined) throw missing(x)
  const etag = etagOf(entry.version)
  const cacheStatus = cacheStatusOf(entry.ttlMs)
  if (isAnsweredByConditions(x, etag, cacheStatus)) return
  x.res.writeHead(200, [
    'ETag',
    etag,
    'Content-Type',
    entry.contentType ?? DEFAULT_TYPE,
    'Content-Length',
    String(entry.sizeBytes),
    'Cache-Status',
    cacheStatus,
  ])
  x.res.end()
}

function isAnsweredByConditions(x: Exchange, etag: string, cacheStatus: string): boolean {
  const { ifMatch, ifNoneMatch } = x.head
  if (ifMatch === undefined && ifNoneMatch === undefined) return false
  if (ifMatch !== undefined && !matchesStrongly(ifMatch, etag)) {
    throw versionMismatch('The key has another version than If-Match asks for.')
  }
  if (ifNoneMatch === undefined || !matchesAny(ifNoneMatch, etag)) return false
  x.res.writeHead(304, ['ETag', etag, 'Cache-Status', cacheStatus])
  x.res.end()
  return true
}

function missing(x: Exchange): Problem {
  if (x.head.ifMatch !== undefined) {
    return versionMismatch('If-Match asks for a key that is there; it is not.')
  }
  return new Problem('key_not_found', 'The key is not in this bucket, or its time was up.', {
    headers: ['Cache-Status', MISS],
  })
}
