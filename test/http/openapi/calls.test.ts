import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { FRAME_TYPE } from '../../../src/frames/frame.js'
import { listen } from '../listener.js'
import { codeOf, message, raw, statusOf } from '../served.js'
import { type Asking, asking, ended } from './asking.js'

/** Every call of the document is made, and each answer must be as the document has it. */
const test = suite('openapi calls')

const LIMIT_BYTES = 65_536
let all: Asking
let root: string
let id: string
let key: string
let reader: string

test.before(async () => {
  all = await asking({ engine: { maxValue: `${LIMIT_BYTES}`, maxBuckets: 6 } })
  root = all.served.root
  ;({ id, key } = await all.served.bucket())
  const body = { role: 'read' }
  reader = (await all.ask('createCredential', 201, { key, path: { id }, body })).json.credentialKey
})
test.after(() => all.served.close())

test('operations', async () => {
  const { ask } = all
  await ask('healthy', 200)
  await ask('ready', 200)
  const { headers } = await ask('describeApi', 200)
  await ask('describeApi', 304, { headers: { 'If-None-Match': String(headers.etag) } })
  await ask('describeApi', 400, { body: 'x', code: 'invalid_request' })
  await ask('headEvents', 200, { key: root })
  await ask('readMetrics', 200, { key: root })
})

test('keys', async () => {
  const { ask } = all
  const at = (name: string) => ({ key, path: { id, key: name } })
  const put = await ask('putKey', 201, { ...at('a%2Fb'), query: 'ttl=5m', body: 'value' })
  await ask('putKey', 204, { ...at('a%2Fb'), headers: { 'Content-Type': 'text/x' }, body: 'v' })
  await ask('putKey', 201, { ...at('bytes'), body: Buffer.from([255, 0]) })
  const got = await ask('getKey', 200, at('a%2Fb'))
  assert.is(got.headers['cache-status'], 'annulus; hit')
  const headers = { 'Cache-Control': 'max-age=60' }
  await ask('putKey', 204, { ...at('a%2Fb'), body: 'w', headers })
  const { headers: now } = await ask('headKey', 200, at('a%2Fb'))
  assert.match(String(now['cache-status']), /ttl=/)
  const same = { 'If-None-Match': String(now.etag) }
  await ask('getKey', 304, { ...at('a%2Fb'), headers: same })
  await ask('headKey', 304, { ...at('a%2Fb'), headers: same })
  await ask('touchKey', 204, { ...at('a%2Fb'), query: 'ttl=1h' })
  await ask('listKeys', 200, { key, path: { id }, query: 'prefix=a&limit=10' })
  const old = { 'If-Match': String(put.headers.etag) }
  for (const call of ['getKey', 'headKey', 'putKey', 'deleteKey']) {
    await ask(call, 412, { ...at('a%2Fb'), headers: old })
  }
  await ask('touchKey', 412, { ...at('a%2Fb'), query: 'ttl=1h', headers: old })
  await ask('deleteKey', 204, at('a%2Fb'))
  for (const call of ['getKey', 'headKey', 'deleteKey']) await ask(call, 404, at('gone'))
  await ask('touchKey', 404, { ...at('gone'), query: 'ttl=1h', code: 'key_not_found' })
})

