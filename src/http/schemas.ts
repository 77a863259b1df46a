import { z } from 'zod'

/**
 * The shapes of what is asked and answered in JSON; the OpenAPI document is made of the same. What
 * a value means (which durations, which names) the engine knows.
 */

const duration = z
  .union([z.string(), z.number()])
  .describe('A duration: 30s, 5m, or milliseconds as a number')
const size = z.union([z.string(), z.number()]).describe('A size: 64kb, 256mb, or bytes as a number')
const role = z.enum(['admin', 'write', 'read'])
const tier = z.enum(['standard', 'economy'])
const count = z.number().int().min(0)
const time = z.string().describe('ISO 8601')

export const newAccount = z.strictObject({ name: z.string() })
export const account = z.object({
  id: z.string(),
  name: z.string(),
  credentialKey: z.string().describe('Shown once'),
  credentialId: z.string(),
})

export const newBucket = z.strictObject({
  name: z.string(),
  defaultTtl: duration.nullish(),
  maxBytes: size.nullish(),
  immutable: z.boolean().optional(),
  tier: tier.optional(),
  replicas: count.optional(),
  accountId: z.string().optional().describe('For root: whose bucket it becomes'),
})

/** `null` takes a default TTL or a quota away. */
export const bucketPatch = z.strictObject({
  defaultTtl: duration.nullish(),
  maxBytes: size.nullish(),
  immutable: z.boolean().optional(),
  tier: tier.optional(),
  replicas: count.optional(),
})

export const bucket = z.object({
  id: z.string(),
  name: z.string(),
  accountId: z.string(),
  endpoint: z.string(),
  defaultTtl: z.number().nullable().describe('Milliseconds'),
  maxBytes: z.number().nullable(),
  immutable: z.boolean(),
  tier,
  replicas: count,
  createdAt: time,
})
export const createdBucket = bucket.extend({
  credentialKey: z.string().describe('Shown once; its role is admin'),
  credentialId: z.string(),
})
export const bucketList = z.object({ buckets: z.array(bucket) })

export const newCredential = z.strictObject({ role })
export const createdCredential = z.object({
  credentialId: z.string(),
  credentialKey: z.string().describe('Shown once'),
  role,
})
export const credentialList = z.object({
  credentials: z.array(z.object({ credentialId: z.string(), role, createdAt: time })),
})
export const rotated = z.object({
  credentialId: z.string(),
  credentialKey: z.string().describe('Shown once; the old one no longer works'),
})

/** Calls without a body of their own still get one from some clients. */
export const emptyBody = z.strictObject({})

const key = z.unknown().describe('A string, or any JSON value: that stands for its canonical form')
export const value = z.union([z.string(), z.strictObject({ base64: z.base64() })], {
  error: 'expected a string, or {"base64": "..."}',
})

export const batchGet = z.strictObject({ keys: z.array(key) })
export const batchValues = z.object({ values: z.array(value.nullable()) })

export const batchPutPairs = z.strictObject({
  keys: z.array(key),
  values: z.array(value),
  ttl: duration.optional(),
})
export const batchPutItems = z.strictObject({
  items: z.array(z.strictObject({ key, value, ttl: duration.optional() })),
})
export const batchStored = z.object({ stored: z.array(z.boolean()) })

export const batchDeleteKeys = z.strictObject({ keys: z.array(key) })
export const batchDeletePrefix = z.strictObject({ prefix: z.string() })
export const batchDeleted = z.object({ deleted: z.array(z.boolean()) })
export const deletedCount = z.object({ count })

export const keyList = z.object({ keys: z.array(z.string()), cursor: z.string().nullable() })

export const usage = z.object({
  tier,
  items: count,
  bytes: count,
  byteSeconds: z.number(),
  gets: count,
  hits: count,
  misses: count,
  puts: count,
  deletes: count,
  evictions: count,
  expirations: count,
  droppedByMove: count,
})

export const placement = z.object({
  key: z.string(),
  hash: z.number(),
  angle: z.number().describe('Degrees'),
  token: z.number(),
  owner: z.string(),
  successors: z.array(z.string()),
  epoch: z.number(),
})

export const ring = z.object({
  epoch: z.number(),
  nodes: z.array(
    z.object({
      id: z.string(),
      state: z.enum(['joining', 'serving', 'recovering', 'draining', 'down']),
      weight: z.number(),
      share: z.number().describe('Part of the circle, 0 to 1'),
      items: count,
      bytes: count,
      memoryBytes: count,
    }),
  ),
  tokens: count.describe('How many there are'),
  members: z.array(z.string()).describe('Ids of the nodes that own a part of the circle'),
  circle: z.array(count).describe('Owners, as indexes of members, at even distances'),
  positions: z.array(count).optional().describe('With ?tokens=true: every token, sorted'),
  owners: z.array(count).optional().describe('With ?tokens=true: their owners'),
})

export const problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number(),
  detail: z.string(),
  code: z.string(),
  index: z.number().optional().describe('The item of a batch that was refused'),
  maybeStored: z.boolean().optional().describe('With 503: whether a write may have been stored'),
})
