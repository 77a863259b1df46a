import { connect } from 'node:net'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { listen } from '../listener.js'
import { codeOf, message, ROOT_KEY, raw, statusOf } from '../served.js'
import { openPassed, type Passed } from './passed.js'

const MIB = 2 ** 20
const test = suite('requests passed on')
let both: Passed
let id = ''
let named = 1_000

test.before(async () => {
  both = await openPassed(100)
  id = (await both.engine.createBucket('b')).id
})
test.after(() => both.close())

const auth = `Authorization: Bearer ${ROOT_KEY}`

function call(line: string, headers: readonly string[] = [], body = ''): string {
  const length = body === '' ? [] : [`Content-Length: ${Buffer.byteLength(body)}`]
  return message(line.replace('{id}', id), [auth, ...length, ...headers], body)
}

/** What may differ between two answers to one question. */
function plain(answer: string): string {
  return answer
    .replace(/\r\nDate: [^\r]+/g, '')
    .replace(/\r\nETag: [^\r]+/g, '\r\nETag')
    .replace(/"createdAt":"[^"]+"/g, '')
    .replace(/"(id|credentialId|credentialKey|endpoint|name)":"[^"]+"/g, '')
}

const chunked = ['Transfer-Encoding: chunked']
const KEY = '/v1/buckets/{id}/keys/k'

/** In this order: a request may hang on what one before it has done. */
const QUESTIONS: Readonly<Record<string, () => string>> = {
  'a public call': () => call('GET /healthz HTTP/1.1'),
  'a value': () => call(`PUT ${KEY}?ttl=1h HTTP/1.1`, ['Content-Type: text/plain'], 'value'),
  'a value again': () => call(`PUT ${KEY}?ttl=1h HTTP/1.1`, ['content-type: text/plain'], 'value'),
  'a value in chunks': () =>
    call(`PUT ${KEY}c HTTP/1.1`, chunked, '3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n'),
  'an empty value': () => call(`PUT ${KEY}e HTTP/1.1`, ['Content-Length: 0']),
  'a value without any length': () => call(`PUT ${KEY}n HTTP/1.1`),
  'what was put': () => call(`GET ${KEY} HTTP/1.1`),
  'what was put in chunks': () => call(`GET ${KEY}c HTTP/1.1`),
  'an empty one': () => call(`GET ${KEY}e HTTP/1.1`),
  HEAD: () => call(`HEAD ${KEY} HTTP/1.1`),
  'HEAD of a miss': () => call(`HEAD ${KEY}none HTTP/1.1`),
  'a 304': () => call(`GET ${KEY} HTTP/1.1`, ['If-None-Match: *']),
  'a 412': () => call(`PUT ${KEY} HTTP/1.1`, ['If-None-Match: *'], 'x'),
  'a method with no body': () => call('POST /v1/buckets/{id}/flush HTTP/1.1'),
  'one with an empty body': () =>
    call('POST /v1/buckets/{id}/flush HTTP/1.1', chunked, '0\r\n\r\n'),
  'a miss': () => call(`GET ${KEY} HTTP/1.1`),
  'a batch': () =>
    call('POST /v1/buckets/{id}/batch/put HTTP/1.1', [], '{"keys":["a"],"values":["b"]}'),
  'a prefix': () => call('POST /v1/buckets/{id}/batch/delete HTTP/1.1', [], '{"prefix":"a"}'),
  'no JSON': () => call('POST /v1/buckets/{id}/batch/delete HTTP/1.1', [], 'nonsense'),
  'a list': () => call('GET /v1/buckets/{id}/keys?prefix=%C3%BC HTTP/1.1'),
  'a new bucket': () => call('POST /v1/buckets HTTP/1.1', [], `{"name":"bucket-${++named}"}`),
  'no such path': () => call('GET /v1/nowhere HTTP/1.1'),
  'no such method': () => call('POST /healthz HTTP/1.1'),
  'an unknown method': () => call('PROPFIND /healthz HTTP/1.1'),
  OPTIONS: () => call('OPTIONS * HTTP/1.1'),
  'OPTIONS of a path': () => call(`OPTIONS ${KEY} HTTP/1.1`),
  'a full address': () => call(`GET http://localhost${KEY} HTTP/1.1`),
  'a Host that differs': () => call(`GET http://other${KEY} HTTP/1.1`),
  'a bucket by its Host': () =>
    `GET /v1/usage HTTP/1.1\r\nHost: ${id}.localhost\r\n${auth}\r\nConnection: close\r\n\r\n`,
  'HTTP/1.0 without a Host': () => `GET /v1/buckets/${id} HTTP/1.0\r\n${auth}\r\n\r\n`,
  'no Host': () => 'GET /v1/buckets HTTP/1.1\r\nConnection: close\r\n\r\n',
  'two Hosts': () => call('GET /healthz HTTP/1.1', ['Host: b']),
  'no credential': () => message('GET /v1/ring HTTP/1.1', []),
  'a wrong one': () => message('GET /v1/ring HTTP/1.1', ['Authorization: Bearer wrong']),
  'GET with a body': () => call('GET /v1/ring HTTP/1.1', [], 'body'),
  'Latin-1 in a field': () => call('GET /healthz HTTP/1.1', ['X-Name: J\xf6rg']),
  'fields of one hop': () =>
    call('GET /healthz HTTP/1.1', ['TE: trailers', 'Upgrade: h2c', 'Keep-Alive: timeout=9']),
  'as many fields as may be': () => call('GET /healthz HTTP/1.1', new Array(125).fill('X-A: b')),
  'one more': () => call('GET /healthz HTTP/1.1', new Array(126).fill('X-A: b')),
  'a value that is too large': () => call(`PUT ${KEY} HTTP/1.1`, ['Content-Length: 99999999'], 'x'),
  'another expectation': () => call('GET /healthz HTTP/1.1', ['Expect: more']),
  'two codings': () =>
    call(`PUT ${KEY} HTTP/1.1`, ['Transfer-Encoding: gzip, chunked'], '0\r\n\r\n'),
}

