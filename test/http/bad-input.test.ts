import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { codeOf, message, raw, type Served, serve, statusOf } from './served.js'

const bad = suite('http bad input')
let served: Served
let bucket: { id: string; key: string; path: string }
let auth: string

bad.before(async () => {
  served = await serve()
  bucket = await served.bucket()
  auth = `Authorization: Bearer ${bucket.key}`
  await served.call('PUT', `${bucket.path}/keys/k`, { key: bucket.key, body: 'value' })
})
bad.after(() => served.close())

/** Sends one request as it is and expects a problem document with this status and code. */
async function refused(bytes: string, status: number, code: string, what = bytes): Promise<string> {
  const answer = await raw(served.server.port, bytes)
  assert.is(statusOf(answer), status, `${what.slice(0, 80)}: ${answer.slice(0, 200)}`)
  assert.is(codeOf(answer), code, what.slice(0, 80))
  assert.match(answer, /Content-Type: application\/problem\+json/)
  assert.match(answer, /Connection: close/)
  return answer
}

bad('a missing, repeated or malformed Host is 400', async () => {
  const get = `GET ${bucket.path}/keys/k HTTP/1.1`
  const close = ['Connection: close', '', '']
  await refused([get, auth, ...close].join('\r\n'), 400, 'invalid_host')
  for (const hosts of [
    ['Host: localhost', 'Host: localhost'],
    ['Host: localhost', 'host: other'],
    ['Host:'],
    ['Host: a b'],
    ['Host: a/b'],
    ['Host: user@a'],
    ['Host: a,b'],
    ['Host: a:b'],
  ]) {
    await refused([get, ...hosts, auth, ...close].join('\r\n'), 400, 'invalid_host', hosts.join())
  }
})

bad('a client of HTTP/1.0 may leave Host out', async () => {
  const answer = await raw(
    served.server.port,
    `GET ${bucket.path}/keys/k HTTP/1.0\r\n${auth}\r\n\r\n`,
  )
  assert.is(statusOf(answer), 200)
})

bad('an absolute target must agree with Host', async () => {
  const get = (target: string) => message(`GET ${target} HTTP/1.1`, [auth])
  const same = await raw(served.server.port, get(`http://LOCALHOST${bucket.path}/keys/k`))
  assert.is(statusOf(same), 200)
  await refused(get(`http://other${bucket.path}/keys/k`), 400, 'invalid_host')
  await refused(get(`http://localhost@other${bucket.path}/keys/k`), 400, 'invalid_host')
  await refused(get(`ftp://localhost${bucket.path}/keys/k`), 400, 'invalid_request')
})

bad('paths are taken as they are', async () => {
  const get = (path: string) => message(`GET ${path} HTTP/1.1`, [auth])
  for (const path of [
    '//',
    `/${bucket.path}/keys/k`,
    `//localhost${bucket.path}/keys/k`,
    `${bucket.path}/`,
    `${bucket.path}/keys/k/`,
    '/v1/buckets/',
    '/v1//buckets',
    '/V1/buckets',
    '/v1/buckets/../buckets',
    '/healthz/',
    '/v1/toString',
    '/__proto__',
  ]) {
    await refused(get(path), 404, 'not_found', path)
  }
  await refused(get(`${bucket.path}/keys/..`), 400, 'invalid_key')
  await refused(get(`${bucket.path}/keys/%2e%2E`), 400, 'invalid_key')
  await refused(get(`${bucket.path}/keys/k#x`), 400, 'invalid_request')
  const del = await raw(
    served.server.port,
    message(`DELETE ${bucket.path}/keys/.. HTTP/1.1`, [`Authorization: Bearer ${served.root}`]),
  )
  assert.is(statusOf(del), 400)
  assert.is((await served.call('GET', bucket.path, { key: bucket.key })).status, 200)
})

bad('methods that a path does not know are 405 with Allow', async () => {
  for (const [method, path, allow] of [
    ['TRACE', `${bucket.path}/keys/k`, 'GET, HEAD, PUT, PATCH, DELETE, OPTIONS'],
    ['POST', `${bucket.path}/keys/k`, 'GET, HEAD, PUT, PATCH, DELETE, OPTIONS'],
    ['DELETE', `${bucket.path}/keys`, 'GET, HEAD, OPTIONS'],
    ['GET', `${bucket.path}/flush`, 'POST, OPTIONS'],
    ['PUT', bucket.path, 'GET, HEAD, PATCH, DELETE, OPTIONS'],
    ['PURGE', '/healthz', 'GET, HEAD, OPTIONS'],
  ]) {
    const answer = await refused(
      message(`${method} ${path} HTTP/1.1`, [auth]),
      405,
      'method_not_allowed',
    )
    assert.match(answer, new RegExp(`\r\nAllow: ${allow}\r\n`), `${method} ${path}`)
  }
})

bad('OPTIONS says what a path knows, without a credential', async () => {
  const keys = await served.call('OPTIONS', `${bucket.path}/keys/k`)
  assert.is(keys.status, 204)
  assert.is(keys.headers['allow'], 'GET, HEAD, PUT, PATCH, DELETE, OPTIONS')
  assert.is(
    (await served.call('OPTIONS', '/v1/buckets')).headers['allow'],
    'GET, HEAD, POST, OPTIONS',
  )
  assert.is((await served.call('OPTIONS', '/nothing')).status, 404)
  const all = await raw(served.server.port, message('OPTIONS * HTTP/1.1', []))
  assert.is(statusOf(all), 204)
  await refused(message('GET * HTTP/1.1', [auth]), 404, 'not_found')
})

