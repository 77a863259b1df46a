import type { Bucket } from '../../engine/bucket.js'
import { sendJson, sendNothing } from '../answer.js'
import { confirm } from '../auth.js'
import { refuseBody } from '../body.js'
import type { Exchange } from '../exchange.js'
import { readJson } from '../json-body.js'
import { Problem } from '../problem.js'
import { parseQuery, refuseQuery } from '../query.js'
import { emptyBody } from '../schemas.js'
import { shownCopies } from './copies.js'

export async function flushBucket(x: Exchange, bucket: Bucket): Promise<void> {
  refuseQuery(x.search)
  if (x.head.hasBody) {
    await readJson(x, emptyBody)
    confirm(x, bucket, 'admin')
  }
  await bucket.flush()
  sendNothing(x)
}

export function bucketUsage(x: Exchange, bucket: Bucket): void {
  refuseQuery(x.search)
  refuseBody(x)
  const { copies, ...usage } = bucket.usage()
  sendJson(x, 200, { ...usage, ...shownCopies(copies) })
}

/** Where a key stands on the ring, whether it is stored or not. */
export function explainKey(x: Exchange, bucket: Bucket): void {
  refuseBody(x)
  const { key } = parseQuery(x.search, ['key'])
  if (key === undefined) {
    throw new Problem('invalid_option', 'Name the key in the query, as in ?key=K.')
  }
  sendJson(x, 200, bucket.explain(key))
}
