import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { codeOf, raw, type Served, serve, statusOf } from './served.js'

const MIB = 2 ** 20
const bodies = suite('http bodies')
let served: Served
let bucket: { id: string; key: string; path: string }

bodies.before(async () => {
  served = await serve({ engine: { maxValue: '1mb' }, server: { maxInflightBytes: 3 * MIB } })
  bucket = await served.bucket()
})
bodies.after(() => served.close())

function put(name: string, headers: readonly string[], key = bucket.key): string {
  const auth = `Authorization: Bearer ${key}`
  const line = `PUT ${bucket.path}/keys/${name} HTTP/1.1`
  return [line, 'Host: localhost', auth, ...headers, '', ''].join('\r\n')
}

function get(name: string) {
  return served.call('GET', `${bucket.path}/keys/${name}`, { key: bucket.key })
}

/** Waits until the server has let go of all that was uploaded. */
async function settled(): Promise<void> {
  for (let i = 0; i < 200; i++) {
    const whole = 'x'.repeat(MIB)
    const answers = await Promise.all(
      ['s1', 's2', 's3'].map((name) =>
        served.call('PUT', `${bucket.path}/keys/${name}`, { key: bucket.key, body: whole }),
      ),
    )
    if (answers.every((answer) => answer.status < 300)) return
    await sleep(10)
  }
  throw new Error('bytes of requests that ended are still counted')
}

bodies('a value at the limit is stored, one above is 413', async () => {
  const at = await served.call('PUT', `${bucket.path}/keys/at`, {
    key: bucket.key,
    body: Buffer.alloc(MIB, 1),
  })
  assert.is(at.status, 201, at.text)
  assert.is((await get('at')).bytes.length, MIB)
})

bodies('413 comes at once, before the body, and the connection closes', async () => {
  const answer = await raw(served.server.port, put('over', [`Content-Length: ${MIB + 1}`]))
  assert.is(statusOf(answer), 413)
  assert.is(codeOf(answer), 'value_too_large')
  assert.match(answer, /\r\nConnection: close\r\n/)
})

bodies('a client that sends on regardless still reads its 413', async () => {
  const head = put('over', [`Content-Length: ${8 * MIB}`])
  const answer = await raw(
    served.server.port,
    Buffer.concat([Buffer.from(head), Buffer.alloc(MIB)]),
  )
  assert.is(statusOf(answer), 413)
  const whole = Buffer.concat([Buffer.from(head), Buffer.alloc(8 * MIB)])
  await raw(served.server.port, whole)
  assert.is((await get('over')).status, 404)
})

bodies('chunked bodies are counted as they come', async () => {
  const chunk = `10000\r\n${'x'.repeat(65_536)}\r\n`
  const head = put('chunked', ['Transfer-Encoding: chunked'])
  const answer = await raw(served.server.port, head + chunk.repeat(17), { until: '}' })
  assert.is(statusOf(answer), 413)
  assert.is(codeOf(answer), 'value_too_large')
  const exact = await raw(
    served.server.port,
    `${put('chunked', ['Transfer-Encoding: chunked', 'Connection: close'])}${chunk.repeat(16)}0\r\n\r\n`,
  )
  assert.is(statusOf(exact), 201, exact)
  await settled()
})

bodies('a body that is cut off stores nothing', async () => {
  for (const [i, headers] of [['Content-Length: 10'], ['Transfer-Encoding: chunked']].entries()) {
    const part = i === 0 ? 'abc' : '3\r\nabc\r\n'
    const socket = connect(served.server.port, '127.0.0.1')
    socket.write(put(`cut-${i}`, headers) + part)
    await sleep(30)
    socket.destroy()
    const half = await raw(served.server.port, put(`cut-${i}`, headers) + part, { half: true })
    assert.is(statusOf(half), 400)
    assert.is((await get(`cut-${i}`)).status, 404)
  }
  await settled()
})

