import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ManualClock } from '../../src/clock.js'
import { type Connected, codeOf, connected, failureOf } from './connected.js'

const bytes = (...list: number[]) => Uint8Array.from(list)
const MIB = 2 ** 20

for (const acceptors of [1, 2]) {
  const test = suite(`client keys, ${acceptors} acceptors`)
  let at: Connected
  test.before(async () => {
    at = await connected({ acceptors, engine: { memory: '192mb' } })
  })

  test('put, get, delete; bytes and text', async () => {
    const bucket = await at.bucket()
    assert.is(await bucket.get('john'), undefined)
    assert.ok(await bucket.put('john', '2/23 🎂', { ttl: '30s' }))
    assert.is(await bucket.getText('john'), '2/23 🎂')
    assert.ok(await bucket.put('john', bytes(0xff, 0, 1)))
    const value = await bucket.get('john')
    assert.equal(value, bytes(0xff, 0, 1))
    assert.not.instance(value, Buffer)
    assert.ok(await bucket.put('john', ''))
    assert.is(await bucket.getText('john'), '')
    await bucket.put('john', '\ufeffwith a mark of its order')
    assert.is(await bucket.getText('john'), '\ufeffwith a mark of its order')
    assert.ok(await bucket.delete('john'))
    assert.not.ok(await bucket.delete('john'))
  })

  test('keys that a path cannot hold as they are', async () => {
    const bucket = await at.bucket()
    const keys = [
      'a/b',
      'a%2Fb',
      '%',
      '..a',
      '...',
      '?x=1',
      '#',
      ' ',
      '+',
      '🎂',
      '\0',
      'é',
      '"',
      '\\',
    ]
    for (const key of keys) assert.ok(await bucket.put(key, `of ${key}`))
    const listed: string[] = []
    for await (const key of bucket.keys()) listed.push(key)
    assert.equal(listed.toSorted(), keys.toSorted())
    for (const key of keys) assert.is(await bucket.getText(key), `of ${key}`)
    assert.equal(
      (await bucket.getMany(keys)).map((value) => Buffer.from(value ?? []).toString()),
      keys.map((key) => `of ${key}`),
    )
  })

  test('a key may be any JSON value', async () => {
    const bucket = await at.bucket()
    await bucket.put({ b: 2, a: [1, null] }, 'object')
    assert.is(await bucket.getText({ a: [1, null], b: 2 }), 'object')
    assert.is(await bucket.getText('{"a":[1,null],"b":2}'), 'object')
    assert.equal(await bucket.putMany([[7, 'seven']]), [true])
    assert.is(await bucket.getText(7), 'seven')
    assert.ok(await bucket.delete({ b: 2, a: [1, null] }))
  })

  test('what is no key is refused before anything is sent', async () => {
    const bucket = await at.bucket()
    at.requests.length = 0
    for (const key of ['', '.', '..', '\ud800', Number.NaN]) {
      assert.is(await codeOf(bucket.get(key)), 'invalid_key')
      assert.is(await codeOf(bucket.put(key, 'x')), 'invalid_key')
    }
    assert.is(await codeOf(bucket.get('k'.repeat(1_025))), 'key_too_long')
    assert.is(await codeOf(bucket.get('é'.repeat(513))), 'key_too_long')
    assert.is(await codeOf(bucket.put('a', 'x', { ttl: 0 })), 'invalid_ttl')
    assert.is(await codeOf(bucket.touch('a', '400d')), 'invalid_ttl')
    assert.is(await codeOf(bucket.put('a', 7 as never)), 'invalid_body')
    assert.is(await codeOf(bucket.put('a', 'x', { contentType: 'a\nb' })), 'invalid_option')
    const many = await failureOf(
      bucket.putMany([
        ['fine', 'x'],
        ['', 'y'],
      ]),
    )
    assert.is(many.code, 'invalid_key')
    assert.match(many.message, /^item 1: /)
    assert.equal(at.requests, [])
    assert.ok(await bucket.put('é'.repeat(512), 'just fits'))
    assert.is(await bucket.getText('é'.repeat(512)), 'just fits')
  })

  test('an entry has type, version and what is left of its life', async () => {
    const bucket = await at.bucket()
    await bucket.put('a', 'one', { ttl: '1h', contentType: 'text/plain; charset=utf-8' })
    const entry = await bucket.entry('a')
    const { gets } = await bucket.usage()
    const head = await bucket.head('a')
    assert.is((await bucket.usage()).gets, gets)
    assert.equal(entry?.value, Uint8Array.from(Buffer.from('one')))
    assert.is(entry?.contentType, 'text/plain; charset=utf-8')
    assert.is(head?.sizeBytes, 3)
    assert.is(head?.etag, entry?.etag)
    const ttl = entry?.ttlMs ?? 0
    assert.ok(ttl > 3_500_000 && ttl <= 3_600_000 && ttl % 1_000 === 0)
    await bucket.put('b', 'two')
    assert.is((await bucket.entry('b'))?.ttlMs, undefined)
    assert.is((await bucket.entry('b'))?.contentType, 'application/octet-stream')
    assert.is(await bucket.entry('none'), undefined)
    assert.is(await bucket.head('none'), undefined)
  })

  test('conditions: a lock is taken once, and a version is replaced once', async () => {
    const bucket = await at.bucket()
    assert.ok(await bucket.put('lock', 'me', { ifNoneMatch: '*', ttl: '10s' }))
    assert.not.ok(await bucket.put('lock', 'you', { ifNoneMatch: '*' }))
    const etag = (await bucket.head('lock'))?.etag ?? ''
    assert.ok(await bucket.put('lock', 'still me', { ifMatch: etag }))
    assert.not.ok(await bucket.put('lock', 'late', { ifMatch: etag }))
    assert.not.ok(await bucket.delete('lock', { ifMatch: etag }))
    assert.not.ok(await bucket.touch('lock', '1m', { ifMatch: etag }))
    assert.ok(await bucket.touch('lock', '1m', { ifMatch: '*' }))
    assert.is(await bucket.getText('lock'), 'still me')
    assert.not.ok(await bucket.put('none', 'x', { ifMatch: '*' }))
  })

  test('an immutable bucket says false, one at a time and many', async () => {
    const bucket = await at.bucket({ immutable: true })
    assert.ok(await bucket.put('a', '1'))
    assert.not.ok(await bucket.put('a', '2'))
    assert.equal(
      await bucket.putMany([
        ['a', '3'],
        ['b', '4'],
      ]),
      [false, true],
    )
    assert.is(await bucket.getText('a'), '1')
  })

  test('more keys than a batch holds, in the order asked', async () => {
    const bucket = await at.bucket()
    const keys = Array.from({ length: 2_001 }, (_, i) => `key-${i}`)
    const stored = await bucket.putMany(keys.map((key) => [key, key] as const))
    assert.ok(stored.length === 2_001 && stored.every(Boolean))
    at.requests.length = 0
    const values = await bucket.getMany([...keys, 'none', 'key-5'])
    assert.is(at.requests.length, 3)
    assert.equal(
      values.map((value) => (value === undefined ? undefined : Buffer.from(value).toString())),
      [...keys, undefined, 'key-5'],
    )
    const listed: string[] = []
    for await (const key of bucket.keys({ prefix: 'key-1' })) listed.push(key)
    assert.equal(listed.toSorted(), keys.filter((key) => key.startsWith('key-1')).toSorted())
    assert.is(await bucket.deletePrefix('key-2'), 1 + 10 + 100 + 1)
    const deleted = await bucket.deleteMany([...keys, 'key-1'])
    assert.is(deleted.filter(Boolean).length, 2_001 - 112)
    assert.not.ok(deleted.at(-1), 'a key named twice was there once')
  })

  test('values beyond what a batch holds go by themselves, and come in halves', async () => {
    const bucket = await at.bucket()
    const value = new Uint8Array(7 * MIB).fill(7)
    at.requests.length = 0
    assert.equal(await bucket.putMany(['a', 'b', 'c'].map((key) => [key, value] as const)), [
      true,
      true,
      true,
    ])
    const path = `POST /v1/buckets/${bucket.id}/batch/put`
    assert.equal(at.requests, [path, path])
    at.requests.length = 0
    const values = await bucket.getMany(['a', 'b', 'none', 'c'])
    assert.equal(
      values.map((one) => one?.length),
      [7 * MIB, 7 * MIB, undefined, 7 * MIB],
    )
    assert.is(at.requests.length, 3)
  })

  test('a value larger than the server takes', async () => {
    const bucket = await at.bucket()
    const error = await failureOf(bucket.put('a', new Uint8Array(9 * MIB)))
    assert.is(error.code, 'value_too_large')
    assert.is(Reflect.get(error, 'status'), 413)
  })

  test('what the server refuses of many names its index', async () => {
    const bucket = await at.bucket({ maxBytes: '1kb' })
    const error = await failureOf(
      bucket.putMany([
        ['a', 'x'],
        ['b', 'y'.repeat(2_000)],
      ]),
    )
    assert.is(error.code, 'quota_exceeded')
    assert.is(Reflect.get(error, 'index'), 1)
    assert.is(Reflect.get(error, 'maybeStored'), false)
    assert.is(await bucket.get('a'), undefined)
  })

  test('a later part that is refused leaves the earlier ones stored, and says so', async () => {
    const bucket = await at.bucket({ maxBytes: '1mb' })
    const entries = Array.from({ length: 1_002 }, (_, i) => [`k${i}`, 'x'] as const)
    const error = await failureOf(bucket.putMany([...entries, ['big', 'y'.repeat(2 * MIB)]]))
    assert.is(error.code, 'quota_exceeded')
    assert.is(Reflect.get(error, 'index'), 1_002)
    assert.is(Reflect.get(error, 'maybeStored'), true)
    assert.match(error.message, /Counted from item 1000 on/)
    assert.is(await bucket.getText('k0'), 'x')
    assert.is(await bucket.getText('k1001'), undefined)
  })

  test('one credential sees what another one put', async () => {
    const bucket = await at.bucket()
    const reader = at.client.bucket(bucket.id)
    await bucket.put('a', 'x')
    assert.is(await reader.getText('a'), 'x')
  })

  test.after(() => at.close())
  test.run()
}

