import { connect } from 'node:net'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { raw, type Served, serve } from './served.js'

const pipeline = suite('http pipelining')
let served: Served
let bucket: { id: string; key: string; path: string }

pipeline.before(async () => {
  served = await serve()
  bucket = await served.bucket()
})
pipeline.after(() => served.close())

function request(method: string, key: string, body?: string, close = false): string {
  const lines = [
    `${method} ${bucket.path}/keys/${key} HTTP/1.1`,
    'Host: localhost',
    `Authorization: Bearer ${bucket.key}`,
  ]
  if (body !== undefined) lines.push(`Content-Length: ${body.length}`)
  if (close) lines.push('Connection: close')
  return `${lines.join('\r\n')}\r\n\r\n${body ?? ''}`
}

function statuses(answer: string): number[] {
  return [...answer.matchAll(/HTTP\/1\.1 ([0-9]{3}) /g)].map((match) => Number(match[1]))
}

pipeline('a request sees what the ones before it on its connection did', async () => {
  const answer = await raw(
    served.server.port,
    request('GET', 'k') +
      request('PUT', 'k', 'one') +
      request('GET', 'k') +
      request('PUT', 'k', 'second') +
      request('GET', 'k') +
      request('DELETE', 'k') +
      request('GET', 'k', undefined, true),
  )
  assert.equal(statuses(answer), [404, 201, 200, 204, 200, 204, 404])
  assert.ok(answer.indexOf('\r\n\r\none') < answer.indexOf('\r\n\r\nsecond'))
})

pipeline('thousands of requests sent ahead are all answered, in order', async () => {
  const count = 5_000
  let sent = ''
  for (let i = 0; i < count; i++) sent += request('PUT', `many-${i}`, String(i))
  const answer = await raw(served.server.port, sent + request('GET', 'many-0', undefined, true))
  const all = statuses(answer)
  assert.is(all.length, count + 1)
  assert.ok(all.every((status, i) => status === (i < count ? 201 : 200)))
})

pipeline('a client that shuts its side still gets its answers', async () => {
  const count = 300
  let sent = ''
  for (let i = 0; i < count; i++) sent += request('PUT', `half-${i}`, 'x')
  const answer = await raw(served.server.port, sent, { half: true })
  assert.is(statuses(answer).filter((status) => status === 201).length, count)
})

pipeline('nonsense behind a request does not spoil its answer', async () => {
  for (const first of [request('PUT', 'before', 'x'), request('GET', 'before')]) {
    const answer = await raw(served.server.port, `${first}nonsense\r\n\r\n`)
    assert.ok(statuses(answer)[0] < 300, answer)
  }
  const two = request('PUT', 'before', 'y') + request('GET', 'before')
  const answer = await raw(served.server.port, `${two}nonsense\r\n\r\n`)
  assert.equal(statuses(answer).slice(0, 2), [204, 200])
})

pipeline('what comes after Connection: close is not looked at', async () => {
  const answer = await raw(
    served.server.port,
    request('PUT', 'last', 'x', true) + request('DELETE', 'last'),
  )
  assert.is(statuses(answer)[0], 201)
  const got = await served.call('GET', `${bucket.path}/keys/last`, { key: bucket.key })
  assert.is(got.status, 200)
})

pipeline('what comes after a refused upload is not looked at', async () => {
  const head = request('PUT', 'huge').replace('\r\n\r\n', '\r\nContent-Length: 99999999\r\n\r\n')
  const answer = await raw(served.server.port, head + request('PUT', 'smuggled', 'x'))
  assert.equal(statuses(answer), [413])
  const got = await served.call('GET', `${bucket.path}/keys/smuggled`, { key: bucket.key })
  assert.is(got.status, 404)
})

pipeline('what comes after a refused body of unknown length is not looked at', async () => {
  const head = request('PUT', 'chunked?ttl=x').replace(
    '\r\n\r\n',
    '\r\nTransfer-Encoding: chunked\r\n\r\n',
  )
  const answer = await raw(
    served.server.port,
    `${head}1\r\na\r\n0\r\n\r\n${request('PUT', 'behind', 'x')}`,
  )
  assert.equal(statuses(answer), [400])
  const got = await served.call('GET', `${bucket.path}/keys/behind`, { key: bucket.key })
  assert.is(got.status, 404)
})

pipeline('a client that asks on without reading is answered on when it reads', async () => {
  const size = 1_048_576
  const asked = 40
  await raw(served.server.port, request('PUT', 'large', 'x'.repeat(size), true))
  const gets = () => served.engine.bucket(bucket.id)?.usage().gets ?? 0
  const start = gets()
  const socket = connect(served.server.port, '127.0.0.1')
  socket.pause()
  socket.write(request('GET', 'large').repeat(asked - 1) + request('GET', 'large', undefined, true))
  await new Promise((resolve) => setTimeout(resolve, 200))
  const before = gets() - start
  assert.ok(before < asked, `${before} of ${asked} were answered although nothing was read`)
  let received = 0
  socket.on('data', (chunk: Buffer) => {
    received += chunk.length
  })
  socket.resume()
  await new Promise((resolve) => socket.once('close', resolve))
  assert.ok(received > size * asked, `${received} bytes came`)
})

pipeline.run()