test('keys that are refused', async () => {
  const { ask } = all
  const at = (name: string) => ({ key, path: { id, key: name } })
  await ask('getKey', 400, { ...at('%2E%2e'), code: 'invalid_key' })
  await ask('putKey', 201, { ...at('k'), body: 'v' })
  const malformed = { 'If-None-Match': 'x' }
  await ask('getKey', 400, { ...at('k'), headers: malformed, code: 'invalid_request' })
  await ask('headKey', 400, at('%ff'))
  await ask('putKey', 400, { ...at('k'.repeat(1_025)), code: 'key_too_long' })
  await ask('putKey', 400, { ...at('k'), query: 'ttl=1y', code: 'invalid_ttl' })
  await ask('putKey', 400, { ...at('k'), query: 'til=1', code: 'invalid_option' })
  await ask('putKey', 413, {
    ...at('k'),
    body: 'x'.repeat(LIMIT_BYTES + 1),
    code: 'value_too_large',
  })
  const coded = { 'Content-Encoding': 'gzip' }
  await ask('putKey', 415, { ...at('k'), headers: coded, code: 'invalid_body' })
  await ask('touchKey', 400, { ...at('k'), code: 'invalid_ttl' })
  await ask('deleteKey', 400, { ...at('k'), body: 'x', code: 'invalid_request' })
  await ask('listKeys', 400, { key, path: { id }, query: 'limit=0', code: 'invalid_option' })
  await ask('listKeys', 400, { key, path: { id }, query: 'cursor=x', code: 'invalid_cursor' })
  const strict = await all.served.bucket({ immutable: true, maxBytes: 1_024 })
  const one = { key: strict.key, path: { id: strict.id, key: 'k' } }
  await ask('putKey', 201, { ...one, body: 'v' })
  await ask('putKey', 409, { ...one, body: 'v', code: 'key_exists' })
  await ask('putKey', 413, { ...one, body: 'x'.repeat(2_000), code: 'quota_exceeded' })
  await ask('deleteBucket', 204, { key: root, path: { id: strict.id } })
  await ask('getKey', 404, { ...one, key: root, code: 'bucket_not_found' })
})

test('batches', async () => {
  const { ask } = all
  const at = { key, path: { id } }
  await ask('putMany', 200, {
    ...at,
    body: { keys: ['a', { b: 1 }], values: ['v', 'w'], ttl: '5m' },
  })
  const items = [{ key: 'bytes', value: { base64: '/wA=' }, ttl: 60_000 }]
  await ask('putMany', 200, { ...at, body: { items } })
  await ask('getMany', 200, { ...at, body: { keys: ['a', 'bytes', 'nobody'] } })
  await ask('deleteMany', 200, { ...at, body: { keys: ['a', 'nobody'] } })
  await ask('deleteMany', 200, { ...at, body: { prefix: 'by' } })
  const bad = [{ keys: [''] }, { keys: [], values: [''], more: 1 }]
  for (const call of ['putMany', 'getMany', 'deleteMany']) {
    for (const body of bad) await ask(call, 400, { ...at, body })
    const many = { keys: Array(1_001).fill('k'), values: Array(1_001).fill('v') }
    await ask(call, 413, { ...at, body: many, code: 'batch_too_large' })
    const typed = { 'Content-Type': 'text/plain' }
    await ask(call, 415, { ...at, body: '{}', headers: typed, code: 'invalid_body' })
  }
})

test('batches in binary', async () => {
  const { ask } = all
  const headers = { 'Content-Type': FRAME_TYPE, Accept: FRAME_TYPE }
  const at = { key, path: { id }, headers }
  const items = '02 01000000 0000000000000000 00 0100 6b 02000000 ff00'
  const keys = '01 01000000 0100 6b'
  for (const [call, frame] of [
    ['putMany', items],
    ['getMany', keys],
    ['deleteMany', keys],
    ['deleteMany', '03 01000000 6b'],
  ]) {
    const body = Buffer.from(frame.replaceAll(' ', ''), 'hex')
    const { headers: got } = await ask(call, 200, { ...at, body })
    assert.is(got['content-type'], FRAME_TYPE)
    const short = body.subarray(0, -1)
    await ask(call, 400, { ...at, body: short, code: 'invalid_body' })
  }
})

