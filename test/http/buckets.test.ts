import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Served, serve } from './served.js'

const buckets = suite('http accounts and buckets')
let served: Served

buckets.before(async () => {
  served = await serve()
})
buckets.after(() => served.close())

const { stringify } = JSON

buckets('an account makes buckets and sees its own', async () => {
  const { root } = served
  const made = await served.call('POST', '/v1/accounts', { key: root, body: { name: 'acme' } })
  assert.is(made.status, 201)
  assert.is(made.json.name, 'acme')
  assert.is(made.headers['cache-control'], 'no-store')
  const key = made.json.credentialKey

  const body = {
    name: 'birthdays',
    defaultTtl: '1h',
    maxBytes: '1mb',
    tier: 'economy',
    replicas: 1,
  }
  const bucket = await served.call('POST', '/v1/buckets', { key, body })
  assert.is(bucket.status, 201, bucket.text)
  const { id, endpoint, credentialKey, credentialId, ...rest } = bucket.json
  assert.match(id, /^[0-9]+$/)
  assert.is(endpoint, `http://www.${id}.localhost:${served.server.port}/`)
  assert.type(credentialKey, 'string')
  assert.type(credentialId, 'string')
  assert.type(rest.createdAt, 'string')
  const { createdAt, ...described } = rest
  assert.equal(described, {
    name: 'birthdays',
    accountId: made.json.id,
    defaultTtl: 3_600_000,
    maxBytes: 2 ** 20,
    immutable: false,
    tier: 'economy',
    replicas: 1,
    copies: { wanted: 2, kept: 2 },
  })

  const again = await served.call('POST', '/v1/buckets', { key, body: { name: 'birthdays' } })
  assert.is(again.status, 409)
  assert.is(again.json.code, 'bucket_exists')
  const listed = await served.call('GET', '/v1/buckets', { key })
  assert.equal(listed.json, { buckets: [{ id, endpoint, createdAt, ...described }] })
  const one = await served.call('GET', `/v1/buckets/${id}`, { key })
  assert.equal(one.json, listed.json.buckets[0])
})

buckets('root lists all buckets and may say whose a new one is', async () => {
  const account = await served.call('POST', '/v1/accounts', {
    key: served.root,
    body: { name: 'owner' },
  })
  const accountId = account.json.id
  const made = await served.call('POST', '/v1/buckets', {
    key: served.root,
    body: { name: 'given', accountId },
  })
  assert.is(made.json.accountId, accountId)
  const all = await served.call('GET', '/v1/buckets', { key: served.root })
  assert.ok(all.json.buckets.some((one: { id: string }) => one.id === made.json.id))
  const unknown = await served.call('POST', '/v1/buckets', {
    key: served.root,
    body: { name: 'lost', accountId: 'nobody' },
  })
  assert.is(unknown.status, 404)
  assert.is(unknown.json.code, 'account_not_found')
  const strange = await served.call('POST', '/v1/buckets', {
    key: account.json.credentialKey,
    body: { name: 'mine', accountId: '1234567' },
  })
  assert.is(strange.status, 403)
})

buckets('PATCH changes what it names; null takes away', async () => {
  const bucket = await served.bucket({ defaultTtl: '1h', maxBytes: '1mb' })
  const patch = (body: object) => served.call('PATCH', bucket.path, { key: bucket.key, body })
  const changed = await patch({ defaultTtl: '60s', immutable: true })
  assert.is(changed.status, 200, changed.text)
  assert.is(changed.json.defaultTtl, 60_000)
  assert.is(changed.json.immutable, true)
  assert.is(changed.json.maxBytes, 2 ** 20)
  const cleared = await patch({ defaultTtl: null, maxBytes: null })
  assert.is(cleared.json.defaultTtl, null)
  assert.is(cleared.json.maxBytes, null)
  assert.is((await patch({ defaultTtl: '400d' })).json.code, 'invalid_ttl')
  assert.is((await patch({ name: 'other' })).json.code, 'invalid_body')
  assert.is((await patch({ tier: 'gold' })).json.code, 'invalid_body')
})

