import { Agent, request } from 'node:http'

export interface Answer {
  readonly status: number
  readonly etag: string | undefined
  readonly text: string
}

export interface Question {
  readonly method: string
  readonly path: string
  readonly headers?: Record<string, string>
  readonly body?: string
}

/** Beyond it an answer counts as lost: the call may yet take effect. */
const PATIENCE_MS = 20_000

/** One client with one connection, kept alive. */
export class Client {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 1 })
  private readonly port: number
  private readonly credential: string

  constructor(port: number, credential: string) {
    this.port = port
    this.credential = credential
  }

  /** The whole answer, or `lost` where the connection ended before it. */
  ask({ method, path, headers, body }: Question): Promise<Answer | 'lost'> {
    const { agent, port } = this
    const all: Record<string, string> = { Authorization: `Bearer ${this.credential}`, ...headers }
    if (body !== undefined) all['Content-Length'] = String(Buffer.byteLength(body))
    const where = { host: '127.0.0.1', port, agent, method, path, headers: all }
    return new Promise((resolve) => {
      const lost = () => resolve('lost')
      const asked = request({ ...where, timeout: PATIENCE_MS }, (res) => {
        const chunks: Buffer[] = []
        res.on('data', (chunk: Buffer) => chunks.push(chunk))
        res.on('error', lost)
        res.on('aborted', lost)
        res.on('end', () => {
          const text = Buffer.concat(chunks).toString()
          resolve({ status: res.statusCode ?? 0, etag: res.headers.etag, text })
        })
      })
      asked.on('timeout', () => asked.destroy())
      asked.on('error', lost)
      asked.end(body)
    })
  }

  /** A call that has to go well. */
  async json(question: Question): Promise<Record<string, unknown>> {
    const headers = { 'Content-Type': 'application/json', ...question.headers }
    const answer = await this.ask(question.body === undefined ? question : { ...question, headers })
    if (answer === 'lost' || answer.status >= 300) {
      const told = answer === 'lost' ? answer : `${answer.status} ${answer.text}`
      throw new Error(`${question.method} ${question.path}: ${told}`)
    }
    return answer.text === '' ? {} : (JSON.parse(answer.text) as Record<string, unknown>)
  }

  close(): void {
    this.agent.destroy()
  }
}
