import type { Bucket } from '../../engine/bucket.js'
import { sendJson } from '../answer.js'
import type { Exchange } from '../exchange.js'
import { check } from '../json-body.js'
import { refuseQuery } from '../query.js'
import { batchDeleteKeys, batchDeletePrefix } from '../schemas.js'
import { canonicalKeys, readBatch, refuseMany } from './batch-keys.js'

export async function deleteMany(x: Exchange, bucket: Bucket): Promise<void> {
  refuseQuery(x.search)
  const json = await readBatch(x, bucket, 'write')
  if (typeof json === 'object' && json !== null && Object.hasOwn(json, 'prefix')) {
    const { prefix } = check(json, batchDeletePrefix)
    sendJson(x, 200, { count: await bucket.deletePrefix(prefix) })
    return
  }
  refuseMany(json, 'keys')
  const keys = canonicalKeys(check(json, batchDeleteKeys).keys)
  const once = [...new Set(keys)]
  const answers = await bucket.deleteMany(once)
  const deleted = new Map(once.map((key, i) => [key, answers[i]]))
  sendJson(x, 200, { deleted: keys.map((key) => deleted.get(key) === true) })
}