buckets('bad bodies are refused with a reason', async () => {
  const cases: [unknown, string][] = [
    [{}, 'invalid_body'],
    [{ name: 5 }, 'invalid_body'],
    [{ name: '' }, 'invalid_name'],
    [{ name: 'x', color: 'red' }, 'invalid_body'],
    [{ name: 'x', defaultTtl: '1y' }, 'invalid_ttl'],
    [{ name: 'x', maxBytes: '1xb' }, 'invalid_size'],
    [{ name: 'x', replicas: -1 }, 'invalid_body'],
    [[], 'invalid_body'],
  ]
  for (const [body, code] of cases) {
    const answer = await served.call('POST', '/v1/buckets', {
      key: served.root,
      body: stringify(body),
    })
    assert.is(answer.status, 400, `${stringify(body)}: ${answer.text}`)
    assert.is(answer.json.code, code, stringify(body))
  }
  const long = stringify({ name: 'x'.repeat(70_000) })
  assert.is(
    (await served.call('POST', '/v1/buckets', { key: served.root, body: long })).status,
    413,
  )
})

buckets('DELETE of a bucket takes its keys and credentials along', async () => {
  const bucket = await served.bucket()
  await served.call('PUT', `${bucket.path}/keys/k`, { key: bucket.key, body: 'x' })
  assert.is((await served.call('DELETE', bucket.path, { key: served.root })).status, 204)
  assert.is((await served.call('GET', bucket.path, { key: served.root })).status, 404)
  assert.is((await served.call('GET', `${bucket.path}/keys/k`, { key: bucket.key })).status, 401)
  const again = await served.call('DELETE', bucket.path, { key: served.root })
  assert.is(again.json.code, 'bucket_not_found')
})

buckets('credentials of a bucket come, are listed without keys, and go', async () => {
  const bucket = await served.bucket()
  const path = `${bucket.path}/credentials`
  const call = (method: string, to: string, body?: object) => {
    return served.call(method, to, { key: bucket.key, ...(body === undefined ? {} : { body }) })
  }
  const made = await call('POST', path, { role: 'read' })
  assert.is(made.status, 201)
  assert.equal(Object.keys(made.json).sort(), ['credentialId', 'credentialKey', 'role'])
  const listed = await call('GET', path)
  assert.is(listed.json.credentials.length, 2)
  assert.not.match(listed.text, made.json.credentialKey)
  assert.equal(Object.keys(listed.json.credentials[0]).sort(), [
    'createdAt',
    'credentialId',
    'role',
  ])

  await served.call('PUT', `${bucket.path}/keys/k`, { key: bucket.key, body: 'stays' })
  const read = () => served.call('GET', `${bucket.path}/keys/k`, { key: made.json.credentialKey })
  assert.is((await read()).text, 'stays')
  assert.is((await call('DELETE', `${path}/${made.json.credentialId}`)).status, 204)
  assert.is((await read()).status, 401, 'on the very connection that knew it')
  const gone = await call('DELETE', `${path}/${made.json.credentialId}`)
  assert.is(gone.status, 404)
  assert.is(gone.json.code, 'credential_not_found')
  assert.is((await call('POST', path, { role: 'boss' })).json.code, 'invalid_body')
  assert.is((await call('GET', `${bucket.path}/keys/k`)).text, 'stays')
})

buckets('account and root credentials rotate; no key is lost', async () => {
  const account = await served.call('POST', '/v1/accounts', {
    key: served.root,
    body: { name: 'rotating' },
  })
  const old = account.json.credentialKey
  const bucket = await served.call('POST', '/v1/buckets', { key: old, body: { name: 'b' } })
  const path = `/v1/buckets/${bucket.json.id}/keys/k`
  await served.call('PUT', path, { key: old, body: 'kept' })
  const rotated = await served.call('POST', '/v1/credentials/rotate', { key: old })
  assert.is(rotated.status, 200)
  assert.equal(Object.keys(rotated.json).sort(), ['credentialId', 'credentialKey'])
  assert.is((await served.call('GET', path, { key: old })).status, 401)
  assert.is((await served.call('GET', path, { key: rotated.json.credentialKey })).text, 'kept')

  const other = await serve()
  try {
    const next = await other.call('POST', '/v1/credentials/rotate', { key: other.root })
    assert.is((await other.call('GET', '/v1/ring', { key: other.root })).status, 401)
    assert.is((await other.call('GET', '/v1/ring', { key: next.json.credentialKey })).status, 200)
  } finally {
    await other.close()
  }
})

