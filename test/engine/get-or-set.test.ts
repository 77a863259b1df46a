import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ManualClock } from '../../src/clock.js'
import { CacheError } from '../../src/errors.js'
import { Engine } from '../../src/index.js'

const test = suite('engine getOrSet')

const open = (options = {}) => {
  return Engine.open({ kind: 'inline', nodes: 1, memory: '32mb', ...options })
}

test('a miss is loaded, stored with its TTL, and found from then on', async () => {
  const clock = new ManualClock()
  const engine = await open({ clock })
  const bucket = await engine.createBucket('b', { defaultTtl: '1h' })
  const asked: unknown[] = []
  const load = (key: unknown) => {
    asked.push(key)
    return `made ${asked.length}`
  }
  assert.is(await bucket.getOrSetText('a', load, { ttl: '1m' }), 'made 1')
  assert.is(await bucket.getOrSetText('a', load), 'made 1')
  clock.advance(60_000)
  assert.equal(await bucket.getOrSet('a', load), Buffer.from('made 2'))
  assert.equal(asked, ['a', 'a'])
  assert.is(bucket.lookup('a')?.ttlMs, 3_600_000)
  await engine.close()
})

test('many at once call one loader, by the key’s canonical form; each gets its own bytes', async () => {
  const engine = await open()
  const bucket = await engine.createBucket('b')
  const made = Buffer.from('made')
  let loads = 0
  const load = async () => {
    loads++
    return made
  }
  const keys = [{ a: 1, b: 2 }, { b: 2, a: 1 }, '{"a":1,"b":2}']
  const got = await Promise.all(keys.map((key) => bucket.getOrSet(key, load)))
  assert.is(loads, 1)
  made.fill(0)
  got[0].fill(1)
  assert.is(got[1].toString(), 'made')
  assert.is(bucket.getTextSync('{"a":1,"b":2}'), 'made')
  await engine.close()
})

test('a put during the load wins over it, and is what is returned', async () => {
  const engine = await open()
  const bucket = await engine.createBucket('b')
  const got = await bucket.getOrSetText('a', async () => {
    await bucket.put('a', 'newer')
    return 'older'
  })
  assert.is(got, 'newer')
  assert.is(bucket.getTextSync('a'), 'newer')
  await engine.close()
})

test('an immutable bucket takes a loaded value like any other', async () => {
  const engine = await open()
  const bucket = await engine.createBucket('b', { immutable: true })
  assert.is(await bucket.getOrSetText('a', () => 'one'), 'one')
  assert.is(await bucket.getOrSetText('a', () => 'two'), 'one')
  await engine.close()
})

test('what cannot be stored is returned all the same', async () => {
  const engine = await open({ maxValue: '1kb' })
  const bucket = await engine.createBucket('b')
  const value = await bucket.getOrSet('a', () => Buffer.alloc(2_000))
  assert.is(value.length, 2_000)
  assert.is(bucket.getSync('a'), undefined)
  await engine.close()
})

test('bad keys, TTLs and values are refused', async () => {
  const engine = await open()
  const bucket = await engine.createBucket('b')
  let loads = 0
  const load = () => {
    loads++
    return 'x'
  }
  const code = async (call: Promise<unknown>) => {
    return call.then(
      () => 'none',
      (error: unknown) => (error instanceof CacheError ? error.code : String(error)),
    )
  }
  assert.is(await code(bucket.getOrSet('', load)), 'invalid_key')
  assert.is(await code(bucket.getOrSet('a', load, { ttl: '1y' })), 'invalid_ttl')
  assert.is(loads, 0)
  assert.is(await code(bucket.getOrSet('a', () => 7 as never)), 'invalid_body')
  assert.is(bucket.getSync('a'), undefined)
  await engine.close()
})

test('an attached bucket has it, and one that may not write gives the value', async () => {
  const engine = await open({ kind: 'worker', writers: 1 })
  const { id } = await engine.createBucket('b')
  const writing = Engine.attach(engine.handle({ writes: true }))
  assert.is(await writing.bucket(id)?.getOrSetText('a', () => 'one'), 'one')
  const reading = Engine.attach(engine.handle())
  assert.is(await reading.bucket(id)?.getOrSetText('a', () => 'two'), 'one')
  assert.is(await reading.bucket(id)?.getOrSetText('b', () => 'three'), 'three')
  assert.is(engine.bucket(id)?.getTextSync('b'), undefined)
  reading.close()
  writing.close()
  await engine.close()
})

test.run()
