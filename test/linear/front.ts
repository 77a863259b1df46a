import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Chance } from '../store/chance.js'

/** How a front lies, now and then. */
export type Lie = 'none' | 'old answer' | 'lost delete' | 'miss'

interface Kept {
  readonly status: number
  readonly headers: Record<string, string>
  readonly body: Buffer
}

const KEPT_HEADERS = ['etag', 'content-type', 'content-length', 'cache-status']

export interface Front {
  readonly port: number
  /** How many answers were not the server's. */
  lies(): number
  close(): Promise<void>
}

/** A proxy before the server at `port` that passes everything on, but for its lie. */
export async function openFront(port: number, lie: Lie, seed: number): Promise<Front> {
  const chance = new Chance(seed)
  const agent = new Agent({ keepAlive: true })
  const old = new Map<string, Kept>()
  let lies = 0
  const answer = async (req: IncomingMessage, res: ServerResponse) => {
    const { method = '', url = '' } = req
    const body = await bytesOf(req)
    const isKey = url.includes('/keys/')
    const isLying = isKey && lie !== 'none' && chance.once(lie === 'lost delete' ? 3 : 20)
    const earlier = old.get(url)
    if (isLying && lie === 'old answer' && method === 'GET' && earlier !== undefined) {
      lies++
      send(res, earlier)
      return
    }
    const asked = { method, path: url, headers: req.headers, body }
    if (isLying && lie === 'lost delete' && method === 'DELETE') {
      const head = await pass(port, agent, { ...asked, method: 'HEAD', headers: plain(req) })
      if (head.status === 200) {
        lies++
        send(res, { status: 204, headers: {}, body: Buffer.alloc(0) })
        return
      }
    }
    const kept = await pass(port, agent, asked)
    if (isLying && lie === 'miss' && method === 'GET' && kept.status === 200) {
      lies++
      send(res, { status: 404, headers: {}, body: Buffer.alloc(0) })
      return
    }
    // The first answer that gave a value goes on being given.
    if (method === 'GET' && kept.status === 200 && !old.has(url)) old.set(url, kept)
    send(res, kept)
  }
  const server = createServer((req, res) => {
    answer(req, res).catch(() => res.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    lies: () => lies,
    close: () => {
      agent.destroy()
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

function plain(req: IncomingMessage): Record<string, string> {
  return { authorization: req.headers.authorization ?? '' }
}

async function bytesOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of message) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

function send(res: ServerResponse, { status, headers, body }: Kept): void {
  res.writeHead(status, headers)
  res.end(body)
}

interface Passed {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
}

function pass(port: number, agent: Agent, { body, ...asked }: Passed): Promise<Kept> {
  return new Promise((resolve, reject) => {
    const req = request({ host: '127.0.0.1', port, agent, ...asked }, (res) => {
      const headers: Record<string, string> = {}
      for (const name of KEPT_HEADERS) {
        const value = res.headers[name]
        if (typeof value === 'string') headers[name] = value
      }
      bytesOf(res).then((bytes) => {
        resolve({ status: res.statusCode ?? 0, headers, body: bytes })
      }, reject)
    })
    req.on('error', reject)
    req.end(body)
  })
}
