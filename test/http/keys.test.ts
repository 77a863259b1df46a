import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Served, serve } from './served.js'

const keys = suite('http keys')
let served: Served
let bucket: { id: string; key: string; path: string }

keys.before(async () => {
  served = await serve()
  bucket = await served.bucket()
})
keys.after(() => served.close())

function on(method: string, key: string, asked: object = {}) {
  return served.call(method, `${bucket.path}/keys/${key}`, { key: bucket.key, ...asked })
}

keys('a new key is 201, a replaced one 204, each with another ETag', async () => {
  const first = await on('PUT', 'fresh', { body: 'one' })
  assert.is(first.status, 201)
  assert.is(first.text, '')
  const second = await on('PUT', 'fresh', { body: 'two' })
  assert.is(second.status, 204)
  assert.match(first.headers.etag ?? '', /^"[0-9a-z]+"$/)
  assert.is.not(first.headers.etag, second.headers.etag)

  const got = await on('GET', 'fresh')
  assert.is(got.status, 200)
  assert.is(got.text, 'two')
  assert.is(got.headers.etag, second.headers.etag)
  assert.is(got.headers['content-type'], 'application/octet-stream')
  assert.is(got.headers['cache-status'], 'annulus; hit')
  assert.is(got.headers['content-length'], '3')
  assert.ok(got.headers.date)
})

keys('bytes come back as they were put, from none to many, in pieces or whole', async () => {
  for (const length of [0, 1, 255, 1_023, 1_024, 1_025, 70_000, 1_000_000]) {
    const value = Buffer.from(Array.from({ length }, (_, i) => (i * 31) & 255))
    await on('PUT', `bytes-${length}`, { body: value })
    const got = await on('GET', `bytes-${length}`)
    assert.is(got.headers['content-length'], String(length))
    assert.ok(got.bytes.equals(value), `${length} bytes`)
    await on('PUT', `bytes-${length}`, { body: value, headers: { 'Transfer-Encoding': 'chunked' } })
    assert.ok((await on('GET', `bytes-${length}`)).bytes.equals(value), `${length} bytes, chunked`)
  }
})

keys('HEAD says what GET says, without the value', async () => {
  await on('PUT', 'seen?ttl=60s', { body: 'value', headers: { 'Content-Type': 'text/plain' } })
  const got = await on('GET', 'seen')
  const head = await on('HEAD', 'seen')
  assert.is(head.status, 200)
  assert.is(head.bytes.length, 0)
  for (const name of ['etag', 'content-type', 'content-length']) {
    assert.is(head.headers[name], got.headers[name], name)
  }
  assert.match(String(head.headers['cache-status']), /^annulus; hit; ttl=(59|60)$/)
  const missing = await on('HEAD', 'never')
  assert.is(missing.status, 404)
  assert.is(missing.headers['cache-status'], 'annulus; fwd=miss')
})

keys('a miss is a problem document that says so to caches too', async () => {
  const missed = await on('GET', 'never')
  assert.is(missed.status, 404)
  assert.is(missed.headers['content-type'], 'application/problem+json')
  assert.is(missed.headers['cache-status'], 'annulus; fwd=miss')
  assert.is(missed.json.code, 'key_not_found')
  assert.is(missed.json.status, 404)
  assert.type(missed.json.type, 'string')
  assert.type(missed.json.title, 'string')
  assert.type(missed.json.detail, 'string')
})

keys('DELETE is 204, then 404', async () => {
  await on('PUT', 'doomed', { body: 'x' })
  assert.is((await on('DELETE', 'doomed')).status, 204)
  assert.is((await on('DELETE', 'doomed')).status, 404)
  assert.is((await on('GET', 'doomed')).status, 404)
})

