import type { Bucket } from '../../engine/bucket.js'
import { sendJson } from '../answer.js'
import { refuseBody } from '../body.js'
import type { Exchange } from '../exchange.js'
import { Problem } from '../problem.js'
import { parseQuery } from '../query.js'

const DEFAULT_LIMIT = 1_000
const MAX_LIMIT = 10_000

export async function listKeys(x: Exchange, bucket: Bucket): Promise<void> {
  refuseBody(x)
  const { prefix, cursor, limit } = parseQuery(x.search, ['prefix', 'cursor', 'limit'])
  const page = await bucket.list({
    ...(prefix === undefined ? {} : { prefix }),
    ...(cursor === undefined || cursor === '' ? {} : { cursor }),
    limit: limit === undefined ? DEFAULT_LIMIT : parseLimit(limit),
  })
  sendJson(x, 200, { keys: page.keys, cursor: page.cursor })
}

function parseLimit(text: string): number {
  const limit = /^[0-9]{1,6}$/.test(text) ? Number(text) : 0
  if (limit < 1 || limit > MAX_LIMIT) {
    throw new Problem('invalid_option', `limit must be a whole number from 1 to ${MAX_LIMIT}.`)
  }
  return limit
}
