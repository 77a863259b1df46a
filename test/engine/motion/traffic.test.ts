import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Bucket } from '../../../src/engine/bucket.js'
import type { Engine } from '../../../src/engine/engine.js'
import { fill, missing, moving, names, Stage, until } from './stage.js'

const test = suite('traffic while keys move')
const KEYS = names(400)

/** Grows the ring, does something in the middle of it, shrinks it, and does it again. */
async function amid(engine: Engine, act: () => Promise<void>): Promise<void> {
  for (const change of [engine.addNode(), engine.removeNode('n1', { force: true })]) {
    const migration = await change
    await moving(engine, migration)
    await act()
    await migration.done
  }
}

for (const replicas of [0, 1]) {
  test(`values of every size, types, ETags and TTLs survive, ${replicas} copies`, async () => {
    await using stage = await Stage.open({ nodes: 2, memory: '64mb', maxValue: '4mb' })
    const { engine, clock } = stage
    const bucket = await engine.createBucket('b', { replicas })
    const sizes = [0, 1, 3, 100, 511, 4_096, 16_000, 65_536, 65_537, 1_000_000, 3_000_001]
    const stored = new Map<string, { value: Buffer; version: number }>()
    for (const [n, size] of [...sizes, ...sizes].entries()) {
      const value = Buffer.alloc(size, n + 1)
      const options = { contentType: `type/${n}`, ttlMs: n % 2 === 0 ? undefined : 1_000 + n }
      const { version } = await bucket.write(`k${n}`, value, options)
      stored.set(`k${n}`, { value, version })
    }
    const check = async () => {
      for (const [key, { value, version }] of stored) {
        const n = Number(key.slice(1))
        const found = bucket.lookup(key)
        assert.ok(found?.value.equals(value), `${key}: ${value.length} bytes`)
        assert.is(found?.version, version)
        assert.is(found?.contentType, `type/${n}`)
        assert.is(found?.ttlMs, n % 2 === 0 ? undefined : 1_000 + n - passed)
      }
    }
    let passed = 0
    await amid(engine, async () => {
      await check()
      clock.advance(500)
      passed += 500
      await check()
    })
    await check()
    stage.checkPlaces(bucket, [...stored.keys()])
    clock.advance(1_000)
    await engine.settle()
    for (const [key] of stored) {
      assert.is(bucket.getSync(key) === undefined, Number(key.slice(1)) % 2 === 1)
    }
    assert.is(bucket.usage().expirations, stored.size / 2)
  })

  test(`batches, and every list of keys, are whole, ${replicas} copies`, async () => {
    await using stage = await Stage.open()
    const { engine } = stage
    const bucket = await engine.createBucket('b', { replicas })
    await fill(bucket, KEYS)
    await amid(engine, async () => {
      const values = await bucket.getMany([...KEYS, 'nobody'])
      assert.equal(
        values.map((value) => value?.toString()),
        [...KEYS.map((key) => `value of ${key}`), undefined],
      )
      const [listed, puts, deletes] = await Promise.all([
        keysOf(bucket),
        bucket.putMany(names(300, 'new').map((key) => [key, 'v'])),
        bucket.deleteMany(names(300, 'nobody')),
      ])
      assert.equal([puts.every(Boolean), deletes.some(Boolean)], [true, false])
      assert.equal(listed.filter((key) => key.startsWith('k')).sort(), [...KEYS].sort())
      assert.is(await bucket.deletePrefix('new'), 300)
      assert.equal((await keysOf(bucket)).sort(), [...KEYS].sort())
    })
    assert.equal((await keysOf(bucket)).sort(), [...KEYS].sort())
    assert.equal(missing(bucket, KEYS), [])
    stage.checkPlaces(bucket, KEYS)
  })

  test(`an immutable bucket stays so, ${replicas} copies`, async () => {
    await using stage = await Stage.open()
    const { engine } = stage
    const bucket = await engine.createBucket('b', { immutable: true, replicas })
    await fill(bucket, KEYS)
    let round = 0
    await amid(engine, async () => {
      const again = await Promise.all(KEYS.map((key) => bucket.write(key, 'other')))
      assert.ok(again.every(({ outcome }) => outcome === 'exists'))
      for (const key of names(50, `round ${++round} `)) {
        const twice = await Promise.all([bucket.put(key, '1'), bucket.put(key, '2')])
        assert.equal(twice, [true, false])
        assert.is(bucket.getTextSync(key), '1')
      }
    })
    assert.equal(missing(bucket, KEYS), [])
  })

  test(`counters are kept, and items counted once, ${replicas} copies`, async () => {
    await using stage = await Stage.open({ nodes: 2 })
    const { engine, clock } = stage
    const bucket = await engine.createBucket('b', { replicas })
    await fill(bucket, KEYS)
    await bucket.deleteMany(KEYS.slice(0, 100))
    await bucket.putMany(
      names(50, 'old').map((key) => [key, 'v']),
      { ttl: 100 },
    )
    clock.advance(200)
    await engine.settle()
    const { byteSeconds, ...before } = bucket.usage()
    assert.equal([before.puts, before.deletes, before.items], [450, 100, 300])
    await (await engine.addNode()).done
    await (await engine.removeNode('n1', { force: true })).done
    await (await engine.addNode()).done
    await (await engine.removeNode('n3', { force: true })).done
    await engine.settle()
    const { byteSeconds: after, ...now } = bucket.usage()
    assert.equal(now, before)
    assert.ok(after >= byteSeconds)
    assert.equal(missing(bucket, KEYS), KEYS.slice(0, 100))
    await engine.failNode('n2')
    await stage.still()
    assert.equal([bucket.usage().puts, bucket.usage().deletes], [450, 100])
  })
}

