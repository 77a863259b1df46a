import type { z } from 'zod'
import type { Bucket } from '../../engine/bucket.js'
import { parseDuration } from '../../units.js'
import { sendJson } from '../answer.js'
import type { Exchange } from '../exchange.js'
import { check } from '../json-body.js'
import { atIndex, Problem } from '../problem.js'
import { refuseQuery } from '../query.js'
import { batchPutItems, batchPutPairs, type value as valueSchema } from '../schemas.js'
import { canonicalKeys, readBatch, refuseMany } from './batch-keys.js'
import { tooLarge } from './put-key.js'

type JsonValue = z.infer<typeof valueSchema>

interface Item {
  readonly key: unknown
  readonly value: JsonValue
  readonly ttl?: string | number | undefined
}

interface Entry {
  readonly value: string | Buffer
  readonly ttlMs: number | undefined
}

/** All items are checked before the first is stored. A key named twice is stored once, as last named. */
export async function putMany(x: Exchange, bucket: Bucket): Promise<void> {
  refuseQuery(x.search)
  const json = await readBatch(x, bucket, 'write')
  refuseMany(json, 'keys', 'values', 'items')
  const items = itemsOf(json)
  const keys = canonicalKeys(items.map((item) => item.key))
  const limitBytes = x.service.engine.maxValueBytes
  const quotaBytes = bucket.describe().maxBytes ?? Number.POSITIVE_INFINITY
  const entries = new Map<string, Entry>()
  items.forEach((item, index) => {
    try {
      entries.set(keys[index], entryOf(item, limitBytes, quotaBytes))
    } catch (error) {
      throw atIndex(error, index, 'Item')
    }
  })
  const stored = await store(bucket, entries)
  sendJson(x, 200, { stored: keys.map((key) => stored.get(key) === true) })
}

function itemsOf(json: unknown): readonly Item[] {
  if (typeof json === 'object' && json !== null && Object.hasOwn(json, 'items')) {
    return check(json, batchPutItems).items
  }
  const { keys, values, ttl } = check(json, batchPutPairs)
  if (keys.length !== values.length) {
    throw new Problem(
      'invalid_body',
      `keys has ${keys.length} entries and values ${values.length}; they must be as many.`,
    )
  }
  // Parsed once, ahead of the items: it belongs to none of them.
  const ttlMs = ttl === undefined ? undefined : parseDuration(ttl)
  return keys.map((key, index) => ({ key, value: values[index], ttl: ttlMs }))
}

function entryOf(item: Item, limitBytes: number, quotaBytes: number): Entry {
  const { value } = item
  if (typeof value === 'string' && !value.isWellFormed()) {
    throw new Problem('invalid_body', 'The value has a lone surrogate; send bytes as {"base64"}.')
  }
  const sizeBytes =
    typeof value === 'string' ? Buffer.byteLength(value) : Buffer.byteLength(value.base64, 'base64')
  if (sizeBytes > limitBytes) throw tooLarge(limitBytes)
  if (sizeBytes > quotaBytes) {
    throw new Problem(
      'quota_exceeded',
      'The value alone is larger than the maxBytes of the bucket.',
    )
  }
  return {
    value: typeof value === 'string' ? value : Buffer.from(value.base64, 'base64'),
    ttlMs: item.ttl === undefined ? undefined : parseDuration(item.ttl),
  }
}

/** One call of the engine for each TTL: nearly always one in all. */
async function store(
  bucket: Bucket,
  entries: ReadonlyMap<string, Entry>,
): Promise<Map<string, boolean>> {
  const stored = new Map<string, boolean>()
  const byTtl = new Map<number | undefined, [string, string | Buffer][]>()
  for (const [key, { value, ttlMs }] of entries) {
    const pairs = byTtl.get(ttlMs)
    if (pairs === undefined) byTtl.set(ttlMs, [[key, value]])
    else pairs.push([key, value])
  }
  await Promise.all(
    [...byTtl].map(async ([ttl, pairs]) => {
      const answers = await bucket.putMany(pairs, ttl === undefined ? {} : { ttl })
      pairs.forEach(([key], i) => {
        stored.set(key, answers[i])
      })
    }),
  )
  return stored
}
