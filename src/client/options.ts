import { CacheError } from '../errors.js'
import { checkKnown, type Names } from '../known-options.js'
import { parseDuration } from '../units.js'
import { systemPace } from './retry.js'

/** `fetch`, as far as it is needed. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>

export interface ClientOptions {
  /** Where the server is, such as `http://127.0.0.1:7070`. */
  readonly url: string | URL
  /** A credential's key: what goes with every call but those about health. */
  readonly key?: string | undefined
  /** For a call in all, its retries included: a duration; `10s` unless said. */
  readonly timeout?: string | number | undefined
  /** How often a call is tried again where that is safe: 2 unless said, 0 for never. */
  readonly retries?: number | undefined
  /** How a bucket is named: in the path, or by a host name of its own. `path` unless said. */
  readonly style?: 'path' | 'host' | undefined
  /** Whether gets of one turn travel together: they do unless told otherwise. */
  readonly gather?: boolean | undefined
  readonly fetch?: Fetch | undefined
  /** For tests: 0 to 1, a time in ms that only rises, and a pause that the signal ends. */
  readonly random?: (() => number) | undefined
  readonly now?: (() => number) | undefined
  readonly sleep?: ((ms: number, signal: AbortSignal) => Promise<void>) | undefined
}

/** What every call takes. */
export interface CallOptions {
  /** Ends the call: it rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined
  /** Instead of the client's own: a duration, or milliseconds. */
  readonly timeout?: string | number | undefined
}

/** Options once they are checked. */
export interface Settings {
  /** Without a slash at its end. */
  readonly url: string
  readonly key: string | undefined
  readonly timeoutMs: number
  readonly retries: number
  readonly isHostStyle: boolean
  readonly gathers: boolean
  readonly fetch: Fetch
  readonly random: () => number
  readonly now: () => number
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>
}

const TIMEOUT_MS = 10_000
const RETRIES = 2
const MAX_RETRIES = 100
const VISIBLE = /^[\x21-\x7e]+$/

const NAMES = {
  url: true,
  key: true,
  timeout: true,
  retries: true,
  style: true,
  gather: true,
  fetch: true,
  random: true,
  now: true,
  sleep: true,
} satisfies Names<ClientOptions>

/** Throws `invalid_option` and `invalid_ttl`. */
export function settingsOf(options: ClientOptions): Settings {
  checkKnown(options, NAMES)
  const { timeout, retries = RETRIES, style = 'path', gather = true } = options
  if (!Number.isInteger(retries) || retries < 0 || retries > MAX_RETRIES) {
    throw refused('retries', `is a whole number from 0 to ${MAX_RETRIES}`)
  }
  if (style !== 'path' && style !== 'host') throw refused('style', 'is path or host')
  return {
    url: baseOf(options.url),
    key: keyOf(options.key),
    timeoutMs: timeout === undefined ? TIMEOUT_MS : parseDuration(timeout, 'timeout'),
    retries,
    isHostStyle: style === 'host',
    gathers: gather,
    // Called by its name: a fetch that is handed on loses what it is bound to in browsers.
    fetch: options.fetch ?? ((url, init) => fetch(url, init)),
    random: options.random ?? systemPace.random,
    now: options.now ?? systemPace.now,
    sleep: options.sleep ?? systemPace.sleep,
  }
}

/** A key that can stand in a header. */
export function keyOf(key: string | undefined): string | undefined {
  if (key === undefined || VISIBLE.test(key)) return key
  throw refused('key', 'is a credential: it has no spaces or line breaks, and is not empty')
}

/** The address below which the paths of the API stand. */
export function baseOf(url: string | URL): string {
  const parsed = parse(url)
  if (parsed.protocol !== 'http:' && parsed.protocol !== 'https:') {
    throw refused('url', 'begins with http:// or https://')
  }
  if (
    parsed.username !== '' ||
    parsed.password !== '' ||
    parsed.search !== '' ||
    parsed.hash !== ''
  ) {
    throw refused('url', 'has no user, query or fragment; the credential is told as key')
  }
  return parsed.href.replace(/\/+$/, '')
}

function parse(url: string | URL): URL {
  try {
    return new URL(url)
  } catch {
    throw refused('url', 'is such as http://127.0.0.1:7070')
  }
}

function refused(name: string, rule: string): CacheError {
  return new CacheError('invalid_option', `${name} ${rule}`)
}