buckets('flush empties a bucket at once; usage counts', async () => {
  const bucket = await served.bucket()
  for (const name of ['a', 'b']) {
    await served.call('PUT', `${bucket.path}/keys/${name}`, { key: bucket.key, body: 'x' })
  }
  await served.call('GET', `${bucket.path}/keys/a`, { key: bucket.key })
  await served.call('GET', `${bucket.path}/keys/none`, { key: bucket.key })
  const usage = await served.call('GET', `${bucket.path}/usage`, { key: bucket.key })
  assert.is(usage.status, 200)
  const numbers = Object.entries(usage.json).filter(([name]) => name !== 'tier')
  assert.is(usage.json.tier, 'standard')
  assert.equal(Object.keys(usage.json).sort(), [
    ...['byteSeconds', 'bytes', 'deletes', 'droppedByMove', 'evictions', 'expirations', 'gets'],
    ...['hits', 'items', 'misses', 'puts', 'tier'],
  ])
  assert.ok(numbers.every(([, value]) => typeof value === 'number'))
  assert.is(usage.json.items, 2)
  assert.is(usage.json.puts, 2)
  assert.is(usage.json.hits, 1)
  assert.is(usage.json.misses, 1)

  assert.is((await served.call('POST', `${bucket.path}/flush`, { key: bucket.key })).status, 204)
  assert.is((await served.call('GET', `${bucket.path}/keys/a`, { key: bucket.key })).status, 404)
  const body = {}
  assert.is(
    (await served.call('POST', `${bucket.path}/flush`, { key: bucket.key, body })).status,
    204,
  )
})

buckets('keys are listed page by page', async () => {
  const bucket = await served.bucket()
  const names = Array.from({ length: 25 }, (_, i) => `p:${i}`)
  const all = [...names, 'other']
  await served.call('POST', `${bucket.path}/batch/put`, {
    key: bucket.key,
    body: { keys: all, values: all },
  })
  const seen = new Set<string>()
  let cursor: string | null = ''
  while (cursor !== null) {
    const search: string = `?prefix=p%3A&limit=10&cursor=${encodeURIComponent(cursor)}`
    const page = await served.call('GET', `${bucket.path}/keys${search}`, { key: bucket.key })
    assert.is(page.status, 200, page.text)
    assert.ok(page.json.keys.length <= 10)
    for (const key of page.json.keys) seen.add(key)
    cursor = page.json.cursor
  }
  assert.equal([...seen].sort(), [...names].sort())
  for (const search of ['?limit=0', '?limit=x', '?limit=10001', '?limt=1']) {
    const answer = await served.call('GET', `${bucket.path}/keys${search}`, { key: bucket.key })
    assert.is(answer.json.code, 'invalid_option', search)
  }
  const strange = await served.call('GET', `${bucket.path}/keys?cursor=junk`, { key: bucket.key })
  assert.is(strange.status, 400)
  assert.is(strange.json.code, 'invalid_cursor')
})

buckets('explain says where a key stands', async () => {
  const bucket = await served.bucket()
  const explain = (search: string) => {
    return served.call('GET', `${bucket.path}/explain${search}`, { key: bucket.key })
  }
  const { status, json } = await explain('?key=john+doe')
  assert.is(status, 200)
  assert.is(json.key, 'john doe')
  assert.ok(Math.abs(json.angle - (json.hash / 2 ** 32) * 360) < 1e-9)
  assert.type(json.owner, 'string')
  assert.is(json.successors.length, 1)
  assert.type(json.token, 'number')
  assert.type(json.epoch, 'number')
  assert.is((await explain('')).json.code, 'invalid_option')
  assert.is((await explain('?key=')).json.code, 'invalid_key')
})

buckets('the ring can be drawn', async () => {
  const { status, json } = await served.call('GET', '/v1/ring', { key: served.root })
  assert.is(status, 200)
  assert.is(json.nodes.length, 2)
  for (const node of json.nodes) assert.is(node.state, 'serving')
  const shares = json.nodes.reduce((sum: number, node: { share: number }) => sum + node.share, 0)
  assert.ok(Math.abs(shares - 1) < 1e-9)
  assert.ok(json.circle.every((index: number) => json.members[index] !== undefined))
  const full = await served.call('GET', '/v1/ring?tokens=true', { key: served.root })
  assert.is(full.json.positions.length, json.tokens)
  assert.is(full.json.owners.length, json.tokens)
  assert.is((await served.call('GET', '/v1/ring?tokens=1', { key: served.root })).status, 400)
})

buckets('health and readiness need no credential', async () => {
  for (const path of ['/healthz', '/readyz']) {
    assert.is((await served.call('GET', path)).status, 200)
    assert.is((await served.call('HEAD', path)).status, 200)
  }
})

buckets.run()
