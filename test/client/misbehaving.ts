import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What becomes of one request. */
export type Manner = (req: IncomingMessage, res: ServerResponse, body: Buffer) => void

/** A server that does as it is told, one manner for each request, the last one for all further. */
export interface Misbehaving {
  readonly url: string
  /** `PUT /path`, as they came. */
  readonly requests: string[]
  /** From now on. */
  will(...manners: Manner[]): void
  close(): void
}

export async function misbehaving(): Promise<Misbehaving> {
  const requests: string[] = []
  let left: Manner[] = []
  const server = createServer((req, res) => {
    requests.push(`${req.method} ${req.url}`)
    const manner = left.length > 1 ? left.shift() : left[0]
    const chunks: Buffer[] = []
    req.on('data', (chunk: Buffer) => chunks.push(chunk))
    req.on('end', () => manner?.(req, res, Buffer.concat(chunks)))
    req.on('error', () => {})
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    will(...manners) {
      requests.length = 0
      left = manners
    },
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}

/** What the API sends with a value. */
export const AS_VALUE = { ETag: '"1"', 'Cache-Status': 'annulus; hit' }

export const cut: Manner = (req) => {
  req.socket.destroy()
}

/** Says more than comes. */
export const truncated: Manner = (_, res) => {
  res.writeHead(200, { 'Content-Length': '100', ...AS_VALUE })
  res.write('only so much', () => res.destroy())
}

export const silent: Manner = () => {}

export function answers(status: number, body: string | Uint8Array, headers: object = {}): Manner {
  return (_, res) => {
    res.writeHead(status, { ...headers }).end(body)
  }
}

export function problem(status: number, code: string, more: object = {}, headers = {}): Manner {
  const body = JSON.stringify({
    type: 'urn:x',
    title: 'X',
    status,
    code,
    detail: `it is ${code}`,
    ...more,
  })
  return answers(status, body, { 'Content-Type': 'application/problem+json', ...headers })
}
