import type { oas31 } from 'zod-openapi'

/** Headers of answers, by their names in the document. */
export const headers = {
  ETag: {
    description: 'A strong validator of the stored version; never used twice',
    required: true,
    schema: { type: 'string', pattern: '^"[!#-~]*"$' },
    example: '"2s"',
  },
  CacheStatus: {
    description:
      'RFC 9211: `annulus; hit`, with `ttl=SECONDS` left (rounded down) where the key has a TTL',
    required: true,
    schema: { type: 'string', pattern: '^annulus; hit(; ttl=[0-9]+)?$' },
    example: 'annulus; hit; ttl=29',
  },
  CacheMiss: {
    description: 'RFC 9211: the key is not there. It is missing where the bucket is.',
    schema: { type: 'string', const: 'annulus; fwd=miss' },
  },
  ContentLength: {
    description: 'Bytes of the value',
    required: true,
    schema: { type: 'string', pattern: '^[0-9]+$' },
    example: '4',
  },
  NoStore: {
    description: 'The answer shows a secret, or never ends: nothing on the way may keep it',
    required: true,
    schema: { type: 'string', const: 'no-store' },
  },
  NoCache: {
    description: 'Ask again each time, with If-None-Match',
    required: true,
    schema: { type: 'string', const: 'no-cache' },
  },
  Unbuffered: {
    description: 'Tells nginx to hand events on as they come',
    required: true,
    schema: { type: 'string', const: 'no' },
  },
  Location: {
    description: 'Path of the migration; missing where there is none',
    schema: { type: 'string', pattern: '^/v1/migrations/[^/]+$' },
    example: '/v1/migrations/m1',
  },
  RetryAfter: {
    description: 'Seconds to wait before the next try',
    required: true,
    schema: { type: 'string', pattern: '^[0-9]+$' },
    example: '1',
  },
  WwwAuthenticate: {
    description: 'RFC 6750',
    required: true,
    schema: { type: 'string', pattern: '^Bearer realm="annulus"' },
  },
} as const satisfies Record<string, oas31.HeaderObject>

export type HeaderName = keyof typeof headers

/** As the header is called on the wire. */
const WIRE_NAMES: Readonly<Record<HeaderName, string>> = {
  ETag: 'ETag',
  CacheStatus: 'Cache-Status',
  CacheMiss: 'Cache-Status',
  ContentLength: 'Content-Length',
  NoStore: 'Cache-Control',
  NoCache: 'Cache-Control',
  Unbuffered: 'X-Accel-Buffering',
  Location: 'Location',
  RetryAfter: 'Retry-After',
  WwwAuthenticate: 'WWW-Authenticate',
}

export function headersOf(names: readonly HeaderName[]): { headers?: oas31.HeadersObject } {
  if (names.length === 0) return {}
  const entries = names.map((name) => {
    return [WIRE_NAMES[name], { $ref: `#/components/headers/${name}` }]
  })
  return { headers: Object.fromEntries(entries) }
}
