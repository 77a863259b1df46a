import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Served, serve } from './served.js'

const batch = suite('http batch')
let served: Served
let bucket: { id: string; key: string; path: string }

batch.before(async () => {
  served = await serve()
  bucket = await served.bucket()
})
batch.after(() => served.close())

function post(call: string, body: unknown, headers: Record<string, string> = {}, to = bucket) {
  const sent = typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body)
  return served.call('POST', `${to.path}/batch/${call}`, {
    key: to.key,
    body: sent,
    headers: { 'Content-Type': 'application/json', ...headers },
  })
}

function getKey(key: string) {
  const path = `${bucket.path}/keys/${encodeURIComponent(key)}`
  return served.call('GET', path, { key: bucket.key })
}

batch('put, get and delete answer in the order asked', async () => {
  const put = await post('put', { keys: ['a', 'b', 'c'], values: ['1', '2', ''], ttl: 60_000 })
  assert.is(put.status, 200)
  assert.equal(put.json, { stored: [true, true, true] })
  const got = await post('get', { keys: ['c', 'nobody', 'a', 'a'] })
  assert.equal(got.json, { values: ['', null, '1', '1'] })
  assert.match(String((await getKey('a')).headers['cache-status']), /ttl=(59|60)$/)
  const deleted = await post('delete', { keys: ['a', 'nobody', 'a'] })
  assert.equal(deleted.json, { deleted: [true, false, true] })
})

batch('items carry their own TTL', async () => {
  const items = [
    { key: 'short', value: 'x', ttl: '5m' },
    { key: 'long', value: 'y', ttl: 3_600_000 },
    { key: 'none', value: 'z' },
  ]
  assert.equal((await post('put', { items })).json, { stored: [true, true, true] })
  assert.match(String((await getKey('short')).headers['cache-status']), /ttl=(299|300)$/)
  assert.match(String((await getKey('long')).headers['cache-status']), /ttl=3(599|600)$/)
  assert.is((await getKey('none')).headers['cache-status'], 'annulus; hit')
})

batch('bytes that are no text travel as base64', async () => {
  const bytes = Buffer.from([0, 255, 254, 128])
  const values = [{ base64: bytes.toString('base64') }, { base64: 'aGk=' }, 'ü😀\0']
  await post('put', { keys: ['bin', 'hi', 'text'], values })
  assert.ok((await getKey('bin')).bytes.equals(bytes))
  const got = await post('get', { keys: ['bin', 'hi', 'text'] })
  assert.equal(got.json.values, [values[0], 'hi', 'ü😀\0'])
  const marked = Buffer.from('\ufeffbom')
  await served.call('PUT', `${bucket.path}/keys/bom`, { key: bucket.key, body: marked })
  assert.equal((await post('get', { keys: ['bom'] })).json.values, ['\ufeffbom'])
})

batch('a key may be any JSON value, in its canonical form', async () => {
  const keys = [{ a: 1, b: 2 }, ['x', 1], 7, null, true]
  const put = await post('put', { keys, values: ['object', 'list', 'number', 'null', 'true'] })
  assert.equal(put.json.stored, [true, true, true, true, true])
  const got = await post('get', '{"keys":[{"b":2,"a":1},["x",1],7,null,true]}')
  assert.equal(got.json.values, ['object', 'list', 'number', 'null', 'true'])
  assert.is((await getKey('{"a":1,"b":2}')).text, 'object')
})

batch('__proto__ is a key like any other, and no field', async () => {
  const body = '{"keys":["__proto__",{"__proto__":{"x":1}}],"values":["p","q"]}'
  assert.equal((await post('put', body)).json, { stored: [true, true] })
  assert.equal((await post('get', '{"keys":["__proto__",{"__proto__":{"x":1}}]}')).json.values, [
    'p',
    'q',
  ])
  assert.is((await getKey('__proto__')).text, 'p')
  const field = await post('get', '{"keys":["__proto__"],"__proto__":{"keys":[]}}')
  assert.is(field.status, 400)
  assert.is(field.json.code, 'invalid_body')
  assert.is(({} as Record<string, unknown>)['x'], undefined)
})

