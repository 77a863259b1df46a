import { z } from 'zod'
import { MAX_DURATION_MS, MIN_DURATION_MS } from '../units.js'
import { type ProblemCode, problemKinds } from './problem.js'

/**
 * The shapes of what is asked and answered in JSON; the OpenAPI document is made of the same. What
 * a value means (which durations, which names) the engine knows: `meta` tells the reader of the
 * document what it will say, and checks nothing.
 */

export const duration = z.union([z.string(), z.number()]).meta({
  description: 'A duration: a whole number and ms, s, m, h or d; a bare number is milliseconds',
  examples: ['30s', '5m', 60_000],
  override: {
    anyOf: [
      { type: 'string', pattern: '^[0-9]{1,15}(ms|s|m|h|d)?$' },
      { type: 'integer', minimum: MIN_DURATION_MS, maximum: MAX_DURATION_MS },
    ],
  },
})
export const size = z.union([z.string(), z.number()]).meta({
  description: 'A size: a whole number and b, kb, mb, gb or tb; a bare number is bytes',
  examples: ['64kb', '256mb', 1_048_576],
  override: {
    anyOf: [
      { type: 'string', pattern: '^[0-9]{1,15}([bB]|[kKmMgGtT][bB])?$' },
      { type: 'integer', minimum: 1 },
    ],
  },
})
const role = z.enum(['admin', 'write', 'read'])
const tier = z.enum(['standard', 'economy'])
const count = z.number().int().min(0)
const epoch = z.number().int().min(0).describe('Version of the ring')
const time = z.iso.datetime().describe('ISO 8601, in UTC')
const name = z.string().meta({ description: 'No control characters', minLength: 1, maxLength: 128 })
const replicas = count.meta({ maximum: 8 })
const position = z
  .number()
  .int()
  .min(0)
  .max(2 ** 32 - 1)
const bucketId = z
  .string()
  .regex(/^[0-9]{1,20}$/)
  .describe('Decimal digits: one DNS label')
const accountId = z.string().regex(/^[a-z0-9]+$/)
const credentialId = z.string().regex(/^[0-9a-f]{16}$/)
const credentialKey = z.string().min(16).describe('Shown once')

export const up = z.object({ status: z.literal('up') })
export const ready = z.object({ status: z.literal('ready') })

export const newAccount = z.strictObject({ name })
export const account = z.object({
  id: accountId,
  name: z.string(),
  credentialKey,
  credentialId,
})

const settings = {
  defaultTtl: duration.nullish(),
  maxBytes: size.nullish(),
  immutable: z.boolean().optional(),
  tier: tier.optional(),
  replicas: replicas.optional(),
}

export const newBucket = z.strictObject({
  name,
  ...settings,
  accountId: z.string().optional().describe('For root: whose bucket it becomes'),
})

/** `null` takes a default TTL or a quota away. */
export const bucketPatch = z.strictObject(settings)

const copies = z
  .object({ wanted: count, kept: count.describe('Fewer where the ring has too few nodes') })
  .optional()
  .describe("Where replicas is over 0: of each key, the owner's own included")

export const bucket = z.object({
  id: bucketId,
  name: z.string(),
  accountId,
  endpoint: z.url().describe('Where its calls are found in host style'),
  defaultTtl: z
    .number()
    .int()
    .min(MIN_DURATION_MS)
    .max(MAX_DURATION_MS)
    .nullable()
    .describe('Milliseconds; null where keys have none'),
  maxBytes: z.number().int().min(1_024).nullable().describe('null where there is no quota'),
  immutable: z.boolean(),
  tier,
  replicas,
  copies,
  createdAt: time,
})
export const changedBucket = bucket.extend({
  notice: z.string().optional().describe('Where fewer copies are kept than wanted'),
})
export const createdBucket = changedBucket.extend({
  credentialKey: credentialKey.describe('Shown once; its role is admin'),
  credentialId,
})
export const bucketList = z.object({ buckets: z.array(bucket) })

export const newCredential = z.strictObject({ role })
export const createdCredential = z.object({
  credentialId,
  credentialKey,
  role,
})
export const credentialList = z.object({
  credentials: z.array(z.object({ credentialId, role, createdAt: time })),
})
export const rotated = z.object({
  credentialId,
  credentialKey: credentialKey.describe('Shown once; the old one no longer works'),
})

/** Calls without a body of their own still get one from some clients. */
export const emptyBody = z.strictObject({})

const key = z.unknown().describe('A string, or any JSON value: that stands for its canonical form')
/** Longer ones are refused before they are looked at, see batch-body.ts. */
const MOST = { maxItems: 1_000 }
const keys = z.array(key).meta(MOST)
export const value = z.union([z.string(), z.strictObject({ base64: z.base64() })], {
  error: 'expected a string, or {"base64": "..."}',
})

