import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { decodeCount, decodeOutcomes, decodeValues } from '../../src/frames/answers.js'
import { FRAME_TYPE } from '../../src/frames/frame.js'
import { encodeItems, encodeKeys, encodePrefix } from '../../src/frames/requests.js'
import { type Served, serve } from './served.js'

const frames = suite('http batch in frames')
let served: Served
let bucket: { id: string; key: string; path: string }

frames.before(async () => {
  served = await serve({ engine: { maxValue: '4mb' } })
  bucket = await served.bucket()
})
frames.after(() => served.close())

function post(call: string, body: Uint8Array | object, accept = FRAME_TYPE, to = bucket) {
  const isFrame = body instanceof Uint8Array
  const headers = { 'Content-Type': isFrame ? FRAME_TYPE : 'application/json', Accept: accept }
  return served.call('POST', `${to.path}/batch/${call}`, { key: to.key, body, headers })
}

function itemOf(key: string, value: string | Uint8Array, ttlMs?: number) {
  return { key, value: Buffer.from(value), ttlMs }
}

frames('put, get and delete', async () => {
  const bytes = Uint8Array.of(0, 255, 34, 92, 10)
  const items = [itemOf('ä', 'text'), itemOf('bytes', bytes, 5_000), itemOf('empty', '')]
  const put = await post('put', encodeItems({ items, ttlMs: 60_000 }))
  assert.is(put.status, 200)
  assert.is(put.headers['content-type'], FRAME_TYPE)
  assert.equal(decodeOutcomes(put.bytes), [true, true, true])
  const got = await post('get', encodeKeys(['empty', 'nobody', 'bytes', 'ä', 'bytes']))
  assert.is(got.headers['content-type'], FRAME_TYPE)
  const values = decodeValues(got.bytes).map((value) => value && Buffer.from(value).toString('hex'))
  const hex = Buffer.from(bytes).toString('hex')
  assert.equal(values, ['', undefined, hex, Buffer.from('text').toString('hex'), hex])
  const ttl = async (key: string) => {
    const path = `${bucket.path}/keys/${encodeURIComponent(key)}`
    return (await served.call('GET', path, { key: bucket.key })).headers['cache-status']
  }
  assert.match(String(await ttl('ä')), /ttl=(59|60)$/)
  assert.match(String(await ttl('bytes')), /ttl=[45]$/)
  const deleted = await post('delete', encodeKeys(['ä', 'nobody', 'ä']))
  assert.equal(decodeOutcomes(deleted.bytes), [true, false, true])
  const count = await post('delete', encodePrefix('by'))
  assert.is(decodeCount(count.bytes), 1)
})

frames('a frame and JSON are chosen apart for request and answer', async () => {
  const put = await post('put', encodeItems({ items: [itemOf('a', 'x')], ttlMs: undefined }), '*/*')
  assert.equal(put.json, { stored: [true] })
  assert.equal((await post('get', encodeKeys(['a']), 'application/json')).json, { values: ['x'] })
  for (const accept of [FRAME_TYPE, `application/json, ${FRAME_TYPE.toUpperCase()}; q=0.5`]) {
    const got = await post('get', { keys: ['a'] }, accept)
    assert.equal(decodeValues(got.bytes).map(String), ['x'], accept)
  }
  const not = await post('get', { keys: ['a'] }, `${FRAME_TYPE};q=0, */*`)
  assert.equal(not.json, { values: ['x'] })
  assert.equal((await post('delete', encodePrefix('a'), '*/*')).json, { count: 1 })
  assert.equal((await post('delete', encodeKeys(['a']), '*/*')).json, { deleted: [false] })
})

frames('of a key named twice the last wins', async () => {
  for (const ttlMs of [undefined, 9_000]) {
    const items = [itemOf('twice', 'first', ttlMs), itemOf('b', ''), itemOf('twice', 'last')]
    const put = await post('put', encodeItems({ items, ttlMs: undefined }))
    assert.equal(decodeOutcomes(put.bytes), [true, true, true])
    assert.equal((await post('get', { keys: ['twice'] }, '*/*')).json, { values: ['last'] })
  }
  const fixed = await served.bucket({ immutable: true })
  const items = [itemOf('twice', 'first'), itemOf('twice', 'last')]
  const put = await post('put', encodeItems({ items, ttlMs: undefined }), FRAME_TYPE, fixed)
  assert.equal(decodeOutcomes(put.bytes), [true, true])
  assert.equal((await post('get', { keys: ['twice'] }, '*/*', fixed)).json, { values: ['last'] })
})