batch('of a key named twice the last wins, and each naming is answered', async () => {
  const put = await post('put', { keys: ['twice', 'twice'], values: ['first', 'last'] })
  assert.equal(put.json, { stored: [true, true] })
  assert.is((await getKey('twice')).text, 'last')
  const items = [
    { key: { b: 1, a: 2 }, value: 'first' },
    { key: '{"a":2,"b":1}', value: 'last' },
  ]
  assert.equal((await post('put', { items })).json, { stored: [true, true] })
  assert.is((await getKey('{"a":2,"b":1}')).text, 'last')
})

batch('an immutable bucket answers false for live keys', async () => {
  const fixed = await served.bucket({ immutable: true })
  await post('put', { keys: ['a'], values: ['1'] }, {}, fixed)
  const again = await post('put', { keys: ['a', 'b'], values: ['2', '2'] }, {}, fixed)
  assert.equal(again.json, { stored: [false, true] })
  assert.equal((await post('get', { keys: ['a', 'b'] }, {}, fixed)).json.values, ['1', '2'])
})

batch('a prefix deletes what begins with it', async () => {
  await post('put', { keys: ['p:1', 'p:2', 'q:1'], values: ['', '', ''] })
  assert.equal((await post('delete', { prefix: 'p:' })).json, { count: 2 })
  assert.equal((await post('get', { keys: ['p:1', 'q:1'] })).json.values, [null, ''])
})

batch('one bad item refuses the whole batch and is named', async () => {
  const cases: [unknown, string, number | undefined][] = [
    [{ keys: ['n1', ''], values: ['a', 'b'] }, 'invalid_key', 1],
    [{ keys: ['n1', 'k'.repeat(1_025)], values: ['a', 'b'] }, 'key_too_long', 1],
    [{ keys: ['n1', '\ud800'], values: ['a', 'b'] }, 'invalid_key', 1],
    [{ keys: ['n1', 'n2'], values: ['a', 5] }, 'invalid_body', 1],
    [{ keys: ['n1', 'n2'], values: ['a', { base64: '?' }] }, 'invalid_body', 1],
    [{ keys: ['n1', 'n2'], values: ['a', { base64: 'aGk=', x: 1 }] }, 'invalid_body', 1],
    [{ keys: ['n1', 'n2'], values: ['a', '\ud800'] }, 'invalid_body', 1],
    [{ keys: ['n1'], values: ['a', 'b'] }, 'invalid_body', undefined],
    [{ keys: ['n1'], values: ['a'], ttl: '1y' }, 'invalid_ttl', undefined],
    [
      {
        items: [
          { key: 'n1', value: 'a' },
          { key: 'n2', value: 'b', ttl: 0 },
        ],
      },
      'invalid_ttl',
      1,
    ],
    [{ items: [{ key: 'n1', value: 'a' }, { key: 'n2' }] }, 'invalid_body', 1],
    [
      {
        items: [
          { key: 'n1', value: 'a' },
          { key: 'n2', value: 'b', tll: 1 },
        ],
      },
      'invalid_body',
      1,
    ],
    [{ items: [{ key: 'n1', value: 'a' }, { value: 'b' }] }, 'invalid_body', 1],
    [{ items: [], keys: [] }, 'invalid_body', undefined],
    [{ keys: ['n1'] }, 'invalid_body', undefined],
    [{ keys: ['n1'], values: ['a'], ttl: null }, 'invalid_body', undefined],
    [{ keys: ['n1'], values: ['a'], tll: 1 }, 'invalid_body', undefined],
    [{ keys: ['n1'], values: ['a'], ttl: 1, tll: 1 }, 'invalid_body', undefined],
    [{ keys: ['n1'], values: 'a', ttl: 1 }, 'invalid_body', undefined],
    [[], 'invalid_body', undefined],
    ['null', 'invalid_body', undefined],
  ]
  for (const [body, code, index] of cases) {
    const answer = await post('put', body)
    const what = JSON.stringify(body).slice(0, 80)
    assert.is(answer.status, 400, `${what}: ${answer.text}`)
    assert.is(answer.json.code, code, what)
    assert.is(answer.json.index, index, what)
    if (index !== undefined) assert.match(answer.json.detail, String(index), what)
  }
  assert.is((await getKey('n1')).status, 404)
})

