import { refuseBody } from '../body.js'
import { matchesAny } from '../conditions.js'
import type { HomeExchange } from '../exchange.js'
import { refuseQuery } from '../query.js'

/** What this server can be asked, as OpenAPI. */
export async function describeApi(x: HomeExchange): Promise<void> {
  refuseQuery(x.search)
  refuseBody(x)
  const { bytes, etag } = await x.service.document.get()
  const { ifNoneMatch } = x.head
  const headers = ['ETag', etag, 'Cache-Control', 'no-cache']
  if (ifNoneMatch !== undefined && matchesAny(ifNoneMatch, etag)) {
    x.res.writeHead(304, headers)
    x.res.end()
    return
  }
  x.res.writeHead(200, [
    ...['Content-Type', 'application/json', 'Content-Length', String(bytes.length)],
    ...headers,
  ])
  x.res.end(bytes)
}