test('limits follow the shares of the ring', async () => {
  await using stage = await Stage.open({ nodes: 1, memory: '8mb' })
  const { engine } = stage
  const maxBytes = 400_000
  const bucket = await engine.createBucket('b', { maxBytes })
  const keys = names(16_000)
  const holds = async () => {
    await fill(bucket, keys)
    const { bytes } = bucket.usage()
    assert.ok(bytes <= maxBytes && bytes > maxBytes * 0.9, `${bytes} bytes`)
    return bytes
  }
  await holds()
  for (let n = 0; n < 3; n++) await (await engine.addNode()).done
  await holds()
  await (await engine.removeNode('n1', { force: true })).done
  await (await engine.removeNode('n2', { force: true })).done
  await holds()
  await engine.failNode('n3')
  await holds()
})

test('a bucket made, and one deleted, while a node comes up', async () => {
  await using stage = await Stage.open()
  const { engine } = stage
  const old = await engine.createBucket('old')
  await fill(old, KEYS)
  const migration = await engine.addNode()
  stage.hold('n4')
  await stage.waiting('n4')
  const making = engine.createBucket('new')
  const deleting = engine.deleteBucket(old.id)
  stage.letGo('n4')
  const bucket = await making
  await deleting
  await fill(bucket, KEYS)
  assert.is((await migration.done).state, 'done')
  assert.equal(missing(bucket, KEYS), [])
  stage.checkPlaces(bucket, KEYS)
})

test('flushed in the middle: nothing old comes along, and what is new does', async () => {
  await using stage = await Stage.open()
  const { engine } = stage
  const bucket = await engine.createBucket('b')
  await fill(bucket, KEYS)
  let round = 0
  await amid(engine, async () => {
    await bucket.flush()
    assert.equal(missing(bucket, KEYS), KEYS)
    await fill(bucket, KEYS.slice(0, 100 + ++round))
  })
  assert.equal(missing(bucket, KEYS), KEYS.slice(102))
  stage.checkPlaces(bucket, KEYS)
  assert.is(bucket.usage().items, 102)
})

test('every value that was acknowledged is there at every moment', async () => {
  await using stage = await Stage.open({ nodes: 2 })
  const { engine } = stage
  const bucket = await engine.createBucket('b')
  const keys = names(60)
  const acknowledged = new Map(keys.map((key) => [key, 0]))
  await bucket.putMany(keys.map((key) => [key, '0']))
  let isOver = false
  const writers = keys.map(async (key) => {
    for (let n = 1; !isOver; n++) {
      await bucket.put(key, `${n}`)
      acknowledged.set(key, n)
      await new Promise((resolve) => setImmediate(resolve))
    }
  })
  const reader = (async () => {
    while (!isOver) {
      for (const key of keys) {
        const least = acknowledged.get(key) ?? 0
        const found = Number(bucket.getTextSync(key))
        assert.ok(found >= least, `${key}: ${found} after ${least} was acknowledged`)
      }
      await new Promise((resolve) => setImmediate(resolve))
    }
  })()
  for (let n = 0; n < 4; n++) {
    await (await engine.addNode()).done
    await (await engine.removeNode(engine.ring.members[0].id, { force: true })).done
  }
  isOver = true
  await Promise.all([...writers, reader])
  stage.checkPlaces(bucket, keys)
})

test('changes that wait are made in their order', async () => {
  await using stage = await Stage.open({ nodes: 1 })
  const { engine } = stage
  const bucket = await engine.createBucket('b')
  await fill(bucket, KEYS)
  const epochs: number[] = []
  engine.watch((event) => {
    if (event.type === 'ring') epochs.push(event.epoch)
  })
  await engine.addNode()
  await engine.addNode()
  await until(() => engine.ring.has('n2'))
  await engine.removeNode('n1', { force: true })
  await engine.addNode()
  await stage.still()
  assert.equal(epochs, [2, 3, 4, 5, 6, 7, 8, 9])
  assert.equal(
    engine.migrations().map(({ id, kind, node }) => `${id} ${kind} ${node}`),
    ['m4 join n4', 'm3 leave n1', 'm2 join n3', 'm1 join n2'],
  )
  assert.equal(missing(bucket, KEYS), [])
  stage.checkPlaces(bucket, KEYS)
})

async function keysOf(bucket: Bucket): Promise<string[]> {
  const keys = new Set<string>()
  for await (const key of bucket.keys()) keys.add(key)
  return [...keys]
}

test.run()
