import type { z } from 'zod'
import type { Keys } from '../../engine/keys.js'
import { decodeItems } from '../../frames/requests.js'
import { parseDuration } from '../../units.js'
import type { Exchange } from '../exchange.js'
import { check } from '../json-body.js'
import { atIndex, Problem } from '../problem.js'
import { batchPutItems, batchPutPairs, type value as valueSchema } from '../schemas.js'
import { readBatch, refuseMany, sendOutcomes, textsOf } from './batch-body.js'
import { canonicalKeys, member, plainLists } from './batch-keys.js'
import { tooLarge } from './put-key.js'

type JsonValue = z.infer<typeof valueSchema>
type Ttl = string | number | undefined

/** What is asked for, as it came: one entry in each list for each item. */
interface Batch {
  readonly keys: readonly unknown[]
  readonly values: readonly (JsonValue | Buffer)[]
  /** Of the items that have one of their own; no list where none can. */
  readonly ttls?: readonly Ttl[]
  /** Of all others. */
  readonly ttlMs: number | undefined
}

const forms = { ofJson, ofFrame }

/** All items are checked before the first is stored. A key named twice ends as last named. */
export async function putMany(x: Exchange, bucket: Keys): Promise<void> {
  const batch = await readBatch(x, bucket, 'write', forms)
  const keys = canonicalKeys(batch.keys)
  const values = valuesOf(batch, x.service.engine.maxValueBytes, bucket.record.maxBytes)
  const ttls = batch.ttls?.map((ttl, index) => ttlOf(ttl, index) ?? batch.ttlMs)
  const stored =
    ttls === undefined && !bucket.record.immutable
      ? await putAll(bucket, keys, values, batch.ttlMs)
      : await putLast(bucket, keys, values, ttls ?? keys.map(() => batch.ttlMs))
  sendOutcomes(x, 'stored', stored)
}

function ofJson(json: unknown): Batch {
  const list = member(json, 'items')
  if (list !== undefined) {
    if (Array.isArray(list)) refuseMany(list.length, 'items')
    const { items } = check(json, batchPutItems)
    return {
      keys: items.map(({ key }) => key),
      values: items.map(({ value }) => value),
      ttls: items.map(({ ttl }) => ttl),
      ttlMs: undefined,
    }
  }
  const all = member(json, 'ttl')
  const lists = plainLists(json, ['keys', 'values'], all === undefined ? 0 : 1)
  if (lists?.[1].every(isString) === true && (all === undefined || isDuration(all))) {
    return pairs(lists[0], lists[1] as string[], all)
  }
  const { keys, values, ttl } = check(json, batchPutPairs)
  return pairs(keys, values, ttl)
}

function isString(value: unknown): value is string {
  return typeof value === 'string'
}

function isDuration(value: unknown): value is string | number {
  return typeof value === 'string' || typeof value === 'number'
}

function pairs(keys: readonly unknown[], values: readonly JsonValue[], ttl?: Ttl): Batch {
  if (keys.length !== values.length) {
    throw new Problem(
      'invalid_body',
      `keys has ${keys.length} entries and values ${values.length}; they must be as many.`,
    )
  }
  // Parsed once, ahead of the items: it belongs to none of them.
  return { keys, values, ttlMs: ttl === undefined ? undefined : parseDuration(ttl) }
}

function ofFrame(bytes: Buffer): Batch {
  const { items, ttlMs } = decodeItems(bytes, textsOf(bytes))
  const hasOwn = items.some((item) => item.ttlMs !== undefined)
  return {
    keys: items.map(({ key }) => key),
    values: items.map(({ value }) => value as Buffer),
    ...(hasOwn ? { ttls: items.map((item) => item.ttlMs) } : {}),
    ttlMs: ttlMs === undefined ? undefined : parseDuration(ttlMs),
  }
}

function valuesOf(
  { values }: Batch,
  limitBytes: number,
  quotaBytes = Number.POSITIVE_INFINITY,
): (string | Buffer)[] {
  const most = Math.min(limitBytes, quotaBytes)
  return values.map((value, index) => {
    try {
      if (typeof value !== 'string') {
        const bytes = 'base64' in value ? Buffer.from(value.base64, 'base64') : value
        return sized(bytes, bytes.length, limitBytes, quotaBytes)
      }
      if (!value.isWellFormed()) throw loneSurrogate()
      if (value.length * 3 <= most) return value
      return sized(value, Buffer.byteLength(value), limitBytes, quotaBytes)
    } catch (error) {
      throw atIndex(error, index, 'Item')
    }
  })
}

function sized<T>(value: T, sizeBytes: number, limitBytes: number, quotaBytes: number): T {
  if (sizeBytes > limitBytes) throw tooLarge(limitBytes)
  if (sizeBytes <= quotaBytes) return value
  throw new Problem('quota_exceeded', 'The value alone is larger than the maxBytes of the bucket.')
}

function loneSurrogate(): Problem {
  return new Problem('invalid_body', 'The value has a lone surrogate; send bytes as {"base64"}.')
}

function ttlOf(ttl: Ttl, index: number): number | undefined {
  try {
    return ttl === undefined ? undefined : parseDuration(ttl)
  } catch (error) {
    throw atIndex(error, index, 'Item')
  }
}

/** With one TTL for all, in a bucket that lets go of what was put before: the engine keeps the order. */
function putAll(
  bucket: Keys,
  keys: readonly string[],
  values: readonly (string | Buffer)[],
  ttl: number | undefined,
): Promise<boolean[]> {
  const entries = keys.map((key, i) => [key, values[i]] as const)
  return bucket.putMany(entries, ttl === undefined ? {} : { ttl })
}

/** Each key once, as last named; one call of the engine for each TTL. */
async function putLast(
  bucket: Keys,
  keys: readonly string[],
  values: readonly (string | Buffer)[],
  ttls: readonly (number | undefined)[],
): Promise<boolean[]> {
  const last = new Map(keys.map((key, i) => [key, i]))
  const groups = new Map<number | undefined, string[]>()
  for (const [key, i] of last) {
    const group = groups.get(ttls[i])
    if (group === undefined) groups.set(ttls[i], [key])
    else group.push(key)
  }
  const stored = new Map<string, boolean>()
  await Promise.all(
    [...groups].map(async ([ttl, group]) => {
      const theirs = group.map((key) => values[last.get(key) ?? 0])
      const answers = await putAll(bucket, group, theirs, ttl)
      group.forEach((key, i) => {
        stored.set(key, answers[i])
      })
    }),
  )
  return keys.map((key) => stored.get(key) === true)
}