bad('a GET, HEAD or DELETE with a body is refused', async () => {
  const get = message(`GET ${bucket.path}/keys/k HTTP/1.1`, [auth, 'Content-Length: 3'], 'abc')
  await refused(get, 400, 'invalid_request')
  const chunked = [auth, 'Transfer-Encoding: chunked']
  await refused(
    message(`DELETE ${bucket.path}/keys/k HTTP/1.1`, chunked, '1\r\na\r\n0\r\n\r\n'),
    400,
    'invalid_request',
  )
  const empty = message(`GET ${bucket.path}/keys/k HTTP/1.1`, [auth, 'Content-Length: 0'])
  assert.is(statusOf(await raw(served.server.port, empty)), 200)
})

bad('too many headers are 431, never a lost Authorization', async () => {
  const many = (count: number) => Array.from({ length: count }, (_, i) => `X-${i}: ${i}`)
  const get = (count: number) => {
    return message(`GET ${bucket.path}/keys/k HTTP/1.1`, [...many(count), auth])
  }
  assert.is(statusOf(await raw(served.server.port, get(125))), 200)
  for (const count of [126, 130, 150, 500, 1_200]) {
    await refused(get(count), 431, 'headers_too_large', `${count} headers`)
  }
  await refused(
    message('GET /healthz HTTP/1.1', [`X-Long: ${'x'.repeat(20_000)}`]),
    431,
    'headers_too_large',
  )
})

bad('what is no HTTP is answered with a problem document and a closed connection', async () => {
  for (const bytes of [
    'nonsense\r\n\r\n',
    'GET /healthz HTTP/3.0\r\n\r\n',
    'GET /healthz HTTP/1.1\r\nHost : localhost\r\n\r\n',
    'GET /healthz HTTP/1.1\r\nHost: localhost\r\n folded: x\r\nBad Name: y\r\n\r\n',
    'GET /he\0althz HTTP/1.1\r\nHost: localhost\r\n\r\n',
    message('POST /v1/buckets HTTP/1.1', ['Content-Length: 5', 'Transfer-Encoding: chunked']),
    message('POST /v1/buckets HTTP/1.1', ['Content-Length: 5', 'Content-Length: 6'], 'abcde'),
    message('POST /v1/buckets HTTP/1.1', ['Content-Length: -1']),
    message('POST /v1/buckets HTTP/1.1', ['Content-Length: 1e3']),
  ]) {
    await refused(bytes, 400, 'invalid_request')
  }
})

bad('a broken chunk refuses the request that it belongs to', async () => {
  const put = message(
    `PUT ${bucket.path}/keys/broken HTTP/1.1`,
    [auth, 'Transfer-Encoding: chunked'],
    '5\r\nabcde\r\nzz\r\n',
  )
  await refused(put, 400, 'invalid_request')
  const gone = await served.call('GET', `${bucket.path}/keys/broken`, { key: bucket.key })
  assert.is(gone.status, 404)
})

bad('a coding that is not known is 501', async () => {
  await refused(
    message(
      `PUT ${bucket.path}/keys/k HTTP/1.1`,
      [auth, 'Transfer-Encoding: gzip, chunked'],
      '0\r\n\r\n',
    ),
    501,
    'not_implemented',
  )
})

bad('credentials that are none are 401 and say which scheme to use', async () => {
  for (const lines of [
    [],
    ['Authorization:'],
    ['Authorization: Bearer'],
    ['Authorization: Basic abc'],
    [`Authorization: ${bucket.key}`],
    [`Authorization: Bearer ${bucket.key}x`],
    [`Authorization: Bearer ${bucket.key} x`],
    ['Authorization: Bearer __proto__'],
  ]) {
    const answer = await refused(
      message(`GET ${bucket.path}/keys/k HTTP/1.1`, lines),
      401,
      'unauthorized',
      String(lines),
    )
    assert.match(answer, /\r\nWWW-Authenticate: Bearer/)
  }
  await refused(message(`GET ${bucket.path}/keys/k HTTP/1.1`, [auth, auth]), 400, 'invalid_request')
  const lower = message(`GET ${bucket.path}/keys/k HTTP/1.1`, [
    `authorization: bearer ${bucket.key}`,
  ])
  assert.is(statusOf(await raw(served.server.port, lower)), 200)
})

bad('an unknown expectation is 417', async () => {
  await refused(
    message(
      `PUT ${bucket.path}/keys/k HTTP/1.1`,
      [auth, 'Expect: magic', 'Content-Length: 1'],
      'x',
    ),
    417,
    'expectation_failed',
  )
})

bad('an error of ours is 500, logged, and tells nothing', async () => {
  const broken = await serve()
  try {
    const made = await broken.bucket()
    const stored = broken.engine.bucket(made.id)
    assert.ok(stored)
    Object.defineProperty(stored, 'usage', {
      value: () => {
        throw new Error('secret inside')
      },
    })
    const answer = await broken.call('GET', `${made.path}/usage`, { key: made.key })
    assert.is(answer.status, 500)
    assert.is(answer.json.code, 'internal')
    assert.not.match(answer.text, 'secret')
    assert.match(broken.logged.join(''), 'secret inside')
    assert.is((await broken.call('GET', '/healthz')).status, 200)
  } finally {
    await broken.close()
  }
})

bad.run()
