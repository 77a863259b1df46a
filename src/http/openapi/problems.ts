import type { oas31, ZodOpenApiResponseObject, ZodOpenApiResponsesObject } from 'zod-openapi'
import type { Call } from '../call.js'
import { type ProblemCode, problemKinds } from '../problem.js'
import { type HeaderName, headersOf } from './headers.js'
import type { Operation, Refusal } from './operation.js'

/** What any request may be refused with, whichever call it is for. */
const ANY: readonly Refusal[] = ['invalid_request', 'invalid_host']

/** The same, each under its own status and in no call's own words: told once, as components. */
const SHARED = {
  RequestTimeout: 'request_timeout',
  ExpectationFailed: 'expectation_failed',
  HeadersTooLarge: 'headers_too_large',
  InternalError: 'internal',
  NotImplemented: 'not_implemented',
} as const satisfies Record<string, ProblemCode>

/** Of calls that need a credential: all of them refuse query parameters that they do not know. */
const KNOWN: readonly Refusal[] = ['unauthorized', 'forbidden', 'invalid_option', 'closed']

const OF_SCOPE: Readonly<Record<'bucket' | 'key', readonly Refusal[]>> = {
  bucket: ['bucket_not_found'],
  key: ['bucket_not_found', 'invalid_key', 'key_too_long'],
}

const HEADERS: Readonly<Record<number, readonly HeaderName[]>> = {
  401: ['WwwAuthenticate'],
  503: ['RetryAfter'],
}

/** Every refusal of a call, by its status. */
export function problemsOf(
  { access, scope }: Pick<Call, 'access' | 'scope'>,
  { problems: own = [], problemHeaders = {} }: Pick<Operation, 'problems' | 'problemHeaders'>,
): ZodOpenApiResponsesObject {
  const all = [
    ...ANY,
    ...(access === 'public' ? [] : KNOWN),
    ...(scope === undefined ? [] : OF_SCOPE[scope]),
    ...own,
  ]
  const byStatus = new Map<number, Set<ProblemCode>>()
  for (const refusal of all) {
    const [code, status] = typeof refusal === 'string' ? [refusal, statusOf(refusal)] : refusal
    byStatus.set(status, (byStatus.get(status) ?? new Set()).add(code))
  }
  const entries = [...byStatus].map(([status, codes]) => {
    return [status, response(status, [...codes], problemHeaders[status])] as const
  })
  const shared = Object.entries(SHARED).map(([name, code]) => {
    return [statusOf(code), { $ref: `#/components/responses/${name}` }] as const
  })
  return Object.fromEntries([...entries, ...shared])
}

/** What `SHARED` names. */
export function sharedResponses(): Record<string, ZodOpenApiResponseObject> {
  const entries = Object.entries(SHARED).map(([name, code]) => {
    return [name, response(statusOf(code), [code])] as const
  })
  return Object.fromEntries(entries)
}

function statusOf(code: ProblemCode): number {
  return problemKinds[code].status
}

function response(
  status: number,
  codes: ProblemCode[],
  more: readonly HeaderName[] = [],
): ZodOpenApiResponseObject {
  const titles = codes.map((code) => `${problemKinds[code].title} (\`${code}\`)`)
  const schema: oas31.SchemaObject = {
    $ref: '#/components/schemas/Problem',
    type: 'object',
    properties: { status: { const: status }, code: { enum: codes } },
  }
  return {
    description: titles.join(', '),
    ...headersOf([...(HEADERS[status] ?? []), ...more]),
    content: { 'application/problem+json': { schema } },
  }
}
