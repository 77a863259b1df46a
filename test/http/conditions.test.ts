import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Served, serve } from './served.js'

const conditions = suite('http conditions')
let served: Served
let bucket: { id: string; key: string; path: string }
let names = 0

conditions.before(async () => {
  served = await serve()
  bucket = await served.bucket()
})
conditions.after(() => served.close())

function on(method: string, key: string, headers: Record<string, string> = {}, body?: string) {
  return served.call(method, `${bucket.path}/keys/${key}`, {
    key: bucket.key,
    headers,
    ...(body === undefined ? {} : { body }),
  })
}

async function stored(): Promise<{ name: string; etag: string }> {
  const name = `key-${++names}`
  const { headers } = await on('PUT', name, {}, 'value')
  return { name, etag: String(headers.etag) }
}

conditions('If-None-Match on a read: 304 for the stored version, weakly or in a list', async () => {
  const { name, etag } = await stored()
  for (const header of [etag, `W/${etag}`, `"x", ${etag}`, `"a,b",W/${etag} ,"y"`, '*']) {
    for (const method of ['GET', 'HEAD']) {
      const answer = await on(method, name, { 'If-None-Match': header })
      assert.is(answer.status, 304, `${method} ${header}`)
      assert.is(answer.headers.etag, etag)
      assert.is(answer.text, '')
    }
  }
  for (const header of ['"x"', 'W/"x"', `"${etag.slice(1, -1)},"`]) {
    assert.is((await on('GET', name, { 'If-None-Match': header })).status, 200, header)
  }
  assert.is((await on('GET', 'never', { 'If-None-Match': '*' })).status, 404)
  const both = await on('GET', name, { 'If-None-Match': etag, 'Cache-Control': 'no-cache' })
  assert.is(both.status, 304)
})

conditions('If-Match on a read compares strongly', async () => {
  const { name, etag } = await stored()
  assert.is((await on('GET', name, { 'If-Match': etag })).status, 200)
  assert.is((await on('GET', name, { 'If-Match': `W/${etag}` })).status, 412)
  assert.is((await on('GET', 'never', { 'If-Match': '*' })).status, 412)
})

conditions('If-None-Match: * stores a new key only', async () => {
  const { name } = await stored()
  const refused = await on('PUT', name, { 'If-None-Match': '*' }, 'other')
  assert.is(refused.status, 412)
  assert.is(refused.json.code, 'version_mismatch')
  assert.is((await on('GET', name)).text, 'value')
  assert.is((await on('PUT', `${name}-new`, { 'If-None-Match': '*' }, 'x')).status, 201)
})

conditions('If-Match lets only that version be changed', async () => {
  for (const method of ['PUT', 'PATCH', 'DELETE']) {
    const { name, etag } = await stored()
    const path = method === 'PATCH' ? `${name}?ttl=60s` : name
    const body = method === 'PUT' ? 'other' : undefined
    for (const header of ['"x"', `W/${etag}`, '"a", "b"']) {
      const refused = await on(method, path, { 'If-Match': header }, body)
      assert.is(refused.status, 412, `${method} ${header}`)
    }
    assert.is((await on('GET', name)).headers.etag, etag)
    assert.is((await on(method, path, { 'If-Match': `"x", ${etag}` }, body)).status, 204, method)
    if (method !== 'PATCH') {
      assert.is((await on(method, path, { 'If-Match': etag }, body)).status, 412, `${method} again`)
    }
  }
})

conditions('If-Match: * wants the key to be there', async () => {
  for (const method of ['PUT', 'PATCH', 'DELETE']) {
    const { name } = await stored()
    const search = method === 'PATCH' ? '?ttl=60s' : ''
    const body = method === 'PUT' ? 'other' : undefined
    const missing = await on(method, `never${search}`, { 'If-Match': '*' }, body)
    assert.is(missing.status, 412, method)
    assert.is((await on(method, `${name}${search}`, { 'If-Match': '*' }, body)).status, 204, method)
  }
})

conditions('conditions that mean nothing are refused', async () => {
  const { name, etag } = await stored()
  const cases: [string, Record<string, string>][] = [
    ['PUT', { 'If-Match': etag, 'If-None-Match': '*' }],
    ['PUT', { 'If-None-Match': etag }],
    ['PUT', { 'If-Match': 'bare' }],
    ['PUT', { 'If-Match': '' }],
    ['PUT', { 'If-Match': '"open' }],
    ['DELETE', { 'If-None-Match': '*' }],
    ['GET', { 'If-None-Match': 'bare' }],
  ]
  for (const [method, headers] of cases) {
    const answer = await on(method, name, headers, method === 'PUT' ? 'x' : undefined)
    assert.is(answer.status, 400, `${method} ${JSON.stringify(headers)}`)
  }
  assert.is((await on('GET', name)).headers.etag, etag)
})

conditions('of many writers that hold the same version one wins', async () => {
  const { name, etag } = await stored()
  const answers = await Promise.all(
    Array.from({ length: 8 }, (_, i) => on('PUT', name, { 'If-Match': etag }, `writer ${i}`)),
  )
  const statuses = answers.map((answer) => answer.status).sort()
  assert.equal(statuses, [204, 412, 412, 412, 412, 412, 412, 412])
})

conditions.run()
