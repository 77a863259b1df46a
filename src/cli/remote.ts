import { Option } from 'commander'
import { AnnulusClient, ClientError, type ServerEvent } from '../client/index.js'
import { CacheError } from '../errors.js'
import { httpAddress } from './parsers.js'

/** What the server said no to, in its own words. */
export class Refused extends Error {
  readonly status: number

  constructor(status: number, detail: string) {
    super(`${status}: ${detail}`)
    this.name = 'Refused'
    this.status = status
  }
}

interface RemoteOptions {
  readonly timeout?: string
  readonly retries?: number
}

/** A running server, whose refusals are told as the command line has them. */
export class Remote {
  readonly name: string
  private readonly client: AnnulusClient

  constructor(url: URL, credential: string, options: RemoteOptions = {}) {
    this.name = url.origin
    this.client = new AnnulusClient({ url, key: credential, ...options })
  }

  /** Throws Refused for a 4xx or 5xx, an error that names --url for anything else. */
  async ask<T>(call: (client: AnnulusClient) => Promise<T>): Promise<T> {
    try {
      return await call(this.client)
    } catch (error) {
      throw told(error)
    }
  }

  async *events(signal: AbortSignal): AsyncGenerator<ServerEvent, void, void> {
    try {
      yield* this.client.events({ signal })
    } catch (error) {
      throw told(error)
    }
  }
}

function told(error: unknown): unknown {
  if (!(error instanceof ClientError)) return error
  const { code, status, message } = error
  if (status === undefined || code === 'unexpected_answer') return new Error(`--url: ${message}`)
  return new Refused(status, message)
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
  const key = given || process.env['ANNULUS_ROOT_KEY'] // an empty variable counts as not set
  if (key === undefined || key === '') {
    const text = `--key: missing; ${how} (ANNULUS_KEY, ANNULUS_ROOT_KEY)`
    throw new CacheError('invalid_option', text)
  }
  if (!/^[\x21-\x7e]+$/.test(key)) {
    throw new CacheError('invalid_option', '--key: a credential has no spaces or line breaks')
  }
  return key
}