test('buckets', async () => {
  const { ask } = all
  const full = { name: 'full', defaultTtl: '1h', maxBytes: '1mb', replicas: 3, tier: 'economy' }
  const made = (await ask('createBucket', 201, { key: root, body: full })).json
  assert.type(made.notice, 'string')
  const at = { key: made.credentialKey, path: { id: made.id } }
  await ask('describeBucket', 200, at)
  await ask('listBuckets', 200, { key: root })
  await ask('changeBucket', 200, { ...at, body: { maxBytes: null, defaultTtl: 5_000 } })
  await ask('bucketUsage', 200, at)
  await ask('explainKey', 200, { ...at, query: 'key=k' })
  await ask('flushBucket', 204, at)
  await ask('explainKey', 400, { ...at, code: 'invalid_option' })
  await ask('explainKey', 400, { ...at, query: 'key=', code: 'invalid_key' })
  await ask('changeBucket', 400, { ...at, body: { tier: 'gold' }, code: 'invalid_body' })
  await ask('changeBucket', 400, { ...at, body: { maxBytes: 5 }, code: 'invalid_size' })
  await ask('changeBucket', 415, { ...at, body: '{}', headers: { 'Content-Type': 'text/plain' } })
  const create = (body: object, status: number, code: string) => {
    return ask('createBucket', status, { key: root, body, code })
  }
  await create(full, 409, 'bucket_exists')
  await create({ name: 'x'.repeat(129) }, 400, 'invalid_name')
  await create({ name: 'y', accountId: 'nobody' }, 404, 'account_not_found')
  await create({ name: 'y', more: 'x'.repeat(70_000) }, 413, 'invalid_body')
  for (let n = 0; n < 4; n++) await ask('createBucket', 201, { key: root, body: { name: `${n}` } })
  await create({ name: 'one more' }, 409, 'too_many_buckets')
  await ask('deleteBucket', 204, { key: root, path: at.path })
  for (const call of ['describeBucket', 'bucketUsage', 'flushBucket', 'listKeys', 'deleteBucket']) {
    await ask(call, 404, { key: root, path: at.path, code: 'bucket_not_found' })
  }
})

test('accounts and credentials', async () => {
  const { ask } = all
  const made = (await ask('createAccount', 201, { key: root, body: { name: 'acme' } })).json
  await ask('createAccount', 400, { key: root, body: { name: '' }, code: 'invalid_name' })
  await ask('rotateCredential', 200, { key: made.credentialKey })
  await ask('rotateCredential', 401, { key: made.credentialKey, code: 'unauthorized' })
  const at = { key, path: { id } }
  const { json } = await ask('createCredential', 201, { ...at, body: { role: 'write' } })
  await ask('createCredential', 400, { ...at, body: { role: 'god' }, code: 'invalid_body' })
  await ask('listCredentials', 200, at)
  const gone = { key, path: { id, credentialId: json.credentialId } }
  await ask('deleteCredential', 204, gone)
  await ask('deleteCredential', 404, { ...gone, code: 'credential_not_found' })
})

test('the ring, and what is told of it', async () => {
  const { ask, hold, served, contract } = all
  const as = { key: root }
  const stream = await listen(served.server.port, root, '/v1/events?figures=true')
  for (let n = 0; n < 20; n++)
    await ask('putKey', 201, { key, path: { id, key: `ring${n}` }, body: 'v' })
  await ask('describeRing', 200, as)
  await ask('describeRing', 200, { ...as, query: 'tokens=true' })
  await ask('addNode', 200, { ...as, query: 'dryRun=true' })
  const { json: added } = await ask('addNode', 202, { ...as, body: { weight: 1 } })
  await ended(all, added.migration)
  await ask('addNode', 409, { ...as, body: { id: 'n1' }, code: 'node_exists' })
  await ask('addNode', 400, { ...as, body: { weight: 0 }, code: 'invalid_option' })
  await ask('listMigrations', 200, as)
  await ask('removeNode', 200, { ...as, path: { id: 'n1' }, query: 'dryRun=true' })
  const leaving = { ...as, path: { id: added.node }, query: 'pace=0.01' }
  const { json: removed } = await ask('removeNode', 202, leaving)
  const receipt = { ...as, path: { id: String(removed.migration) } }
  await ask('cancelMigration', 202, receipt)
  await stream.until(({ data }) => JSON.stringify(data).includes('"state":"cancelled"'))
  await ask('cancelMigration', 409, { ...receipt, code: 'migration_ended' })
  await ask('failNode', 202, { ...as, path: { id: added.node } })
  await ask('failNode', 202, { ...as, path: { id: 'n2' } })
  await ask('failNode', 409, { ...as, path: { id: 'n1' }, code: 'last_node' })
  await ask('removeNode', 409, { ...as, path: { id: 'n1' }, code: 'last_node' })
  for (const call of ['removeNode', 'failNode', 'describeMigration', 'cancelMigration']) {
    await ask(call, 404, { ...as, path: { id: 'none' } })
  }
  await stream.until(({ type }) => type === 'figures')
  const types = new Set<string>()
  for (const [i, { type, data }] of stream.heard.entries()) {
    const name = i === 0 ? 'Connected' : `${type[0].toUpperCase()}${type.slice(1)}`
    assert.is(contract.faults(['components', 'schemas', `${name}Event`], data), '')
    types.add(type)
  }
  assert.equal([...types].sort(), ['figures', 'migration', 'node', 'ring'])
  const headers = stream.headers as Record<string, string>
  const text = stream.text()
  hold('streamEvents', { status: 200, headers, bytes: Buffer.from(text), text, json: {} as never })
  stream.leave()
})

