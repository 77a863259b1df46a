import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Engine } from '../src/engine/engine.js'
import { CacheError } from '../src/errors.js'
import { openTestEngine } from '../src/testing.js'
import { runChild } from './child.js'
import { codeOf } from './engine/opened.js'
import { scratch } from './scratch.js'

const test = suite('testing')

test('it is an engine, of three nodes in this thread', async () => {
  await using cache = await openTestEngine()
  assert.instance(cache, Engine)
  assert.equal(
    cache.ringStatus().nodes.map(({ id, memoryBytes }) => [id, memoryBytes > 500_000]),
    ['n1', 'n2', 'n3'].map((id) => [id, true]),
  )
})

test('time passes when it is moved, and frees what has expired', async () => {
  await using cache = await openTestEngine({ startMs: 1_000 })
  const bucket = await cache.createBucket('birthdays', { defaultTtl: '1h' })
  await bucket.put('john', '2/23')
  await bucket.put('kate', '5/12', { ttl: '3h' })
  await cache.advance(3_599_999)
  assert.is(await bucket.getText('john'), '2/23')
  await cache.advance(1)
  assert.is(await bucket.getText('john'), undefined)
  assert.is(cache.now(), 3_601_000)
  assert.is(bucket.usage().items, 1)
  assert.is(bucket.usage().expirations, 1)
  await cache.advance('365d')
  assert.is(bucket.usage().items, 0)
})

test('durations that are none are refused', async () => {
  await using cache = await openTestEngine()
  for (const wrong of ['soon', 0, -1, '366d', 1.5]) {
    assert.is(await codeOf(() => cache.advance(wrong)), 'invalid_ttl', String(wrong))
  }
})

test('options that are none are refused, each by its name', async () => {
  const opened = async (options: object) => {
    const cache = await openTestEngine(options)
    await cache.close()
  }
  const wrong: readonly (readonly [string, unknown[]])[] = [
    ['startMs', [-1, 0.5, '7', new Date(), Number.POSITIVE_INFINITY, Number.NaN]],
    ['seed', [Number.NaN, null, {}, 7n]],
    ['memory', ['1kb', 3 * 2 ** 20 - 1]],
    ['node', [1]],
  ]
  for (const [name, values] of wrong) {
    for (const value of values) {
      const error = await opened({ [name]: value }).catch((reason: unknown) => reason)
      if (!(error instanceof CacheError)) assert.unreachable(`${name}: ${String(value)} is taken`)
      else {
        assert.is(error.code, 'invalid_option')
        assert.match(error.message, new RegExp(`^${name}: `))
        assert.not.match(error.message, '--')
      }
    }
  }
  await opened({ startMs: 0, seed: 1.5, memory: '3mb' })
  await opened({ startMs: Number.MAX_SAFE_INTEGER - 2 ** 40 })
})

test('everything random hangs on the seed', async () => {
  const facts = async (seed?: number | string) => {
    await using cache = await openTestEngine({ seed })
    const bucket = await cache.createBucket('b')
    const { id, credentialKey } = bucket
    return JSON.stringify([cache.newRootKey, id, credentialKey, bucket.explain('k')])
  }
  assert.is(await facts(7), await facts(7))
  assert.is(await facts(), await facts(1))
  const all = await Promise.all([facts(7), facts(8), facts('a word'), facts()])
  assert.is(new Set(all).size, 4)
})

test('a ring changes within the call', async () => {
  await using cache = await openTestEngine({ nodes: 2 })
  const bucket = await cache.createBucket('b')
  const keys = Array.from({ length: 500 }, (_, n) => `key ${n}`)
  await bucket.putMany(keys.map((key) => [key, 'v']))
  const { moved, state } = (await cache.addNode()).receipt()
  assert.is(state, 'done')
  assert.ok(moved.keys > 100 && moved.keys < 300, `${moved.keys} moved`)
  assert.is((await cache.removeNode('n1')).receipt().state, 'done')
  assert.is((await bucket.getMany(keys)).filter((value) => value !== undefined).length, 500)
  await cache.failNode('n2')
  const left = keys.filter((key) => bucket.getSync(key) !== undefined)
  assert.ok(left.length > 100 && left.length < 400, `${left.length} left`)
  assert.ok(left.every((key) => bucket.explain(key).owner === 'n3'))
})

test('moved time also brings copies to their place', async () => {
  await using cache = await openTestEngine()
  const bucket = await cache.createBucket('b')
  const keys = Array.from({ length: 100 }, (_, n) => `key ${n}`)
  await bucket.putMany(keys.map((key) => [key, 'v']))
  await bucket.update({ replicas: 1 })
  await cache.advance(1)
  await cache.failNode('n2')
  assert.is((await bucket.getMany(keys)).filter((value) => value !== undefined).length, 100)
})

test('writes are refused when asked for, and reads are not', async () => {
  await using cache = await openTestEngine()
  const bucket = await cache.createBucket('b')
  await bucket.put('a', '1')
  cache.refuseWrites(3)
  assert.is(await codeOf(() => bucket.put('a', '2')), 'overloaded')
  assert.is(await codeOf(() => bucket.delete('a')), 'overloaded')
  assert.is(await bucket.getText('a'), '1')
  await cache.advance('1s')
  await cache.addNode()
  assert.is(await codeOf(() => bucket.touch('a', '1h')), 'overloaded')
  assert.is(await bucket.put('a', '2'), true)
  cache.refuseWrites(5)
  cache.refuseWrites(0)
  assert.is(await bucket.put('a', '3'), true)
  assert.is(await codeOf(() => cache.refuseWrites(-1)), 'invalid_option')
})

test('a copied key is written in the end: the engine tries again', async () => {
  await using cache = await openTestEngine()
  const bucket = await cache.createBucket('b', { replicas: 1 })
  await bucket.put('a', '1')
  cache.refuseWrites(2)
  assert.is(await bucket.delete('a'), true)
  assert.is(bucket.getSync('a'), undefined)
})

test('it may be closed twice', async () => {
  const cache = await openTestEngine()
  const bucket = await cache.createBucket('b')
  await Promise.all([cache.close(), cache.close()])
  await cache.close()
  assert.is(await codeOf(() => bucket.put('k', 'v')), 'closed')
})

test('a process that forgets to close it ends by itself', async () => {
  const place = scratch('testing')
  try {
    const from = new URL('../src/testing.js', import.meta.url)
    const file = place.write(
      'forgets.mjs',
      `import { openTestEngine } from ${JSON.stringify(from)}
       const cache = await openTestEngine()
       const bucket = await cache.createBucket('b')
       await bucket.putMany(Array.from({ length: 2_000 }, (_, n) => [n, 'v']), { ttl: '1h' })
       await cache.advance('2h')
       console.log(bucket.usage().expirations)`,
    )
    const ended = await runChild(process.execPath, [file], { timeoutMs: 30_000 })
    assert.equal(ended, { code: 0, signal: null, timedOut: false, output: '2000\n' })
  } finally {
    place.remove()
  }
})

test.run()
