import { CacheError } from '../../errors.js'

export interface Target {
  readonly bucketId: string
  /** The credential that the load uses. */
  readonly credential: string
  /** True where the bucket was made for this run. */
  readonly made: boolean
  /** Removes what the run has left: the bucket, or the keys with the prefix. */
  cleanUp(prefix: string): Promise<void>
}

const TIMEOUT_MS = 15_000

/** Makes a bucket for the run, or takes the one that was named. */
export async function openTarget(
  url: URL,
  credential: string,
  bucket: { id?: string; maxBytes?: number },
): Promise<Target> {
  if (bucket.id !== undefined) {
    const { id } = bucket
    const path = `/v1/buckets/${encodeURIComponent(id)}`
    const answer = await call(url, credential, 'GET', `${path}/usage`)
    if (answer.status !== 200) throw refused(answer, `the bucket ${id}`)
    const cleanUp = async (prefix: string) => {
      const done = await call(url, credential, 'POST', `${path}/batch/delete`, { prefix })
      if (done.status !== 200) throw refused(done, `deleting the keys that begin with ${prefix}`)
    }
    return { bucketId: id, credential, made: false, cleanUp }
  }
  const name = `bench-${Date.now().toString(36)}-${process.pid}`
  const answer = await call(url, credential, 'POST', '/v1/buckets', {
    name,
    maxBytes: bucket.maxBytes,
  })
  if (answer.status !== 201) throw refused(answer, 'a new bucket')
  const { id, credentialKey } = answer.body
  if (typeof id !== 'string' || typeof credentialKey !== 'string') {
    throw new Error(`--url: ${url.origin} does not answer like Annulus`)
  }
  const cleanUp = async () => {
    const done = await call(url, credential, 'DELETE', `/v1/buckets/${id}`)
    if (done.status !== 204) throw refused(done, `deleting the bucket ${id}`)
  }
  return { bucketId: id, credential: credentialKey, made: true, cleanUp }
}

interface Answer {
  readonly status: number
  readonly body: Readonly<Record<string, unknown>>
}

async function call(
  url: URL,
  credential: string,
  method: string,
  path: string,
  content?: unknown,
): Promise<Answer> {
  const headers: Record<string, string> = { Authorization: `Bearer ${credential}` }
  if (content !== undefined) headers['Content-Type'] = 'application/json'
  const address = url.origin + url.pathname.replace(/\/+$/, '') + path
  try {
    const response = await fetch(address, {
      method,
      headers,
      body: content === undefined ? null : JSON.stringify(content),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    return { status: response.status, body: parse(await response.text()) }
  } catch (error) {
    const cause = error instanceof Error ? (error.cause ?? error) : error
    const reason = cause instanceof Error && 'code' in cause ? cause.code : cause
    throw new Error(`--url: nothing answers at ${url.origin} (${reason}); start one: annulus serve`)
  }
}

function parse(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    return {}
  }
}

function refused({ status, body }: Answer, what: string): Error {
  const detail = typeof body['detail'] === 'string' ? body['detail'] : 'no further word'
  if (status === 401) {
    return new CacheError('invalid_option', `--key: the server does not know it: ${detail}`)
  }
  if (status === 403) {
    const how = 'use a root or account credential, or --bucket ID with one of that bucket'
    return new CacheError(
      'invalid_option',
      `--key: it may not do this (${what}): ${detail}; ${how}`,
    )
  }
  if (status === 404) return new CacheError('invalid_option', `--bucket: ${detail}`)
  return new Error(`the server refuses ${what} with ${status}: ${detail}`)
}