keys('PATCH gives a new TTL and keeps value, type and version', async () => {
  const put = await on('PUT', 'timed?ttl=1h', { body: 'v', headers: { 'Content-Type': 'a/b' } })
  const patched = await on('PATCH', 'timed?ttl=60s')
  assert.is(patched.status, 204)
  const got = await on('GET', 'timed')
  assert.is(got.headers.etag, put.headers.etag)
  assert.is(got.headers['content-type'], 'a/b')
  assert.match(String(got.headers['cache-status']), /ttl=(59|60)$/)
  assert.is((await on('PATCH', 'never?ttl=60s')).status, 404)
  const without = await on('PATCH', 'timed')
  assert.is(without.status, 400)
  assert.is(without.json.code, 'invalid_ttl')
})

keys('the TTL of the query wins over max-age; other directives mean nothing', async () => {
  const ttlAfter = async (search: string, cacheControl?: string) => {
    const headers = cacheControl === undefined ? {} : { 'Cache-Control': cacheControl }
    const put = await on('PUT', `ttl${search}`, { body: 'x', headers })
    assert.ok(put.status === 201 || put.status === 204, `${search} ${cacheControl}: ${put.text}`)
    const status = String((await on('GET', 'ttl')).headers['cache-status'])
    return Number(/ttl=([0-9]+)/.exec(status)?.[1] ?? Number.NaN)
  }
  const near = (seconds: number, expected: number) => {
    assert.ok(seconds === expected || seconds === expected - 1, `${seconds}, not ${expected}`)
  }
  near(await ttlAfter('?ttl=100s'), 100)
  near(await ttlAfter('?ttl=100000'), 100)
  near(await ttlAfter('?ttl=%31m'), 60)
  near(await ttlAfter('', 'max-age=50'), 50)
  near(await ttlAfter('', 'no-cache, MAX-AGE="50" , private'), 50)
  near(await ttlAfter('?ttl=100s', 'max-age=50'), 100)
  near(await ttlAfter('?ttl=100s', 'max-age=nonsense'), 100)
  assert.ok(Number.isNaN(await ttlAfter('', 'no-cache, no-store')))
  assert.ok(Number.isNaN(await ttlAfter('?')))
})

keys('what is no TTL is refused', async () => {
  for (const search of [
    '?ttl=',
    '?ttl=0',
    '?ttl=-1',
    '?ttl=1y',
    '?ttl=366d',
    '?ttl',
    '?ttl=1.5s',
  ]) {
    const put = await on('PUT', `bad-ttl${search}`, { body: 'x' })
    assert.is(put.status, 400, search)
    assert.is(put.json.code, 'invalid_ttl', search)
  }
  for (const value of ['max-age=0', 'max-age', 'max-age=x', 'max-age=1, max-age=2']) {
    const put = await on('PUT', 'bad-ttl', { body: 'x', headers: { 'Cache-Control': value } })
    assert.is(put.json.code, 'invalid_ttl', value)
  }
  assert.is((await on('GET', 'bad-ttl')).status, 404)
})

keys('unknown and repeated query parameters are refused', async () => {
  for (const [method, search] of [
    ['PUT', '?tttl=1s'],
    ['PUT', '?ttl=1s&ttl=2s'],
    ['PUT', '?ttl=1s&x=1'],
    ['PUT', '?__proto__=1'],
    ['PUT', '?ttl=%ff'],
    ['GET', '?ttl=1s'],
    ['DELETE', '?x'],
    ['PATCH', '?ttl=1s&prefix=a'],
  ]) {
    const answer = await on(method, `q${search}`, method === 'PUT' ? { body: 'x' } : {})
    assert.is(answer.status, 400, `${method} ${search}`)
    assert.is(answer.json.code, 'invalid_option', `${method} ${search}`)
  }
})

