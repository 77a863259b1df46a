import { CacheError, type EngineCode, type ErrorCode, type HttpCode } from '../errors.js'

/** What an answer can say: everything that the engine refuses, and what only HTTP does. */
export type ProblemCode = EngineCode | HttpCode

interface Kind {
  readonly status: number
  readonly title: string
}

/** Status and title of every code: part of the contract, as the codes are. */
export const problemKinds: Readonly<Record<ProblemCode, Kind>> = {
  key_not_found: { status: 404, title: 'Key not found' },
  bucket_not_found: { status: 404, title: 'Bucket not found' },
  account_not_found: { status: 404, title: 'Account not found' },
  credential_not_found: { status: 404, title: 'Credential not found' },
  not_found: { status: 404, title: 'No such path' },
  method_not_allowed: { status: 405, title: 'Method not allowed' },
  bucket_exists: { status: 409, title: 'Bucket exists' },
  key_exists: { status: 409, title: 'Key exists' },
  too_many_buckets: { status: 409, title: 'Too many buckets' },
  last_node: { status: 409, title: 'Last node' },
  node_not_found: { status: 404, title: 'Node not found' },
  node_exists: { status: 409, title: 'Node exists' },
  ring_too_small: { status: 409, title: 'Ring too small' },
  migration_not_found: { status: 404, title: 'Migration not found' },
  migration_ended: { status: 409, title: 'Migration ended' },
  invalid_key: { status: 400, title: 'Invalid key' },
  key_too_long: { status: 400, title: 'Key too long' },
  invalid_ttl: { status: 400, title: 'Invalid TTL' },
  invalid_size: { status: 400, title: 'Invalid size' },
  invalid_option: { status: 400, title: 'Invalid option' },
  invalid_name: { status: 400, title: 'Invalid name' },
  invalid_body: { status: 400, title: 'Invalid body' },
  invalid_cursor: { status: 400, title: 'Invalid cursor' },
  invalid_request: { status: 400, title: 'Invalid request' },
  invalid_host: { status: 400, title: 'Invalid Host' },
  expectation_failed: { status: 417, title: 'Expectation failed' },
  headers_too_large: { status: 431, title: 'Request header fields too large' },
  request_timeout: { status: 408, title: 'Request timeout' },
  not_implemented: { status: 501, title: 'Not implemented' },
  version_mismatch: { status: 412, title: 'Version mismatch' },
  value_too_large: { status: 413, title: 'Value too large' },
  batch_too_large: { status: 413, title: 'Batch too large' },
  quota_exceeded: { status: 413, title: 'Quota exceeded' },
  unauthorized: { status: 401, title: 'Unauthorized' },
  forbidden: { status: 403, title: 'Forbidden' },
  overloaded: { status: 503, title: 'Overloaded' },
  recovering: { status: 503, title: 'Recovering' },
  busy: { status: 503, title: 'Busy' },
  closed: { status: 503, title: 'Closed' },
  data_in_use: { status: 503, title: 'Data in use' },
  internal: { status: 500, title: 'Internal error' },
}

interface ProblemExtras {
  /** Header names and values in turn. */
  readonly headers?: readonly string[]
  /** Further members of the document, such as `index`. */
  readonly members?: Readonly<Record<string, unknown>>
  /** Where the code's own status does not fit. */
  readonly status?: number
}

/** A refusal on its way to the client as `application/problem+json` (RFC 9457). */
export class Problem extends Error {
  readonly code: ProblemCode
  readonly status: number
  readonly headers: readonly string[]
  readonly members: Readonly<Record<string, unknown>>

  constructor(code: ProblemCode, detail: string, extras: ProblemExtras = {}) {
    super(detail)
    this.name = 'Problem'
    this.code = code
    this.status = extras.status ?? problemKinds[code].status
    this.headers = extras.headers ?? []
    this.members = extras.members ?? {}
  }

  body(): string {
    return JSON.stringify({
      type: `urn:annulus:problem:${this.code}`,
      title: problemKinds[this.code].title,
      status: this.status,
      detail: this.message,
      code: this.code,
      ...this.members,
    })
  }
}

const RETRY_AFTER = ['Retry-After', '1'] as const

/** Whether it is one that a server answers, rather than one that only its client meets. */
function isProblemCode(code: ErrorCode): code is ProblemCode {
  return Object.hasOwn(problemKinds, code)
}

/** What the client is told about an error; `undefined` where it was none that we threw on purpose. */
export function problemOf(error: unknown, isRead: boolean): Problem | undefined {
  if (error instanceof Problem) return error
  if (!(error instanceof CacheError)) return undefined
  const { code, message, maybeStored } = error
  if (code === 'internal' || !isProblemCode(code)) return undefined
  if (problemKinds[code].status !== 503) return new Problem(code, message)
  if (isRead) return new Problem(code, message, { headers: RETRY_AFTER })
  return unavailable(code, message, maybeStored)
}

/** A 503 for a write: it says whether the write may have been stored all the same. */
export function unavailable(code: ProblemCode, message: string, maybeStored: boolean): Problem {
  const stored = maybeStored ? 'The write may have been stored.' : 'Nothing was stored.'
  const end = /[.!?]$/.test(message) ? '' : '.'
  return new Problem(code, `${message}${end} ${stored} Try again.`, {
    headers: RETRY_AFTER,
    members: { maybeStored },
  })
}

export function internalProblem(): Problem {
  return new Problem('internal', 'Something went wrong here; the server has logged what.')
}

/** The same refusal, naming the item of the batch that caused it. */
export function atIndex(error: unknown, index: number, what: string): unknown {
  if (!(error instanceof CacheError) && !(error instanceof Problem)) return error
  if (!isProblemCode(error.code)) return error
  return new Problem(error.code, `${what} ${index}: ${error.message}`, { members: { index } })
}
