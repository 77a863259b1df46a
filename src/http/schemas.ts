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

const copies = z
  .object({ wanted: count, kept: count.describe('Fewer where the ring has too few nodes') })
  .optional()
  .describe("Where replicas is over 0: of each key, the owner's own included")

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
  copies,
  createdAt: time,
})
export const changedBucket = bucket.extend({
  notice: z.string().optional().describe('Where fewer copies are kept than wanted'),
})
export const createdBucket = changedBucket.extend({
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
  copies,
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

const nodeState = z.enum(['joining', 'serving', 'recovering', 'draining', 'down'])
const amount = z.object({
  keys: count,
  bytes: count,
  digest: z.string().describe('Of the set of keys; their order does not count'),
})
const migrationKind = z.enum(['join', 'leave', 'repair'])
const share = z.number().describe('Part of the circle, 0 to 1')

export const newNode = z.strictObject({
  weight: z.number().optional(),
  id: z.string().optional().describe('A former node that comes back, empty'),
})
export const addedNode = z.object({ node: z.string(), migration: z.string() })
export const removedNode = z.object({ migration: z.string() })
export const failedNode = z.object({
  epoch: z.number(),
  migration: z.string().nullable().describe('Makes missing copies again, where buckets have any'),
})

const moves = z.array(
  z.object({
    from: count.describe('The arc holds the positions after this one'),
    to: count.describe('and up to this one, clockwise'),
    source: z.string(),
    target: z.string(),
  }),
)

/** What a change of the ring would do, as `?dryRun=true` answers it. */
export const plan = z.object({
  kind: migrationKind,
  node: z.string(),
  arcs: count,
  share,
  planned: amount,
  dropped: amount.describe('Of economy buckets: let go'),
  fits: z.boolean(),
  targets: z.array(z.object({ id: z.string(), incomingBytes: count, freeBytes: z.number() })),
  moves: moves
    .optional()
    .describe('With ?arcs=true: the arcs, merged to 2,048 where they are more'),
})

/** How far a migration is, or how it ended. */
export const receipt = z.object({
  id: z.string(),
  kind: migrationKind,
  node: z.string(),
  state: z.enum(['queued', 'running', 'done', 'cancelled', 'failed']),
  planned: amount,
  moved: amount,
  returned: amount.describe('What went back because it was cancelled'),
  dropped: amount.describe('Let go: keys of economy buckets'),
  copies: count.describe('Further copies that were made anew'),
  arcs: count,
  share,
  epochs: z.array(z.number()).describe('That it made'),
  cancelling: z.boolean(),
  queuedAt: time,
  startedAt: time.nullable(),
  endedAt: time.nullable(),
  durationMs: z.number().nullable(),
  problem: z.string().nullable().describe('Why it failed'),
})
export const migrationList = z.object({ migrations: z.array(receipt) })

export const ring = z.object({
  epoch: z.number(),
  nodes: z.array(
    z.object({
      id: z.string(),
      state: nodeState,
      weight: z.number(),
      share,
      items: count,
      bytes: count,
      memoryBytes: count,
      incarnation: count.describe('The epoch in which it joined'),
    }),
  ),
  tokens: count.describe('How many there are'),
  migrations: z.array(receipt).describe('Queued, running, and the last that ended'),
  members: z.array(z.string()).describe('Ids of the nodes that own a part of the circle'),
  circle: z.array(count).describe('Owners, as indexes of members, at even distances'),
  moves: moves.describe('While keys move: the arcs that change owner, merged to 2,048 at most'),
  positions: z.array(count).optional().describe('With ?tokens=true: every token, sorted'),
  owners: z.array(count).optional().describe('With ?tokens=true: their owners'),
})

/** The data of `GET /v1/events`, by the name of the event; the first one holds the whole ring. */
export const ringEvent = ring
  .omit({ members: true, circle: true, moves: true, positions: true, owners: true })
  .partial()
  .extend({ type: z.literal('ring'), epoch: z.number(), cause: z.string() })
export const migrationEvent = z.object({ type: z.literal('migration'), migration: receipt })
export const nodeEvent = z.object({
  type: z.literal('node'),
  node: z.string(),
  state: nodeState,
  cause: z.string(),
})

const rate = z.number().min(0).describe('A second, over the interval')
const latency = z
  .object({ p50Us: z.number(), p99Us: z.number() })
  .nullable()
  .describe('Microseconds, of the interval; null where there was nothing to measure')

/** With `GET /v1/events?figures=true`: what the last interval was like. */
export const figuresEvent = z.object({
  type: z.literal('figures'),
  at: time,
  intervalMs: z.number(),
  requests: z.object({ rate, errorRate: rate.describe('Answered with 5xx'), latency }),
  loopDelayUs: z.number().describe('p99 of the longest wait of an event loop, of all acceptors'),
  nodes: z.array(
    z.object({
      id: z.string(),
      state: nodeState,
      items: count,
      bytes: count,
      memoryBytes: count,
      gets: rate,
      hits: rate,
      puts: rate,
      deletes: rate,
      evictions: rate,
      expirations: rate,
      queue: count.describe('Writes that wait for it'),
      latency: latency.describe('From a write on its way to its result'),
    }),
  ),
  buckets: z.object({
    count: count.describe('How many there are'),
    shown: z
      .array(
        z.object({
          id: z.string(),
          name: z.string(),
          tier,
          items: count,
          bytes: count,
          maxBytes: z.number().nullable(),
          gets: rate,
          hits: rate,
          puts: rate,
          evictions: rate,
        }),
      )
      .describe('Those with the most bytes, 50 at most'),
  }),
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