test('where copies are made anew, failing a node has a migration', async () => {
  const other = await asking()
  try {
    await other.served.bucket({ replicas: 1 })
    const { headers } = await other.ask('failNode', 202, { key: root, path: { id: 'n2' } })
    assert.match(String(headers.location), '/v1/migrations/')
  } finally {
    await other.served.close()
  }
})

test('without a credential, and with one that may not', async () => {
  const { contract, ask } = all
  for (const { operationId, security } of contract.operations()) {
    if (security !== undefined) continue
    const path = { id: '987654321' }
    await ask(operationId, 401, { path })
    await ask(operationId, 403, { path, key: reader })
  }
})

test("every call of a bucket is found at the bucket's own host", async () => {
  const { contract, served } = all
  let count = 0
  for (const { path, description, operationId, method } of contract.operations()) {
    const told = /own endpoint: `([A-Z]+) ([^`]+)`/.exec(description)
    const isBelow = path.startsWith('/v1/buckets/{id}/')
    assert.is(told !== null, isBelow, operationId)
    if (told === null) continue
    count++
    assert.is(told[1], method)
    const headers = { Host: `${id}.localhost` }
    const target = told[2].replaceAll(/\{[^}]+\}/g, 'x')
    const { status } = await served.call(method, target, { headers })
    assert.is(status, 401, `${method} ${target}`)
  }
  assert.ok(count > 10)
})

test('what is no request, or more than is borne', async () => {
  const { served, contract } = all
  const { responses } = contract.operation('healthy')
  for (const [status, code, field] of [
    [400, 'invalid_host', 'Host: b'],
    [417, 'expectation_failed', 'Expect: a miracle'],
    [431, 'headers_too_large', Array(130).fill('A: b').join('\r\n')],
    [501, 'not_implemented', 'Transfer-Encoding: gzip, chunked'],
  ] as const) {
    const answer = await raw(served.server.port, message('GET /healthz HTTP/1.1', [field]))
    assert.is(statusOf(answer), status)
    assert.is(codeOf(answer), code)
    const { description } = contract.resolve<{ description: string }>(responses[status])
    assert.match(description, code)
  }
})

test('faults of the server', async () => {
  const broken = await asking({
    wrap: (engine) => {
      const ringStatus = () => {
        throw new Error('broken')
      }
      return Object.defineProperties(Object.create(engine), {
        ringStatus: { value: ringStatus },
        ready: { value: false },
      })
    },
    server: { maxInflightBytes: 1_000 },
  })
  try {
    await broken.ask('describeRing', 500, { key: root, code: 'internal' })
    await broken.ask('ready', 503, { code: 'recovering' })
    const { id, key } = await broken.served.bucket()
    const body = 'x'.repeat(2_000)
    const wanted = { key, path: { id, key: 'k' }, body, code: 'overloaded' }
    const { json } = await broken.ask('putKey', 503, wanted)
    assert.is(Reflect.get(json, 'maybeStored'), false)
  } finally {
    await broken.served.close()
  }
})

test('nothing was left out', () => {
  const { contract, seen } = all
  const statuses = new Set([...seen].map((one) => one.split(' ')[1]))
  assert.equal(
    [...statuses].sort(),
    '200 201 202 204 304 400 401 403 404 409 412 413 415'.split(' '),
  )
  for (const { operationId, responses } of contract.operations()) {
    const wanted = Object.keys(responses).filter((status) => Number(status) < 400)
    for (const status of wanted) {
      assert.ok(seen.has(`${operationId} ${status}`), `${operationId} never answered ${status}`)
    }
  }
})

test.run()