bodies('more bytes at once than the server holds are 503, and may be sent again', async () => {
  const sockets = Array.from({ length: 3 }, () => connect(served.server.port, '127.0.0.1'))
  for (const [i, socket] of sockets.entries()) {
    socket.on('error', () => {})
    socket.write(put(`held-${i}`, [`Content-Length: ${MIB}`]))
    socket.write(Buffer.alloc(MIB - 1))
  }
  await sleep(100)
  const answer = await raw(
    served.server.port,
    `${put('one-more', ['Content-Length: 4', 'Connection: close'])}abcd`,
  )
  assert.is(statusOf(answer), 503, answer)
  assert.is(codeOf(answer), 'overloaded')
  assert.match(answer, /\r\nRetry-After: [0-9]+\r\n/)
  assert.match(answer, /"maybeStored":false/)
  for (const socket of sockets) socket.destroy()
  await settled()
  assert.is((await get('one-more')).status, 404)
})

bodies('bytes that are announced but do not come keep nobody out', async () => {
  const sockets = Array.from({ length: 3 }, () => connect(served.server.port, '127.0.0.1'))
  for (const [i, socket] of sockets.entries()) {
    socket.on('error', () => {})
    socket.write(`${put(`slow-${i}`, [`Content-Length: ${MIB}`])}abc`)
  }
  await sleep(50)
  const answer = await raw(
    served.server.port,
    `${put('beside', ['Content-Length: 4', 'Connection: close'])}abcd`,
  )
  assert.is(statusOf(answer), 201, answer)
  for (const socket of sockets) socket.destroy()
  await settled()
})

bodies('Expect: 100-continue asks for the body only when it would be taken', async () => {
  const { port } = served.server
  const expect = 'Expect: 100-continue'
  const refused: [string, string, number][] = [
    ['no credential', put('e', [expect, 'Content-Length: 3'], 'nobody'), 401],
    ['too large', put('e', [expect, `Content-Length: ${MIB + 1}`]), 413],
    ['no key', put('..', [expect, 'Content-Length: 3']), 400],
    ['too long', put('k'.repeat(1_025), [expect, 'Content-Length: 3']), 400],
    ['too long, encoded', put('%c3%bc'.repeat(513), [expect, 'Content-Length: 3']), 400],
    ['no TTL', put('e?ttl=x', [expect, 'Content-Length: 3']), 400],
    ['no match', put('e', [expect, 'Content-Length: 3', 'If-Match: "x"']), 412],
  ]
  for (const [what, bytes, status] of refused) {
    const answer = await raw(port, bytes, { until: '}' })
    assert.is(statusOf(answer), status, what)
    assert.not.match(answer, '100 Continue', what)
  }

  const socket = connect(port, '127.0.0.1')
  let came = ''
  const answered = new Promise<void>((resolve) => {
    socket.on('data', (chunk) => {
      came += chunk.toString()
      if (came === 'HTTP/1.1 100 Continue\r\n\r\n') socket.write('abc')
      if (came.includes('201 Created')) resolve()
    })
  })
  socket.write(put('e', [expect, 'Content-Length: 3']))
  await answered
  socket.destroy()
  assert.is((await get('e')).text, 'abc')
})

bodies('who loses the right to write while uploading stores nothing', async () => {
  const { root } = served
  const losses: [number, (one: { path: string }, id: string) => Promise<{ status: number }>][] = [
    [401, (one, id) => served.call('DELETE', `${one.path}/credentials/${id}`, { key: root })],
    [401, (one) => served.call('DELETE', one.path, { key: root })],
  ]
  for (const [status, lose] of losses) {
    const one = await served.bucket()
    const made = await served.call('POST', `${one.path}/credentials`, {
      key: one.key,
      body: { role: 'write' },
    })
    const socket = connect(served.server.port, '127.0.0.1')
    const came = new Promise<string>((resolve) => socket.once('data', (d) => resolve(String(d))))
    const head = put('late', ['Content-Length: 6'], made.json.credentialKey)
    socket.write(`${head.replace(bucket.path, one.path)}abc`)
    await sleep(50)
    assert.is((await lose(one, made.json.credentialId)).status, 204)
    socket.write('def')
    assert.is(statusOf(await came), status)
    socket.destroy()
  }
})

bodies('a refusal of a small body leaves the connection open', async () => {
  const wrong = `${put('a?ttl=x', ['Content-Length: 3'])}abc`
  const right = `${put('a', ['Content-Length: 3', 'Connection: close'])}abc`
  const answer = await raw(served.server.port, wrong + right)
  assert.is(statusOf(answer), 400)
  assert.match(answer, /HTTP\/1\.1 201 Created/)
})

bodies.run()