frames('one bad item refuses the whole batch and is named', async () => {
  const put = (item: ReturnType<typeof itemOf>) => {
    return encodeItems({ items: [itemOf('n1', 'a'), item], ttlMs: undefined })
  }
  const lone = put(itemOf('n2', ''))
  lone[26] = 0xff
  const flagged = put(itemOf('n2', ''))
  flagged[23] = 4
  const cases: [Uint8Array, number, string, number | undefined][] = [
    [put(itemOf('', 'b')), 400, 'invalid_key', 1],
    [put(itemOf('..', 'b')), 400, 'invalid_key', 1],
    [put(itemOf('k'.repeat(1_025), 'b')), 400, 'key_too_long', 1],
    [put(itemOf('n2', 'b', 0)), 400, 'invalid_ttl', 1],
    [put(itemOf('n2', 'b', 2 ** 50)), 400, 'invalid_ttl', 1],
    [put(itemOf('n2', Buffer.alloc(4 * 2 ** 20 + 1))), 413, 'value_too_large', 1],
    [lone, 400, 'invalid_body', 1],
    [flagged, 400, 'invalid_body', 1],
    [encodeItems({ items: [itemOf('n1', '')], ttlMs: 2 ** 50 }), 400, 'invalid_ttl', undefined],
    [encodeKeys(['n1']), 400, 'invalid_body', undefined],
    [Buffer.from('{"keys":["n1"],"values":["a"]}'), 400, 'invalid_body', undefined],
    [new Uint8Array(), 400, 'invalid_body', undefined],
  ]
  for (const [body, status, code, index] of cases) {
    const answer = await post('put', body)
    const what = `${code}: ${answer.text}`
    assert.is(answer.headers['content-type'], 'application/problem+json', what)
    assert.equal([answer.status, answer.json.code, answer.json.index], [status, code, index], what)
  }
  assert.equal((await post('get', { keys: ['n1'] }, '*/*')).json, { values: [null] })
  assert.match((await post('put', flagged)).json.detail, /byte 23: no such flags: 4/)
})

frames('1,000 keys are a batch, 1,001 are too many', async () => {
  const keys = Array.from({ length: 1_001 }, (_, i) => `many-${i}`)
  const items = keys.map((key) => itemOf(key, `value of ${key}`))
  const body = encodeItems({ items: items.slice(1), ttlMs: undefined })
  assert.ok(decodeOutcomes((await post('put', body)).bytes).every(Boolean))
  const got = decodeValues((await post('get', encodeKeys(keys.slice(1)))).bytes)
  assert.equal(
    got.map((value) => Buffer.from(value ?? []).toString()),
    items.slice(1).map(({ value }) => String(value)),
  )
  for (const [call, frame] of [
    ['get', encodeKeys(keys)],
    ['delete', encodeKeys(keys)],
    ['put', encodeItems({ items, ttlMs: undefined })],
    ['put', Uint8Array.of(2, 255, 255, 255, 255)],
  ] as const) {
    const answer = await post(call, frame)
    assert.equal([answer.status, answer.json.code], [413, 'batch_too_large'], call)
  }
})

frames('values of every length come back as they were put', async () => {
  const lengths = [0, 1, 3, 511, 512, 513, 4_095, 15_900, 65_535, 65_536, 300_000, 3 * 2 ** 20]
  const items = lengths.map((length, i) => itemOf(`l${length}`, Buffer.alloc(length, i + 1)))
  await post('put', encodeItems({ items, ttlMs: undefined }))
  const before = await served.call('GET', `${bucket.path}/usage`, { key: bucket.key })
  const keys = items.map(({ key }) => key)
  for (const order of [keys, keys.toReversed()]) {
    const got = decodeValues((await post('get', encodeKeys(order))).bytes)
    const byKey = new Map(order.map((key, i) => [key, got[i]]))
    for (const { key, value } of items) assert.ok(value.equals(byKey.get(key) ?? Buffer.of(0)), key)
    const { values } = (await post('get', { keys: order }, '*/*')).json
    const texts = new Map(order.map((key, i) => [key, values[i]]))
    for (const { key, value } of items) assert.is(texts.get(key), value.toString(), key)
  }
  const after = await served.call('GET', `${bucket.path}/usage`, { key: bucket.key })
  assert.is(after.json.hits - before.json.hits, 4 * keys.length)
})

frames('a value that just fits the room there is comes back whole', async () => {
  const room = 65_536 - '{"values":["'.length
  const items = [-2, -1, 0, 1].map((more) => itemOf(`r${more}`, Buffer.alloc(room + more, 'r')))
  await post('put', encodeItems({ items, ttlMs: undefined }))
  for (const { key, value } of items) {
    assert.equal((await post('get', { keys: [key] }, '*/*')).json.values, [value.toString()], key)
    const [framed] = decodeValues((await post('get', encodeKeys([key]))).bytes)
    assert.ok(value.equals(framed ?? Buffer.of()), key)
  }
})

frames('an answer over 16 MiB is refused, one just below is not', async () => {
  const large = Buffer.alloc(3 * 2 ** 20, 1)
  const keys = Array.from({ length: 6 }, (_, i) => `large-${i}`)
  for (const key of keys) {
    await served.call('PUT', `${bucket.path}/keys/${key}`, { key: bucket.key, body: large })
  }
  const most = await post('get', encodeKeys(keys.slice(0, 5)))
  assert.is(most.bytes.length, 5 + 5 * (4 + large.length))
  const answer = await post('get', encodeKeys(keys))
  assert.equal([answer.status, answer.json.code], [413, 'batch_too_large'])
  const small = await post('get', encodeKeys(['large-0', 'nobody']))
  assert.is(small.status, 200)
})

frames('text is escaped in JSON as it has to be', async () => {
  const texts = [
    '"',
    '\\',
    'a\nb',
    '\0',
    '\u001f',
    '\u007f',
    'ü😀',
    '\u2028',
    '\ufeff',
    '"ü"',
    'x"',
  ]
  const items = texts.map((text, i) => itemOf(`t${i}`, text))
  await post('put', encodeItems({ items, ttlMs: undefined }))
  const got = await post('get', { keys: [...items.map(({ key }) => key), 'nobody'] }, '*/*')
  assert.equal(got.json.values, [...texts, null])
  assert.is(got.text, JSON.stringify({ values: [...texts, null] }))
  assert.is((await post('get', { keys: [] }, '*/*')).text, '{"values":[]}')
})

frames.run()
