import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Bucket } from '../../src/engine/bucket.js'
import { CacheError } from '../../src/errors.js'
import { remix } from '../../src/hash.js'
import { Memory } from '../../src/store/layout.js'
import { Table } from '../../src/store/table.js'
import { codeOf, opened } from './opened.js'

const test = suite('listing')

async function fill(bucket: Bucket, prefix: string, count: number): Promise<string[]> {
  const keys = Array.from({ length: count }, (_, n) => `${prefix}${n}`)
  await bucket.putMany(keys.map((key) => [key, 'v']))
  return keys
}

async function walk(bucket: Bucket, prefix: string | undefined, limit: number): Promise<string[]> {
  const keys: string[] = []
  let cursor: string | undefined
  do {
    const page = await bucket.list({ prefix, cursor, limit })
    assert.ok(page.keys.length <= limit)
    keys.push(...page.keys)
    cursor = page.cursor ?? undefined
  } while (cursor !== undefined)
  return keys
}

for (const kind of ['inline', 'worker'] as const) {
  test(`pages of all sizes hold each key once, ${kind}`, async () => {
    await using opening = await opened({ kind, nodes: 3, memory: '12mb' })
    const bucket = await opening.engine.createBucket('b')
    const other = await opening.engine.createBucket('other')
    assert.equal(await bucket.list(), { keys: [], cursor: null })
    const users = await fill(bucket, 'user:', 700)
    const all = [...users, ...(await fill(bucket, 'é😀', 300))].sort()
    await fill(other, 'user:', 50)
    for (const limit of [1, 7, 100, 999, 1_000, 10_000]) {
      assert.equal((await walk(bucket, undefined, limit)).sort(), all, `limit ${limit}`)
    }
    assert.equal((await walk(bucket, 'user:', 33)).sort(), [...users].sort())
    assert.equal((await walk(bucket, 'user:69', 33)).length, 11)
    assert.equal((await walk(bucket, 'é', 33)).length, 300)
    assert.equal(await walk(bucket, 'nobody', 33), [])
    assert.equal(await walk(bucket, 'k'.repeat(2_000), 33), [])
    const keys: string[] = []
    for await (const key of bucket.keys()) keys.push(key)
    assert.equal(keys.sort(), all)
  })

  test(`a key that lives throughout appears, whatever changes around it, ${kind}`, async () => {
    await using opening = await opened({ kind, memory: '16mb' })
    const bucket = await opening.engine.createBucket('b')
    const stays = await fill(bucket, 'stay:', 500)
    let round = 0
    let isDone = false
    const churn = async () => {
      while (!isDone) {
        const gone = await fill(bucket, `come:${round++}:`, 200)
        await bucket.putMany(stays.map((key) => [key, `${round}`]))
        await bucket.deleteMany(gone)
        await new Promise((resolve) => setImmediate(resolve))
      }
    }
    const churning = churn()
    churning.catch(() => {}) // seen below; a walk that fails first must be what is told
    while (round < 12) {
      const seen = new Set(await walk(bucket, 'stay:', 23))
      assert.equal(
        stays.filter((key) => !seen.has(key)),
        [],
      )
    }
    isDone = true
    await churning
  })

  test(`what is past its time is not listed, ${kind}`, async () => {
    await using opening = await opened({ kind })
    const bucket = await opening.engine.createBucket('b')
    await bucket.put('short', 'v', { ttl: 10 })
    await bucket.put('long', 'v', { ttl: 11 })
    opening.clock.advance(10)
    assert.equal((await bucket.list()).keys, ['long'])
  })

  test(`deletePrefix, ${kind}`, async () => {
    await using opening = await opened({ kind, memory: '16mb' })
    const bucket = await opening.engine.createBucket('b')
    await fill(bucket, 'a:', 2_500)
    const rest = await fill(bucket, 'b:', 100)
    assert.is(await bucket.deletePrefix('a:'), 2_500)
    assert.is(await bucket.deletePrefix('a:'), 0)
    assert.equal((await walk(bucket, undefined, 1_000)).sort(), rest.sort())
    assert.is(await bucket.deletePrefix(''), 100)
    assert.is(bucket.usage().items, 0)
    assert.is(bucket.usage().deletes, 2_600)
  })
}

test('a line in mid-change is waited for, and in the end named', async () => {
  await using opening = await opened({ nodes: 1 })
  const { engine } = opening
  const bucket = await engine.createBucket('b')
  await bucket.put('k', 'v')
  const memory = Memory.attach(engine['cluster'].nodes[0].memory)
  const line = new Table(memory).lineOf(remix(bucket.explain('k').hash))
  Atomics.add(memory.words, line, 1)
  assert.throws(
    () => bucket.getSync('k'),
    (error: unknown) => {
      return error instanceof CacheError && error.code === 'busy'
    },
  )
  for (const read of [() => bucket.list(), () => bucket.get('k'), () => bucket.getMany(['k'])]) {
    assert.is(await codeOf(read), 'busy', `${read}`)
  }
  const reads = [bucket.list(), bucket.get('k'), bucket.getMany(['k'])]
  await new Promise((resolve) => setImmediate(resolve))
  Atomics.add(memory.words, line, 1)
  const [page, value, values] = await Promise.all(reads)
  assert.equal(page, { keys: ['k'], cursor: null })
  assert.equal([value, ...(values as unknown[])].map(String), ['v', 'v'])
})

test('limits and cursors that cannot be', async () => {
  await using opening = await opened()
  const bucket = await opening.engine.createBucket('b')
  for (const limit of [0, -1, 1.5, Number.NaN, 10_001]) {
    assert.is(await codeOf(() => bucket.list({ limit })), 'invalid_option')
  }
  const encoded = (text: string) => Buffer.from(text).toString('base64url')
  for (const cursor of ['', 'x', '%%%', encoded('n9:0'), encoded('1:n1:'), encoded('1:n1:-5')]) {
    assert.is(await codeOf(() => bucket.list({ cursor })), 'invalid_cursor', cursor)
  }
  const beyond = await bucket.list({ cursor: encoded(`1:n2:${(2 ** 50).toString(36)}`) })
  assert.equal(beyond, { keys: [], cursor: null })
})

test.run()
