/**
 * What node:http alone can do, in a process of its own and on as many threads as told: answers every
 * GET with the same head and body, reads every PUT's body and answers 204. The head is given, so that
 * it equals ours.
 */
import { createServer, type Server } from 'node:http'
import { isMainThread, Worker, workerData } from 'node:worker_threads'

export interface BareHttp {
  readonly port: number
  readonly threads: number
  readonly body: string
  readonly getHeaders: readonly string[]
  readonly putHeaders: readonly string[]
  readonly keepAliveMs: number
}

interface Share {
  readonly options: BareHttp
  readonly at: ListenAt
}

type ListenAt = { fd: number } | { port: number; host: string; reusePort?: boolean }

function serverOf({ body, getHeaders, putHeaders, keepAliveMs }: BareHttp): Server {
  return createServer({ noDelay: true, keepAliveTimeout: keepAliveMs }, (req, res) => {
    if (req.method !== 'PUT') {
      res.writeHead(200, getHeaders as string[])
      res.end(body, 'latin1')
      return
    }
    const chunks: Buffer[] = []
    req.on('data', (chunk: Buffer) => chunks.push(chunk))
    req.on('end', () => {
      res.writeHead(204, putHeaders as string[])
      res.end()
    })
  })
}

function serve(options: BareHttp): void {
  const { port, threads } = options
  const [major, minor] = process.versions.node.split('.').map(Number)
  const canShare = major > 22 || (major === 22 && minor >= 12)
  const home = { port, host: '127.0.0.1', ...(canShare ? { reusePort: true } : {}) }
  const server = serverOf(options)
  server.listen(home, () => {
    // Where a port cannot be had twice, the threads take the one listening socket.
    const { fd } = (server as unknown as { _handle: { fd: number } })._handle
    const at: ListenAt = canShare ? home : { fd }
    const share: Share = { options, at }
    const file = new URL(import.meta.url)
    for (let i = 1; i < threads; i++) new Worker(file, { workerData: share })
  })
  process.on('SIGTERM', () => process.exit(0))
}

if (isMainThread) {
  const [options] = process.argv.slice(2)
  if (options !== undefined) serve(JSON.parse(options) as BareHttp)
} else {
  const { options, at } = workerData as Share
  serverOf(options).listen(at)
}
