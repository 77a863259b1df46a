export interface Response {
  readonly status: number
  /** Collected where it was asked for, and with every error. */
  readonly body: Buffer | undefined
  readonly keepsOpen: boolean
}

const HEAD_END = Buffer.from('\r\n\r\n')
const MAX_HEAD = 64 * 1024
const MAX_COLLECTED = 64 * 1024 * 1024

/**
 * Reads one HTTP/1.1 response after another from a connection's bytes. It does only what a load
 * run needs, which is why it costs a fraction of node:http's client: lengths and chunks are
 * followed, headers are not kept.
 */
export class ResponseReader {
  #rest: Buffer | undefined
  #head: { status: number; keepsOpen: boolean } | undefined
  #collects = false
  #chunked = false
  /** Bytes of the body, or of the chunk with its line break, that are still to come. */
  #left = 0
  #collected: Buffer[] = []
  #collectedBytes = 0

  /** Begins a response; `collect` keeps the body of a good one too. */
  begin(collect: boolean): void {
    this.#head = undefined
    this.#collects = collect
    this.#collected = []
    this.#collectedBytes = 0
  }

  /** Takes bytes; gives the response once it is complete. Throws on what is not HTTP/1.1. */
  feed(chunk: Buffer): Response | undefined {
    let bytes = this.#rest === undefined ? chunk : Buffer.concat([this.#rest, chunk])
    this.#rest = undefined
    while (true) {
      if (this.#head === undefined) {
        const end = bytes.indexOf(HEAD_END)
        if (end < 0) return this.#wait(bytes, 'head')
        this.#readHead(bytes.toString('latin1', 0, end + 2))
        bytes = bytes.subarray(end + 4)
        continue
      }
      if (this.#left > 0) {
        const part = bytes.subarray(0, this.#left)
        this.#collect(part)
        this.#left -= part.length
        bytes = bytes.subarray(part.length)
        if (this.#left > 0) return undefined
      }
      if (!this.#chunked) return this.#finish(bytes)
      const end = bytes.indexOf('\r\n')
      if (end < 0) return this.#wait(bytes, 'chunk size')
      const size = Number.parseInt(bytes.toString('latin1', 0, end), 16)
      if (Number.isNaN(size)) throw new Error('a chunk without a size')
      if (size === 0) {
        if (bytes.length < end + 4) return this.#wait(bytes, 'end of chunks')
        return this.#finish(bytes.subarray(end + 4))
      }
      bytes = bytes.subarray(end + 2)
      this.#left = size + 2
    }
  }

  #wait(bytes: Buffer, what: string): undefined {
    if (bytes.length > MAX_HEAD) throw new Error(`a ${what} without an end`)
    this.#rest = bytes
    return undefined
  }

  #readHead(head: string): void {
    const status = /^HTTP\/1\.[01] (\d{3})/.exec(head)?.[1]
    if (status === undefined) throw new Error(`"${head.slice(0, 20)}" is no answer of HTTP/1.1`)
    const code = Number(status)
    // 100 Continue and its like: the answer itself follows.
    if (code < 200) return
    const keepsOpen = !/\r\nconnection:\s*close/i.test(head) && head.startsWith('HTTP/1.1')
    this.#head = { status: code, keepsOpen }
    const hasBody = code !== 204 && code !== 304
    this.#chunked = hasBody && /\r\ntransfer-encoding:\s*chunked/i.test(head)
    const length = /\r\ncontent-length:\s*(\d+)/i.exec(head)?.[1]
    if (hasBody && !this.#chunked && length === undefined) {
      throw new Error('an answer without Content-Length')
    }
    this.#left = hasBody && !this.#chunked ? Number(length) : 0
  }

  #collect(part: Buffer): void {
    const wanted = this.#collects || (this.#head?.status ?? 0) >= 400
    this.#collectedBytes += part.length
    if (!wanted || this.#collectedBytes > MAX_COLLECTED) return
    // A chunk's own line break stays out of the body.
    const end = this.#chunked ? Math.max(0, this.#left - 2) : part.length
    this.#collected.push(part.subarray(0, end))
  }

  #finish(rest: Buffer): Response {
    const { status, keepsOpen } = this.#head ?? { status: 0, keepsOpen: false }
    if (rest.length > 0) throw new Error('bytes after the end of an answer')
    const collected = this.#collected
    const body = collected.length === 1 ? collected[0] : Buffer.concat(collected)
    this.#head = undefined
    return { status, keepsOpen, body: collected.length === 0 ? undefined : body }
  }
}
