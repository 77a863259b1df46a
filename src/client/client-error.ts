import { CacheError, type ErrorCode } from '../errors.js'
import { cacheStatusOf } from './expected.js'

interface Details {
  readonly status?: number | undefined
  readonly index?: number | undefined
  readonly retryAfterMs?: number | undefined
  readonly maybeStored?: boolean
  readonly cause?: unknown
}

/** A CacheError that came of a call to a server. */
export class ClientError extends CacheError {
  /** Of the answer, where there was one. */
  readonly status: number | undefined
  /** The item of a batch that was refused, where it was one. */
  readonly index: number | undefined
  /** How long the server asks to be left alone. */
  readonly retryAfterMs: number | undefined

  constructor(code: ErrorCode, message: string, details: Details = {}) {
    const { maybeStored = false, cause } = details
    super(code, message, cause === undefined ? { maybeStored } : { maybeStored, cause })
    this.status = details.status
    this.index = details.index
    this.retryAfterMs = details.retryAfterMs
  }
}

/** What is known of the request whose answer it is. */
interface About {
  readonly isRead: boolean
  readonly where: string
}

const MAX_SHOWN = 200
const REDIRECTION = 300
const REFUSAL = 400
const SERVER_FAULT = 500

/** An answer that says no: a problem document, or what something between here and the server made. */
export function refusalOf(
  status: number,
  headers: Headers,
  text: string,
  { isRead, where }: About,
): ClientError {
  const { code, detail, index, maybeStored } =
    status < REFUSAL ? {} : text === '' ? silent(status, headers) : problemOf(text)
  // Done, or so it seems; or it failed, and does not say how far it got.
  const isUnknown = status < REDIRECTION || (status >= SERVER_FAULT && maybeStored !== false)
  const details = {
    status,
    index: typeof index === 'number' ? index : undefined,
    retryAfterMs: retryAfterOf(headers),
    maybeStored: !isRead && (maybeStored === true || isUnknown),
  }
  if (typeof code === 'string' && typeof detail === 'string') {
    return new ClientError(code as ErrorCode, detail, details)
  }
  const shown = text.replace(/\s+/g, ' ').trim().slice(0, MAX_SHOWN)
  const what = `${where} answered ${status}, and not as Annulus does${shown && `: ${shown}`}`
  return new ClientError('unexpected_answer', what, details)
}

/** What was asked for, or `other` where the server refuses with one of these codes. */
export async function unlessRefused<T, O>(
  asked: Promise<T>,
  codes: readonly ErrorCode[],
  other: O,
): Promise<T | O> {
  try {
    return await asked
  } catch (error) {
    if (error instanceof ClientError && codes.includes(error.code)) return other
    throw error
  }
}

/** Nobody answered, or the answer broke off. */
export function unreachable(cause: unknown, { isRead, where }: About): ClientError {
  const root = cause instanceof Error ? (cause.cause ?? cause) : cause
  return new ClientError('unreachable', `${where} does not answer: ${reasonOf(root)}`, {
    cause,
    maybeStored: !isRead,
  })
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message
}

/** An answer to HEAD has no body that could say more. */
function silent(status: number, headers: Headers): MaybeProblem {
  const isMiss = cacheStatusOf(headers).includes('fwd=miss')
  if (status === 404 && isMiss) return { code: 'key_not_found', detail: 'The key is not there.' }
  const code = CODES_BY_STATUS[status]
  return code === undefined ? {} : { code, detail: `The server answered ${status}.` }
}

const CODES_BY_STATUS: { readonly [status: number]: ErrorCode | undefined } = {
  401: 'unauthorized',
  403: 'forbidden',
  404: 'bucket_not_found',
  412: 'version_mismatch',
  500: 'internal',
  503: 'overloaded',
}

interface MaybeProblem {
  readonly code?: unknown
  readonly detail?: unknown
  readonly index?: unknown
  readonly maybeStored?: unknown
}

function problemOf(text: string): MaybeProblem {
  try {
    const json: unknown = JSON.parse(text)
    return typeof json === 'object' && json !== null ? json : {}
  } catch {
    return {}
  }
}

function retryAfterOf(headers: Headers): number | undefined {
  const seconds = /^[0-9]{1,9}$/.exec(headers.get('Retry-After') ?? '')
  return seconds === null ? undefined : Number(seconds[0]) * 1_000
}