const large = suite('client keys, large values')

large('a value beyond what any batch holds, among others', async () => {
  const bucket = await larger.bucket()
  const value = new Uint8Array(17 * MIB)
  const stored = await bucket.putMany([
    ['a', 'x'],
    ['large', value],
    ['b', 'y'],
  ])
  assert.equal(stored, [true, true, true])
  const values = await bucket.getMany(['a', 'large', 'b'])
  assert.equal(
    values.map((one) => one?.length),
    [1, value.length, 1],
  )
})

let larger: Connected
large.before(async () => {
  larger = await connected({ engine: { nodes: 1, memory: '256mb', maxValue: '32mb' } })
})
large.after(() => larger.close())
large.run()

const times = suite('client keys and time')

const clock = new ManualClock()
let timed: Connected
times.before(async () => {
  timed = await connected({ engine: { clock } })
})
times.after(() => timed.close())

times('a key past its time is gone, and a touch gives it another', async () => {
  const bucket = await timed.bucket({ defaultTtl: '1m' })
  await bucket.put('a', 'x', { ttl: '30s' })
  await bucket.putMany([['b', 'x']], { ttl: 10_000 })
  await bucket.put('c', 'x')
  clock.advance(9_999)
  assert.is((await bucket.entry('a'))?.ttlMs, 20_000)
  assert.ok(await bucket.touch('b', 1))
  clock.advance(1)
  assert.is(await bucket.get('b'), undefined)
  clock.advance(50_000)
  assert.equal(await bucket.getMany(['a', 'c']), [undefined, undefined])
  assert.not.ok(await bucket.touch('a', '1m'))
})

times.run()