export const batchGet = z.strictObject({ keys })
export const batchValues = z.object({ values: z.array(value.nullable()) })

export const batchPutPairs = z.strictObject({
  keys,
  values: z.array(value).meta(MOST).describe('As many as keys'),
  ttl: duration.optional(),
})
export const batchPutItems = z.strictObject({
  items: z.array(z.strictObject({ key, value, ttl: duration.optional() })).meta(MOST),
})
/** Either of the two; the handler tells them apart. */
export const batchPut = z.union([batchPutPairs, batchPutItems])
export const batchStored = z.object({ stored: z.array(z.boolean()) })

export const batchDeleteKeys = z.strictObject({ keys })
export const batchDeletePrefix = z.strictObject({ prefix: z.string() })
export const batchDelete = z.union([batchDeleteKeys, batchDeletePrefix])
export const batchDeleted = z.object({ deleted: z.array(z.boolean()) })
export const deletedCount = z.object({ count })

export const keyList = z.object({ keys: z.array(z.string()), cursor: z.string().nullable() })

export const usage = z.object({
  tier,
  items: count,
  bytes: count,
  byteSeconds: z.number().min(0).describe('The integral of bytes over time'),
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
  hash: position,
  angle: z.number().min(0).lt(360).describe('Degrees: hash / 2^32 x 360'),
  token: position.describe("The owner's, next clockwise"),
  owner: z.string(),
  successors: z.array(z.string()).describe('The nodes that come after, clockwise'),
  epoch,
})

const nodeState = z.enum(['joining', 'serving', 'recovering', 'draining', 'down'])
const amount = z.object({
  keys: count,
  bytes: count,
  digest: z
    .string()
    .regex(/^[0-9a-f]{8}$/)
    .describe('Of the set of keys; their order does not count'),
})
const migrationKind = z.enum(['join', 'leave', 'repair'])
const share = z.number().min(0).max(1).describe('Part of the circle, 0 to 1')

export const newNode = z.strictObject({
  weight: z.number().meta({ minimum: 0.01, maximum: 1_000 }).optional(),
  id: z.string().optional().describe('A former node that comes back, empty'),
})
export const addedNode = z.object({ node: z.string(), migration: z.string() })
export const removedNode = z.object({ migration: z.string() })
export const failedNode = z.object({
  epoch,
  migration: z.string().nullable().describe('Makes missing copies again, where buckets have any'),
})

const moves = z.array(
  z.object({
    from: position.describe('The arc holds the positions after this one'),
    to: position.describe('and up to this one, clockwise'),
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
  targets: z.array(z.object({ id: z.string(), incomingBytes: count, freeBytes: count })),
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
  epochs: z.array(epoch).describe('That it made'),
  cancelling: z.boolean(),
  queuedAt: time,
  startedAt: time.nullable(),
  endedAt: time.nullable(),
  durationMs: z.number().min(0).nullable(),
  problem: z.string().nullable().describe('Why it failed'),
})
export const migrationList = z.object({ migrations: z.array(receipt) })

export const ring = z.object({
  epoch,
  nodes: z.array(
    z.object({
      id: z.string(),
      state: nodeState,
      weight: z.number().positive(),
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
  circle: z.array(count).length(2_048).describe('Owners, as indexes of members, at even distances'),
  moves: moves.describe('While keys move: the arcs that change owner, merged to 2,048 at most'),
  positions: z.array(position).optional().describe('With ?tokens=true: every token, sorted'),
  owners: z.array(count).optional().describe('With ?tokens=true: their owners'),
})

/** The data of `GET /v1/events`. What each stream begins with: the whole ring as it is. */
export const connectedEvent = ring
  .omit({ members: true, circle: true, moves: true, positions: true, owners: true })
  .extend({ type: z.literal('ring'), cause: z.literal('connected') })
/** The ring has a new epoch. */
export const ringEvent = z.object({ type: z.literal('ring'), epoch, cause: z.string() })
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

const codes = Object.keys(problemKinds) as ProblemCode[]

export const problem = z.object({
  type: z.string().regex(/^urn:annulus:problem:[a-z_]+$/),
  title: z.string(),
  status: z.number().int().min(400).max(599),
  detail: z.string().describe('What was wrong, and how to mend it'),
  code: z.enum(codes).describe('Stable: it never changes its meaning'),
  index: count.optional().describe('The item of a batch that was refused'),
  maybeStored: z.boolean().optional().describe('With 503: whether a write may have been stored'),
})
