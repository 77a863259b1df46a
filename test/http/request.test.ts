import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Request } from '../../src/http/request.js'
import { raw } from './served.js'

const test = suite('http/request')
const GET = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'
const PUT = 'PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody'
const LAST = 'GET /last HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'

/** Sends these over one connection; each is answered by `answer`, and given back as it is at the end. */
async function exchange(
  messages: readonly string[],
  answer: (req: Request, res: ServerResponse) => void,
): Promise<{ readonly requests: readonly Request[]; readonly came: string }> {
  const requests: Request[] = []
  const server: Server = createServer<typeof Request>({ IncomingMessage: Request }, (req, res) => {
    requests.push(req)
    answer(req, res)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    const { port } = server.address() as AddressInfo
    return { came: await raw(port, [...messages, LAST].join('')), requests }
  } finally {
    server.close()
  }
}

function events(req: Request): string[] {
  const seen: string[] = []
  for (const name of ['end', 'close', 'error']) req.on(name, () => seen.push(name))
  return seen
}

test('a request that nobody reads ends without a word, and Node lets go of it at once', async () => {
  const seen: string[][] = []
  const { requests, came } = await exchange([GET, GET], (req, res) => {
    seen.push(events(req))
    req.forgo()
    res.end('ok')
  })
  assert.is(came.split('200 OK').length - 1, 3)
  for (const [i, req] of requests.entries()) {
    assert.ok(req.complete && req.readableEnded)
    assert.equal(seen[i], [])
    assert.is(req.listenerCount('end'), 1, 'Node waits for the end')
  }
})

test('so does one whose body went to a sink', async () => {
  const { requests, came } = await exchange([PUT, PUT], (req, res) => {
    if (req.url === '/last') {
      res.end()
      return
    }
    let body = ''
    const piece = (chunk: Buffer) => {
      body += String(chunk)
    }
    const cut = () => assert.unreachable('cut off')
    assert.ok(req.intercept({ piece, cut, end: () => res.end(`<${body}>`) }))
  })
  assert.is(came.split('<body>').length - 1, 2)
  assert.ok(requests[0].readableEnded && requests[1].readableEnded)
  assert.is(requests[0].listenerCount('end'), 0, 'Node waits for the end')
})

test('one that is answered before its body has come ends as Node wants it', async () => {
  let cuts = 0
  const { requests, came } = await exchange([PUT], (req, res) => {
    const none = () => {}
    const cut = () => {
      cuts++
    }
    if (req.method === 'PUT') req.intercept({ piece: none, end: none, cut })
    res.end('ok')
  })
  assert.is(came.split('200 OK').length - 1, 2)
  assert.ok(requests[0].complete)
  assert.is(cuts, 0)
})

test('as a stream it is what every request is', async () => {
  const { requests, came } = await exchange([PUT], (req, res) => {
    let body = ''
    req.on('data', (chunk) => {
      body += String(chunk)
    })
    req.on('end', () => res.end(`<${body}>`))
  })
  assert.match(came, '<body>')
  assert.ok(requests[0].readableEnded)
})

test.run()