batch('what is no JSON is refused', async () => {
  const bad: (string | Uint8Array)[] = [
    '',
    '{',
    '{"keys":["a"]}x',
    '{"keys":["unclosed]}',
    Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]),
    `{"keys":[${'['.repeat(40)}${']'.repeat(40)}]}`,
    '['.repeat(1_000_000),
    '{"a":'.repeat(100_000),
  ]
  for (const body of bad) {
    const answer = await post('get', body)
    assert.is(answer.status, 400, String(body).slice(0, 40))
    assert.is(answer.json.code, 'invalid_body')
  }
  const quoted = `{"keys":["${'['.repeat(500)}", "\\"[[[[", "\\\\"]}`
  assert.is((await post('get', quoted)).status, 200)
})

batch('JSON is taken with its type or none, and no other', async () => {
  const body = '{"keys":[]}'
  for (const type of [
    'application/json',
    'Application/JSON; charset="UTF-8"',
    'application/x+json',
  ]) {
    assert.is((await post('get', body, { 'Content-Type': type })).status, 200, type)
  }
  const path = `${bucket.path}/batch/get`
  assert.is((await served.call('POST', path, { key: bucket.key, body })).status, 200)
  for (const type of [
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/json; charset=latin1',
  ]) {
    const answer = await post('get', body, { 'Content-Type': type })
    assert.is(answer.status, 415, type)
    assert.is(answer.json.code, 'invalid_body')
  }
  assert.is((await post('get', body, { 'Content-Encoding': 'gzip' })).status, 415)
})

batch('1,000 keys are a batch, 1,001 are too many', async () => {
  const keys = Array.from({ length: 1_000 }, (_, i) => `many-${i}`)
  const values = keys.map((key) => `value of ${key}`)
  assert.is((await post('put', { keys, values })).json.stored.length, 1_000)
  assert.equal((await post('get', { keys })).json.values, values)
  const more = [...keys, 'one more']
  for (const [call, body] of [
    ['get', { keys: more }],
    ['put', { keys: more, values: [...values, ''] }],
    ['put', { items: more.map((key) => ({ key, value: '' })) }],
    ['delete', { keys: more }],
  ] as const) {
    const answer = await post(call, body)
    assert.is(answer.status, 413, call)
    assert.is(answer.json.code, 'batch_too_large', call)
  }
  assert.is((await post('delete', { keys })).json.deleted.filter(Boolean).length, 1_000)
})

batch('requests and answers over 16 MiB are refused', async () => {
  const large = 'x'.repeat(3 * 2 ** 20)
  for (let i = 0; i < 6; i++) {
    await served.call('PUT', `${bucket.path}/keys/large-${i}`, { key: bucket.key, body: large })
  }
  const keys = Array.from({ length: 6 }, (_, i) => `large-${i}`)
  assert.is((await post('get', { keys: keys.slice(0, 5) })).status, 200)
  const answer = await post('get', { keys })
  assert.is(answer.status, 413)
  assert.is(answer.json.code, 'batch_too_large')
  const request = await post('put', { keys: ['a'], values: ['x'.repeat(16 * 2 ** 20)] })
  assert.is(request.status, 413)
  assert.is(request.json.code, 'batch_too_large')
})

batch('a value over the limit is refused with its index', async () => {
  const small = await serve({ engine: { maxValue: '64kb' } })
  try {
    const to = await small.bucket()
    const body = { keys: ['a', 'b'], values: ['1', 'x'.repeat(65_537)] }
    const answer = await small.call('POST', `${to.path}/batch/put`, { key: to.key, body })
    assert.is(answer.status, 413)
    assert.is(answer.json.code, 'value_too_large')
    assert.is(answer.json.index, 1)
    assert.is((await small.call('GET', `${to.path}/keys/a`, { key: to.key })).status, 404)
  } finally {
    await small.close()
  }
})

batch.run()
