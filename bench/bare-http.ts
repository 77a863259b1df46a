/**
 * What node:http alone can do, in a process of its own: answers every GET with the same head and
 * body, reads every PUT's body and answers 204. The head is given, so that it equals ours.
 */
import { createServer } from 'node:http'

export interface BareHttp {
  readonly port: number
  readonly body: string
  readonly getHeaders: readonly string[]
  readonly putHeaders: readonly string[]
  readonly keepAliveMs: number
}

function serve({ port, body, getHeaders, putHeaders, keepAliveMs }: BareHttp): void {
  const server = createServer({ noDelay: true, keepAliveTimeout: keepAliveMs }, (req, res) => {
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
  server.listen(port, '127.0.0.1')
  process.on('SIGTERM', () => process.exit(0))
}

const [options] = process.argv.slice(2)
if (options !== undefined) serve(JSON.parse(options) as BareHttp)
