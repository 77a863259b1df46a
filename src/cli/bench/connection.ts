import { connect as connectPlain, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { type Response, ResponseReader } from './response.js'

export interface Outgoing {
  /** Request line and headers with their blank line. */
  readonly head: string
  readonly body: Uint8Array | undefined
  /** Whether the body of a good answer is wanted. */
  readonly collect: boolean
}

interface Waiting {
  resolve(response: Response): void
  reject(error: Error): void
}

const CONNECT_TIMEOUT_MS = 10_000
const ANSWER_TIMEOUT_MS = 30_000
/** Up to this size head and body go out in one write. */
const SMALL_BODY = 16 * 1024

/** One kept-alive connection with at most one request under way; it connects anew when it must. */
export class Connection {
  readonly #url: URL
  #socket: Socket | undefined
  #reader = new ResponseReader()
  #waiting: Waiting | undefined
  #closed = false

  constructor(url: URL) {
    this.#url = url
  }

  async send(outgoing: Outgoing): Promise<Response> {
    const socket = this.#socket ?? (await this.#connect())
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject }
      this.#reader.begin(outgoing.collect)
      const { head, body } = outgoing
      if (body === undefined) {
        socket.write(head, 'latin1')
      } else if (body.length <= SMALL_BODY) {
        const bytes = Buffer.allocUnsafe(head.length + body.length)
        bytes.write(head, 'latin1')
        bytes.set(body, head.length)
        socket.write(bytes)
      } else {
        socket.cork()
        socket.write(head, 'latin1')
        socket.write(body)
        socket.uncork()
      }
    })
  }

  close(): void {
    this.#closed = true
    this.#fail(new Error('the run is over'))
  }

  #connect(): Promise<Socket> {
    const { protocol, hostname, port } = this.#url
    const secure = protocol === 'https:'
    const host = hostname.replace(/^\[|\]$/g, '')
    const at = { host, port: Number(port) || (secure ? 443 : 80), noDelay: true }
    return new Promise((resolve, reject) => {
      const socket = secure ? connectTls({ ...at, servername: host }) : connectPlain(at)
      const refused = (error: Error) => {
        socket.destroy()
        reject(error)
      }
      socket.setTimeout(CONNECT_TIMEOUT_MS, () => refused(new Error('no connection within 10 s')))
      socket.once('error', refused)
      socket.once(secure ? 'secureConnect' : 'connect', () => {
        socket.off('error', refused)
        if (this.#closed) return refused(new Error('the run is over'))
        this.#adopt(socket)
        resolve(socket)
      })
    })
  }

  #adopt(socket: Socket): void {
    this.#socket = socket
    this.#reader = new ResponseReader()
    socket.removeAllListeners('timeout')
    socket.setTimeout(ANSWER_TIMEOUT_MS, () => {
      if (this.#waiting === undefined) return
      this.#fail(new Error(`no answer within ${ANSWER_TIMEOUT_MS / 1000} s`))
    })
    socket.on('data', (chunk) => this.#take(chunk))
    socket.on('error', (error) => this.#fail(error))
    socket.on('close', () => {
      if (this.#socket === socket) this.#fail(new Error('the server closed the connection'))
    })
  }

  #take(chunk: Buffer): void {
    const waiting = this.#waiting
    if (waiting === undefined) {
      this.#fail(new Error('an answer that nothing asked for'))
      return
    }
    try {
      const response = this.#reader.feed(chunk)
      if (response === undefined) return
      this.#waiting = undefined
      if (!response.keepsOpen) this.#drop()
      waiting.resolve(response)
    } catch (error) {
      this.#fail(error instanceof Error ? error : new Error(String(error)))
    }
  }

  #fail(error: Error): void {
    const waiting = this.#waiting
    this.#waiting = undefined
    this.#drop()
    waiting?.reject(error)
  }

  #drop(): void {
    const socket = this.#socket
    this.#socket = undefined
    socket?.destroy()
  }
}
