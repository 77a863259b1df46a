import { connect, type Socket } from 'node:net'

export interface Got {
  readonly status: number
  readonly head: string
  readonly body: string
}

const PATIENCE_MS = 20_000

/** One kept connection: asks, and waits for the answer. */
export class Asker {
  private readonly socket: Socket
  private came = ''
  private look: () => void = () => {}
  private isClosed = false

  private constructor(socket: Socket) {
    this.socket = socket
    socket.on('data', (chunk: Buffer) => {
      this.came += chunk.toString('latin1')
      this.look()
    })
    socket.on('error', () => {})
    socket.on('close', () => {
      this.isClosed = true
      this.look()
    })
  }

  /** So many at once, so that every acceptor gets some. */
  static many(count: number, port: number): Promise<Asker[]> {
    return Promise.all(Array.from({ length: count }, () => Asker.open(port)))
  }

  static open(port: number): Promise<Asker> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1')
      socket.setNoDelay(true)
      socket.once('error', reject)
      socket.once('connect', () => resolve(new Asker(socket)))
    })
  }

  /** Sends a part of a body that is announced as longer. */
  begin(method: string, path: string, key: string, length: number, part: string): void {
    const lines = `Host: localhost\r\nAuthorization: Bearer ${key}\r\nContent-Length: ${length}\r\n`
    this.socket.write(`${method} ${path} HTTP/1.1\r\n${lines}\r\n${part}`)
  }

  /** Undefined where the connection ended before the answer. */
  ask(method: string, path: string, key: string, body?: string): Promise<Got | undefined> {
    const length = body === undefined ? '' : `Content-Length: ${Buffer.byteLength(body)}\r\n`
    const lines = `Host: localhost\r\nAuthorization: Bearer ${key}\r\n${length}`
    this.socket.write(`${method} ${path} HTTP/1.1\r\n${lines}\r\n${body ?? ''}`)
    return this.answer(method)
  }

  /** So many at once, one behind the other. */
  async flood(path: string, key: string, count: number): Promise<void> {
    const lines = `Host: localhost\r\nAuthorization: Bearer ${key}\r\n`
    this.socket.write(`GET ${path} HTTP/1.1\r\n${lines}\r\n`.repeat(count))
    for (let i = 0; i < count; i++) await this.answer()
  }

  answer(method = ''): Promise<Got | undefined> {
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`no answer: ${this.came}`)), PATIENCE_MS)
      this.look = () => {
        const got = this.take(method)
        if (got === undefined && !this.isClosed) return
        clearTimeout(late)
        this.look = () => {}
        resolve(got)
      }
      this.look()
    })
  }

  end(): void {
    this.socket.destroy()
  }

  private take(method: string): Got | undefined {
    const end = this.came.indexOf('\r\n\r\n')
    if (end < 0) return undefined
    const head = this.came.slice(0, end)
    const status = Number(head.slice(9, 12))
    const announced = /\r\ncontent-length: ([0-9]+)/i.exec(head)?.[1] ?? '0'
    const length = method === 'HEAD' || status === 204 ? 0 : Number(announced)
    const to = end + 4 + length
    if (this.came.length < to) return undefined
    const body = this.came.slice(end + 4, to)
    this.came = this.came.slice(to)
    return { status, head, body }
  }
}