keys('any UTF-8 of 1 to 1,024 bytes is a key', async () => {
  const names = [
    'a/b//c',
    '\0',
    '😀',
    '__proto__',
    'constructor',
    ' ',
    '?#%&+=',
    '...',
    'keys',
    'ü'.repeat(512),
    'k'.repeat(1_024),
    '😀'.repeat(256),
  ]
  for (const [i, name] of names.entries()) {
    const put = await on('PUT', encodeURIComponent(name), { body: `value ${i}` })
    assert.is(put.status, 201, name)
  }
  for (const [i, name] of names.entries()) {
    assert.is((await on('GET', encodeURIComponent(name))).text, `value ${i}`, name)
  }
  assert.is((await on('GET', '%61%2Fb%2f%2fc')).text, 'value 0')
})

keys('what is no key is refused, however it is spelled', async () => {
  for (const key of [
    '.',
    '..',
    '%2e',
    '%2E%2E',
    '.%2e',
    '%2e.',
    '%',
    '%4',
    '%zz',
    '%ff',
    '%c0%80',
  ]) {
    for (const method of ['GET', 'PUT', 'DELETE']) {
      const answer = await on(method, key, method === 'PUT' ? { body: 'x' } : {})
      assert.is(answer.status, 400, `${method} ${key}`)
      assert.is(answer.json.code, 'invalid_key', `${method} ${key}`)
    }
  }
  assert.is((await on('GET', '%ed%a0%80')).json.code, 'invalid_key', 'a lone surrogate')
  assert.is((await on('GET', '')).json.code, 'invalid_key')
  for (const method of ['GET', 'HEAD', 'PUT', 'DELETE', 'PATCH']) {
    const asked = method === 'PUT' ? { body: 'x' } : {}
    const answer = await on(
      method,
      `${'k'.repeat(1_025)}${method === 'PATCH' ? '?ttl=1s' : ''}`,
      asked,
    )
    assert.is(answer.status, 400, method)
    if (method !== 'HEAD') assert.is(answer.json.code, 'key_too_long', method)
  }
})

keys('the Content-Type is kept within bounds', async () => {
  const type = 'text/plain; charset=utf-8'
  await on('PUT', 'typed', { body: 'x', headers: { 'Content-Type': type } })
  assert.is((await on('GET', 'typed')).headers['content-type'], type)
  await on('PUT', 'typed', { body: 'x' })
  assert.is((await on('GET', 'typed')).headers['content-type'], 'application/octet-stream')
  const longest = `a/${'b'.repeat(253)}`
  await on('PUT', 'typed', { body: 'x', headers: { 'Content-Type': longest } })
  assert.is((await on('GET', 'typed')).headers['content-type'], longest)
  for (const refused of [`${longest}b`, 'text/plän', 'a\tb']) {
    const answer = await on('PUT', 'typed', { body: 'x', headers: { 'Content-Type': refused } })
    assert.is(answer.status, 400, refused)
  }
})

keys('encodings and ranges that a plain cache would lose are refused', async () => {
  const zipped = await on('PUT', 'part', { body: 'x', headers: { 'Content-Encoding': 'gzip' } })
  assert.is(zipped.status, 415)
  const ranged = await on('PUT', 'part', { body: 'x', headers: { 'Content-Range': 'bytes 0-0/9' } })
  assert.is(ranged.status, 400)
  assert.is((await on('GET', 'part')).status, 404)
})

keys('a live key of an immutable bucket stays', async () => {
  const fixed = await served.bucket({ immutable: true })
  const path = `${fixed.path}/keys/k`
  assert.is((await served.call('PUT', path, { key: fixed.key, body: 'a' })).status, 201)
  const again = await served.call('PUT', path, { key: fixed.key, body: 'b' })
  assert.is(again.status, 409)
  assert.is(again.json.code, 'key_exists')
  assert.is((await served.call('GET', path, { key: fixed.key })).text, 'a')
})

keys('a path of keys has no aliases', async () => {
  for (const path of [
    `${bucket.path}/keys/a/b`,
    `${bucket.path}/keys/a/`,
    `${bucket.path}//keys/a`,
  ]) {
    assert.is((await served.call('GET', path, { key: bucket.key })).status, 404, path)
  }
})

keys.run()
