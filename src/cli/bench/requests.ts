import type { Outgoing } from './connection.js'

/** Builds the requests on one bucket's keys, with everything that never changes put together once. */
export class Requests {
  readonly #base: string
  readonly #tail: string
  readonly #prefix: string
  readonly #query: string
  readonly #ttlMs: number | undefined
  readonly #value: Buffer

  /** `maxValueBytes` is the longest value that will be asked for. */
  constructor(
    url: URL,
    bucketId: string,
    credential: string,
    keys: { prefix: string; ttlMs: number | undefined; maxValueBytes: number },
  ) {
    const root = url.pathname.replace(/\/+$/, '')
    this.#base = `${root}/v1/buckets/${encodeURIComponent(bucketId)}`
    this.#tail = ` HTTP/1.1\r\nHost: ${url.host}\r\nAuthorization: Bearer ${credential}\r\n`
    this.#prefix = keys.prefix
    this.#ttlMs = keys.ttlMs
    this.#query = keys.ttlMs === undefined ? '' : `?ttl=${keys.ttlMs}`
    this.#value = Buffer.from(printable(keys.maxValueBytes), 'latin1')
  }

  get(key: number | string): Outgoing {
    const head = `GET ${this.#base}/keys/${this.#prefix}${key}${this.#tail}\r\n`
    return { head, body: undefined, collect: false }
  }

  put(key: number | string, sizeBytes: number): Outgoing {
    const head =
      `PUT ${this.#base}/keys/${this.#prefix}${key}${this.#query}${this.#tail}` +
      `Content-Type: application/octet-stream\r\nContent-Length: ${sizeBytes}\r\n\r\n`
    return { head, body: this.#value.subarray(0, sizeBytes), collect: false }
  }

  getMany(keys: readonly number[]): Outgoing {
    return this.#post('get', { keys: this.#names(keys) })
  }

  putMany(keys: readonly number[], sizeBytes: number): Outgoing {
    const value = this.#value.toString('latin1', 0, sizeBytes)
    const body = { keys: this.#names(keys), values: keys.map(() => value), ttl: this.#ttlMs }
    return this.#post('put', body)
  }

  #names(keys: readonly number[]): string[] {
    return keys.map((key) => this.#prefix + key)
  }

  #post(verb: string, content: unknown): Outgoing {
    const body = Buffer.from(JSON.stringify(content))
    const head =
      `POST ${this.#base}/batch/${verb}${this.#tail}` +
      `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`
    return { head, body, collect: true }
  }
}

/** Text that does not compress to nothing and needs no escape in JSON. */
function printable(length: number): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  let state = 0x9e3779b9
  let block = ''
  for (let i = 0; i < 4_096; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    block += alphabet[state >>> 26]
  }
  return block.repeat(Math.ceil(length / block.length)).slice(0, length)
}
