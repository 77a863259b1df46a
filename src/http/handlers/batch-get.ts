import { isUtf8 } from 'node:buffer'
import type { Bucket } from '../../engine/bucket.js'
import { patiently } from '../../engine/lookup.js'
import { sendText } from '../answer.js'
import type { Exchange } from '../exchange.js'
import { check, MAX_JSON_BYTES } from '../json-body.js'
import { Problem } from '../problem.js'
import { refuseQuery } from '../query.js'
import { batchGet } from '../schemas.js'
import { canonicalKeys, readBatch, refuseMany } from './batch-keys.js'

export async function getMany(x: Exchange, bucket: Bucket): Promise<void> {
  refuseQuery(x.search)
  const json = await readBatch(x, bucket, 'read')
  refuseMany(json, 'keys')
  const keys = canonicalKeys(check(json, batchGet).keys)
  const parts: string[] = []
  let totalBytes = 0
  for (const key of keys) {
    const value = (await patiently(() => bucket.lookup(key)))?.value
    // Values are copied one at a time, so a batch of large ones stops at the limit.
    totalBytes += value === undefined ? 0 : value.length
    if (totalBytes > MAX_JSON_BYTES) throw tooLarge()
    parts.push(value === undefined ? 'null' : jsonOf(value))
  }
  const text = `{"values":[${parts.join(',')}]}`
  if (text.length > MAX_JSON_BYTES || Buffer.byteLength(text) > MAX_JSON_BYTES) throw tooLarge()
  sendText(x.res, 200, 'application/json', text, [])
}

/** Text where the bytes are text, so that it reads as it was put. */
function jsonOf(value: Buffer): string {
  if (isUtf8(value)) return JSON.stringify(value.toString('utf8'))
  return `{"base64":"${value.toString('base64')}"}`
}

function tooLarge(): Problem {
  return new Problem('batch_too_large', 'The values are over 16 MiB together; ask for fewer keys.')
}
