import { Option } from 'commander'
import { CacheError } from '../errors.js'
import { httpAddress } from './parsers.js'

const TIMEOUT_MS = 10_000

/** What the server said no to, in its own words. */
export class Refused extends Error {
  readonly status: number

  constructor(status: number, detail: string) {
    super(`${status}: ${detail}`)
    this.name = 'Refused'
    this.status = status
  }
}

export interface Asked {
  readonly method?: string
  readonly body?: object
  readonly signal?: AbortSignal
  readonly timeoutMs?: number
}

/** A running server, asked as its HTTP API has it. */
export class Remote {
  readonly name: string
  private readonly base: string
  private readonly credential: string

  constructor(url: URL, credential: string) {
    this.name = url.origin
    this.base = url.href.replace(/\/+$/, '')
    this.credential = credential
  }

  /** The answer's JSON. Throws Refused for a 4xx or 5xx, an error that names --url for anything else. */
  async json<T>(path: string, asked: Asked = {}): Promise<T> {
    const timeout = AbortSignal.timeout(asked.timeoutMs ?? TIMEOUT_MS)
    const { signal } = asked
    const response = await this.fetch(path, {
      ...asked,
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
    })
    const text = await response.text().catch((error: unknown) => {
      throw this.unreachable(error)
    })
    try {
      return JSON.parse(text)
    } catch {
      throw new Error(`--url: ${this.name} is no Annulus server: it does not answer in JSON`)
    }
  }

  /** The answer's bytes as they come, until the signal. */
  async stream(path: string, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
    const { body } = await this.fetch(path, { signal })
    if (body === null) throw new Error(`--url: ${this.name} sent no body`)
    return body
  }

  unreachable(error: unknown): Error {
    const cause = error instanceof Error ? (error.cause ?? error) : error
    return new Error(`--url: ${this.name} does not answer: ${reason(cause)}`)
  }

  private async fetch(path: string, { method, body, signal }: Asked): Promise<Response> {
    const headers: Record<string, string> = { Authorization: `Bearer ${this.credential}` }
    if (body !== undefined) headers['Content-Type'] = 'application/json'
    const response = await fetch(this.base + path, {
      headers,
      ...(method === undefined ? {} : { method }),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    }).catch((error: unknown) => {
      throw this.unreachable(error)
    })
    if (response.ok) return response
    throw new Refused(response.status, problemDetail(await response.text().catch(() => '')))
  }
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

export function urlOption(): Option {
  return new Option('--url <url>', 'the server').env('ANNULUS_URL').argParser(httpAddress)
}

/** Where it stands on one machine, when nobody says otherwise. */
export function localUrlOption(): Option {
  return urlOption().default(new URL('http://127.0.0.1:7070'), 'http://127.0.0.1:7070')
}

export function keyOption(describe: string): Option {
  return new Option('--key <credential>', describe).env('ANNULUS_KEY')
}

/** The credential that was given, one way or the other. */
export function credentialOf(given: string | undefined, how: string): string {
  const key = given ?? process.env['ANNULUS_ROOT_KEY']
  if (key === undefined || key === '') {
    throw new CacheError('invalid_option', `--key: missing; ${how}`)
  }
  if (!/^[\x21-\x7e]+$/.test(key)) {
    throw new CacheError('invalid_option', '--key: a credential has no spaces or line breaks')
  }
  return key
}
