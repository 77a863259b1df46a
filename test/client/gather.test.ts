import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { codeOf, connected, failureOf } from './connected.js'

const test = suite('client gathering')
const at = await connected({ engine: { memory: '192mb' } })

const paths = () => at.requests.map((request) => request.replace(/[0-9]{5,}/, '{id}'))
const batch = 'POST /v1/buckets/{id}/batch/get'

test('the gets of one turn are one request, and each key is asked for once', async () => {
  const bucket = await at.bucket()
  await bucket.putMany([
    ['a', '1'],
    ['b', '2'],
  ])
  at.requests.length = 0
  const [a, b, none, again] = await Promise.all([
    bucket.get('a'),
    bucket.getText('b'),
    bucket.get('none'),
    bucket.get('a'),
  ])
  assert.equal(paths(), [batch])
  assert.is((await bucket.usage()).gets, 3)
  assert.equal([a?.[0], b, none, again?.[0]], [0x31, '2', undefined, 0x31])
  a?.fill(0)
  assert.is(again?.[0], 0x31, 'each has bytes of its own')
})

test('one get alone is a GET, also where two ask for the same key', async () => {
  const bucket = await at.bucket()
  at.requests.length = 0
  await bucket.get('a')
  await Promise.all([bucket.get('b/c'), bucket.getText('b/c')])
  assert.equal(paths(), ['GET /v1/buckets/{id}/keys/a', 'GET /v1/buckets/{id}/keys/b%2Fc'])
})

test('gets of another turn, bucket or credential are another request', async () => {
  const bucket = await at.bucket()
  const other = await at.bucket()
  const byRoot = at.client.bucket(bucket.id)
  at.requests.length = 0
  const early = [bucket.get('a'), bucket.get('b'), other.get('a'), other.get('b'), byRoot.get('a')]
  await Promise.resolve()
  await Promise.all([...early, bucket.get('c')])
  const got = at.requests.toSorted()
  const of = (id: string, path: string) => `/v1/buckets/${id}/${path}`
  assert.equal(
    got,
    [
      `POST ${of(bucket.id, 'batch/get')}`,
      `POST ${of(other.id, 'batch/get')}`,
      `GET ${of(bucket.id, 'keys/a')}`,
      `GET ${of(bucket.id, 'keys/c')}`,
    ].toSorted(),
  )
})

test('handles of one bucket and credential gather together', async () => {
  const bucket = await at.bucket()
  at.requests.length = 0
  const handles = [at.client.bucket(bucket.id), at.client.bucket(bucket.id)]
  await Promise.all(handles.map((handle, i) => handle.get(`key-${i}`)))
  assert.equal(paths(), [batch])
})

test('more than a batch holds are several', async () => {
  const bucket = await at.bucket()
  const keys = Array.from({ length: 2_001 }, (_, i) => `key-${i}`)
  await bucket.putMany(keys.map((key) => [key, key] as const))
  at.requests.length = 0
  const values = await Promise.all(keys.map((key) => bucket.getText(key)))
  assert.equal(values, keys)
  assert.equal(paths().toSorted(), ['GET /v1/buckets/{id}/keys/key-2000', batch, batch])
})

test('values that are too much for one answer come in halves, then one by one', async () => {
  const bucket = await at.bucket()
  const value = new Uint8Array(6 * 2 ** 20)
  await bucket.putMany(['a', 'b', 'c', 'd'].map((key) => [key, value] as const))
  at.requests.length = 0
  const sizes = await Promise.all(
    ['a', 'b', 'c', 'd'].map(async (key) => (await bucket.get(key))?.length),
  )
  assert.equal(sizes, [value.length, value.length, value.length, value.length])
  assert.equal(paths(), [batch, batch, batch])
})

test('told not to, or with a timeout of its own, a get goes alone', async () => {
  const bucket = await at.bucket()
  const alone = at.connect({ gather: false }).bucket(bucket.id)
  at.requests.length = 0
  await Promise.all([alone.get('a'), alone.get('b')])
  await Promise.all([bucket.get('a', { timeout: '5s' }), bucket.get('b', { timeout: '5s' })])
  assert.ok(paths().every((path) => path.startsWith('GET ')))
  assert.is(paths().length, 4)
})

test('a failure of the batch is everyone’s', async () => {
  const bucket = at.client.bucket('12345678')
  const codes = await Promise.all(['a', 'b'].map((key) => codeOf(bucket.get(key))))
  assert.equal(codes, ['bucket_not_found', 'bucket_not_found'])
})

test('a bad key is refused by itself', async () => {
  const bucket = await at.bucket()
  await bucket.put('a', '1')
  const [bad, good] = await Promise.all([codeOf(bucket.get('..')), bucket.getText('a')])
  assert.equal([bad, good], ['invalid_key', '1'])
})

test('who leaves does so alone', async () => {
  const bucket = await at.bucket()
  await bucket.put('b', '2')
  const reason = new Error('changed my mind')
  const before = AbortSignal.abort(reason)
  const during = new AbortController()
  const gets = [
    failureOf(bucket.get('a', { signal: before })),
    failureOf(bucket.get('b', { signal: during.signal })),
  ]
  const stays = bucket.getText('b', { signal: new AbortController().signal })
  during.abort(reason)
  assert.equal(await Promise.all(gets), [reason, reason])
  assert.is(await stays, '2')
})

test('once all have left, nothing is asked for, and what was is ended', async () => {
  const bucket = await at.bucket()
  at.requests.length = 0
  const stop = new AbortController()
  const gets = ['a', 'b'].map((key) => failureOf(bucket.get(key, { signal: stop.signal })))
  stop.abort(new Error('no more'))
  await Promise.all(gets)
  await Promise.resolve()
  assert.equal(paths(), [])

  let ended: AbortSignal | null | undefined
  const slow = at.connect({
    fetch: (_, { signal }) => {
      ended = signal
      return new Promise((_, reject) => {
        signal?.addEventListener('abort', () => reject(signal.reason))
      })
    },
  })
  const later = new AbortController()
  const asked = failureOf(slow.bucket(bucket.id).get('a', { signal: later.signal }))
  await Promise.resolve()
  assert.is(ended?.aborted, false)
  later.abort(new Error('no more'))
  assert.match((await asked).message, 'no more')
  assert.is(ended?.aborted, true)
})

test('who asks in the turn in which all others have left is answered', async () => {
  const bucket = await at.bucket()
  await bucket.putMany([
    ['a', '1'],
    ['b', '2'],
  ])
  for (const [key, value] of [
    ['a', '1'],
    ['b', '2'],
  ]) {
    at.requests.length = 0
    const stop = new AbortController()
    const left = failureOf(bucket.get('a', { signal: stop.signal }))
    stop.abort(new Error('no more'))
    const comes = bucket.getText(key)
    assert.match((await left).message, 'no more')
    await new Promise((resolve) => setImmediate(resolve))
    assert.equal(paths(), [`GET /v1/buckets/{id}/keys/${key}`])
    assert.is(await comes, value)
  }
})

test.after(() => at.close())
test.run()
