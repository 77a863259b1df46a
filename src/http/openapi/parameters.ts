import type { oas31 } from 'zod-openapi'

const DURATION = '^[0-9]{1,15}(ms|s|m|h|d)?$'
const id = { type: 'string', minLength: 1 } as const
const flag: oas31.SchemaObject = { type: 'string', enum: ['true', 'false'], default: 'false' }

/**
 * Parameters of calls, by their names in the document. Pages fill examples in where a call is tried, so
 * those alone have one that can do no harm.
 */
export const parameters = {
  BucketId: {
    name: 'id',
    in: 'path',
    required: true,
    description: 'Id of the bucket',
    schema: { type: 'string', pattern: '^[0-9]{1,20}$' },
  },
  Key: {
    name: 'key',
    in: 'path',
    required: true,
    description:
      'Percent-encoded UTF-8, 1 to 1,024 bytes once decoded. `%2F` and `%00` are legal; `.` and `..` ' +
      'alone are not, because URL libraries rewrite them.',
    schema: { type: 'string', minLength: 1, maxLength: 1_024 },
    example: 'john',
  },
  CredentialId: {
    name: 'credentialId',
    in: 'path',
    required: true,
    description: 'Id of the credential; no secret',
    schema: id,
  },
  NodeId: {
    name: 'id',
    in: 'path',
    required: true,
    description: 'Id of the node',
    schema: id,
  },
  MigrationId: {
    name: 'id',
    in: 'path',
    required: true,
    description: 'Id of the migration',
    schema: id,
  },
  Ttl: {
    name: 'ttl',
    in: 'query',
    description:
      'Time to live, such as `5m`: a whole number and `ms`, `s`, `m`, `h` or `d`; a bare number is milliseconds. ' +
      'From 1 ms to 365 days. It wins over Cache-Control; without either the bucket says.',
    schema: { type: 'string', pattern: DURATION },
  },
  NewTtl: {
    name: 'ttl',
    in: 'query',
    required: true,
    description:
      'The new time to live, from now on: a whole number and `ms`, `s`, `m`, `h` or `d`; a bare ' +
      'number is milliseconds. From 1 ms to 365 days.',
    schema: { type: 'string', pattern: DURATION },
    example: '1h',
  },
  MaxAge: {
    name: 'Cache-Control',
    in: 'header',
    description: 'Time to live as `max-age=60`, in seconds; other directives are ignored',
    schema: { type: 'string' },
  },
  IfMatch: {
    name: 'If-Match',
    in: 'header',
    description: 'Only where the stored version is one of these ETags, or `*`: any. Else 412.',
    schema: { type: 'string' },
  },
  IfNoneMatch: {
    name: 'If-None-Match',
    in: 'header',
    description: 'ETags that the client has, or `*`: where the stored version is one of them, 304',
    schema: { type: 'string' },
  },
  OnlyNew: {
    name: 'If-None-Match',
    in: 'header',
    description: '`*`: only where there is no such key. Else 412.',
    schema: { type: 'string', const: '*' },
  },
  Prefix: {
    name: 'prefix',
    in: 'query',
    description: 'Only keys that begin with it',
    schema: { type: 'string' },
  },
  Cursor: {
    name: 'cursor',
    in: 'query',
    description: 'Where to go on: `cursor` of the answer before. Without one, at the beginning.',
    schema: { type: 'string' },
  },
  Limit: {
    name: 'limit',
    in: 'query',
    description: 'About how many keys to answer with',
    schema: { type: 'integer', minimum: 1, maximum: 10_000, default: 1_000 },
  },
  ExplainedKey: {
    name: 'key',
    in: 'query',
    required: true,
    description: 'The key; it need not be stored',
    schema: { type: 'string', minLength: 1 },
    example: 'john',
  },
  Tokens: {
    name: 'tokens',
    in: 'query',
    description: '`true`: every single token and its owner, too; they are many',
    schema: flag,
  },
  DryRun: {
    name: 'dryRun',
    in: 'query',
    description: '`true`: answer with the plan, and change nothing',
    schema: flag,
  },
  Arcs: {
    name: 'arcs',
    in: 'query',
    description: '`true`, with `dryRun=true`: the plan has the arcs that would move, to draw them',
    schema: flag,
  },
  Force: {
    name: 'force',
    in: 'query',
    description: '`true`: even where the nodes that stay cannot hold everything; they evict',
    schema: flag,
  },
  Pace: {
    name: 'pace',
    in: 'query',
    description:
      "Part of the serving thread's time that the moving may take; without it the server's `--move-pace`",
    schema: { type: 'number', minimum: 0.01, maximum: 1 },
  },
  Figures: {
    name: 'figures',
    in: 'query',
    description: '`true`: live figures of nodes and buckets, too, as events `figures`',
    schema: flag,
  },
} as const satisfies Record<string, oas31.ParameterObject>

export type ParameterName = keyof typeof parameters
