import { CacheError } from '../errors.js'

/** Where a key stands on the ring, as `GET /v1/buckets/{id}/explain` answers it. */
export interface Explanation {
  readonly hash: number
  readonly angle: number
  readonly token: number
  readonly owner: string
  readonly successors: readonly string[]
  readonly epoch: number
}

const TIMEOUT_MS = 10_000

/** Asks a running server. */
export async function explainOverHttp(
  url: string,
  bucketId: string,
  key: string,
  credential: string,
): Promise<Explanation> {
  const address = explainAddress(url, bucketId, key)
  const response = await fetch(address, {
    headers: { Authorization: `Bearer ${credential}` },
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).catch((error: unknown) => {
    const cause = error instanceof Error ? (error.cause ?? error) : error
    throw new Error(`--url: ${address.origin} does not answer: ${reason(cause)}`)
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${response.status}: ${problemDetail(text)}`)
  return JSON.parse(text)
}

function explainAddress(url: string, bucketId: string, key: string): URL {
  const path = `/v1/buckets/${encodeURIComponent(bucketId)}/explain?key=${encodeURIComponent(key)}`
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw new CacheError('invalid_option', `--url: ${JSON.stringify(url)} is not an http(s) URL`)
  }
  return new URL(url.replace(/\/+$/, '') + path)
}

function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message
}

/** `detail` of a problem document, or what came instead. */
function problemDetail(text: string): string {
  try {
    const problem: { detail?: unknown } = JSON.parse(text)
    if (typeof problem.detail === 'string') return problem.detail
  } catch {
    // Not JSON: something between here and the server answered.
  }
  return text.slice(0, 200)
}

export function explanationLines(key: string, explanation: Explanation): string[] {
  const { hash, angle, token, owner, successors, epoch } = explanation
  const degrees = (position: number) => ((position / 2 ** 32) * 360).toFixed(4)
  return [
    `key         ${key}`,
    `hash        ${hash} (0x${hash.toString(16).padStart(8, '0')})`,
    `angle       ${angle.toFixed(4)}°`,
    `token       ${token} (${degrees(token)}°)`,
    `owner       ${owner}`,
    `successors  ${successors.length === 0 ? 'none' : successors.join(', ')}`,
    `epoch       ${epoch}`,
  ]
}