for (const [name, question] of Object.entries(QUESTIONS)) {
  test(`${name}: answered alike`, async () => {
    const bytes = () => Buffer.from(question(), 'latin1')
    const direct = await raw(both.direct, bytes())
    // What the first has done the second finds done.
    const again = await raw(both.direct, bytes())
    const passed = await raw(both.passed, bytes())
    assert.ok(statusOf(passed) > 0 || passed.startsWith('HTTP/1.1'), passed)
    assert.ok([plain(direct), plain(again)].includes(plain(passed)), `${again}\n---\n${passed}`)
  })
}

test('requests of one connection are answered in order, whoever answers', async () => {
  const one = (line: string) => call(line).replace('Connection: close\r\n', '')
  const sent = [
    one('POST /v1/buckets/{id}/flush HTTP/1.1'),
    one('GET /healthz HTTP/1.1'),
    one('GET /v1/nowhere HTTP/1.1'),
    one(`GET ${KEY} HTTP/1.1`),
    call('GET /readyz HTTP/1.1'),
  ]
  const answer = await raw(both.passed, sent.join(''))
  const statuses = [...answer.matchAll(/HTTP\/1\.1 ([0-9]{3}) /g)].map((match) => match[1])
  assert.equal(statuses, ['204', '200', '404', '404', '200'])
})

test('a body that is held back is asked for, or refused, by who answers', async () => {
  const expect = 'Expect: 100-continue'
  const head = call(`PUT ${KEY} HTTP/1.1`, [expect, 'Content-Length: 5'])
  const socket = connect(both.passed, '127.0.0.1')
  let came = ''
  socket.on('data', (chunk) => {
    came += chunk.toString()
    if (came.endsWith('100 Continue\r\n\r\n')) socket.write('value')
  })
  socket.write(head)
  await new Promise((resolve) => socket.once('close', resolve))
  assert.match(came, /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 20[14] /)
  const refused = await raw(
    both.passed,
    call(`PUT ${KEY} HTTP/1.1`, [expect, 'Content-Length: 9999999']),
  )
  assert.is(statusOf(refused), 413)
  assert.is(codeOf(refused), 'value_too_large')
})

test('large bodies go through both ways, at the pace of whoever is slower', async () => {
  const value = 'v'.repeat(4 * MIB)
  assert.match(
    await raw(both.passed, call(`PUT ${KEY} HTTP/1.1`, [], value)),
    /^HTTP\/1\.1 20[14] /,
  )
  const socket = connect(both.passed, '127.0.0.1')
  socket.write(call(`GET ${KEY} HTTP/1.1`))
  let bytes = 0
  for await (const chunk of socket) {
    bytes += chunk.length
    await new Promise((resolve) => setImmediate(resolve))
  }
  assert.ok(bytes > value.length, `${bytes} bytes`)
})

test('a client that goes half-way stores nothing, and lets go of what it had sent', async () => {
  await raw(both.passed, call(`PUT ${KEY} HTTP/1.1`, [], 'whole'))
  for (let i = 0; i < 4; i++) {
    const socket = connect(both.passed, '127.0.0.1')
    const head = call(`PUT ${KEY} HTTP/1.1`, [`Content-Length: ${4 * MIB}`])
    await new Promise<void>((resolve) => socket.write(head + 'x'.repeat(3 * MIB), () => resolve()))
    socket.destroy()
  }
  // Only with all of them gone does it fit.
  let answer = ''
  while (statusOf(answer) !== 204) {
    answer = await raw(both.passed, call(`PUT ${KEY} HTTP/1.1`, [], 'y'.repeat(4 * MIB)))
    assert.ok(statusOf(answer) === 204 || statusOf(answer) === 503, answer)
  }
})

test('a stream of events flows, and ends on both sides with its client', async () => {
  const listener = await listen(both.passed, ROOT_KEY)
  assert.is(listener.status, 200)
  assert.is(listener.headers['connection'], 'close')
  await listener.until(({ type }) => type === 'ring')
  await listener.untilText(': still here')
  listener.leave()
  await listener.ended
  // Were one left at the other end for each, there would soon be too many.
  for (let i = 0; i < 70; i++) {
    const next = await listen(both.passed, ROOT_KEY)
    await next.until(({ type }) => type === 'ring')
    next.leave()
    await next.ended
  }
})

test('a listener that shuts its side has gone', async () => {
  const socket = connect(both.passed, '127.0.0.1')
  let came = ''
  socket.on('data', (chunk) => {
    came += chunk.toString()
    socket.end()
  })
  socket.write(call('GET /v1/events HTTP/1.1'))
  await new Promise((resolve) => socket.once('close', resolve))
  assert.match(came, /^HTTP\/1\.1 200 /)
})

test('with the way closed the answer is 503, and says when to come again', async () => {
  await both.part()
  const read = await raw(both.passed, call('GET /v1/ring HTTP/1.1'))
  assert.is(statusOf(read), 503)
  assert.is(codeOf(read), 'closed')
  assert.match(read, /\r\nRetry-After: 1\r\n/)
  const write = await raw(both.passed, call('POST /v1/buckets HTTP/1.1', [], '{"name":"late"}'))
  assert.match(write, /"maybeStored":false/)
  assert.equal(both.logged, [])
})

test.run()
