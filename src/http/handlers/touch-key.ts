import type { Keys } from '../../engine/keys.js'
import { CacheError } from '../../errors.js'
import { sendNothing } from '../answer.js'
import { refuseBody } from '../body.js'
import { etagOf, presentCondition } from '../conditions.js'
import type { Exchange } from '../exchange.js'
import { ttlOfQuery } from '../ttl.js'
import { notDone } from './delete-key.js'

/** A new TTL; the value and its version stay. */
export async function touchKey(x: Exchange, bucket: Keys, key: string): Promise<void> {
  const ttlMs = x.search === '' ? undefined : ttlOfQuery(x.search)
  if (ttlMs === undefined) {
    throw new CacheError('invalid_ttl', 'PATCH needs the new TTL in the query, as in ?ttl=60s.')
  }
  refuseBody(x)
  const onlyIf = await presentCondition(x.head, bucket, key)
  const { outcome, version } = await bucket.retime(key, ttlMs, onlyIf)
  if (outcome === 'done') sendNothing(x, ['ETag', etagOf(version)])
  else throw notDone(outcome, onlyIf !== undefined)
}
