import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { opened } from './opened.js'

const test = suite('usage')

for (const kind of ['inline', 'worker'] as const) {
  test(`counts are exact, ${kind}`, async () => {
    await using opening = await opened({ kind })
    const { engine, clock } = opening
    const bucket = await engine.createBucket('b')
    for (let n = 0; n < 100; n++) await bucket.put(`k${n}`, 'v', n < 30 ? { ttl: '1s' } : {})
    for (let n = 0; n < 10; n++) await bucket.put(`k${99 - n}`, 'w')
    for (let n = 40; n < 45; n++) assert.is(await bucket.delete(`k${n}`), true)
    assert.is(await bucket.delete('k40'), false)
    await bucket.getMany(['k50', 'k51', 'k40'])
    await bucket.getText('k52')
    bucket.getSync('nobody')
    bucket.lookup('k53')
    bucket.head('k53')
    await bucket.touch('k54', '1h')
    const { bytes, ...rest } = bucket.usage()
    const counts = {
      tier: 'standard',
      items: 95,
      byteSeconds: 0,
      gets: 6,
      hits: 4,
      misses: 2,
      puts: 110,
      deletes: 5,
      evictions: 0,
      expirations: 0,
      droppedByMove: 0,
    }
    assert.equal(rest, counts)
    assert.is(bytes % 95, 0)
    clock.advance(1_000)
    await engine.settle()
    const after = bucket.usage()
    assert.equal(
      [after.items, after.bytes, after.expirations, after.deletes],
      [65, (bytes / 95) * 65, 30, 5],
    )
    assert.is(after.byteSeconds, bytes)
  })

  test(`a flush loses nothing that was counted, ${kind}`, async () => {
    await using opening = await opened({ kind })
    const { engine, clock } = opening
    const bucket = await engine.createBucket('b')
    let puts = 0
    let byteSeconds = 0
    for (let round = 0; round < 5; round++) {
      for (let n = 0; n < 20; n++, puts++) await bucket.put(`k${n}`, 'v')
      await bucket.delete('k3')
      byteSeconds += bucket.usage().bytes * 7
      clock.advance(7_000)
      assert.is(bucket.usage().byteSeconds, byteSeconds)
      await bucket.flush()
      const usage = bucket.usage()
      assert.is(usage.items, 0)
      assert.is(usage.puts, puts)
      assert.is(usage.deletes, round + 1)
      assert.is(usage.byteSeconds, byteSeconds, 'what was held until the flush is on the bill')
      clock.advance(500_000)
      await engine.settle()
      assert.is(bucket.usage().byteSeconds, byteSeconds, 'and nothing after it')
    }
  })

  test(`evictions are counted where they happen, ${kind}`, async () => {
    await using opening = await opened({ kind, nodes: 1, memory: '4mb', maxValue: '64kb' })
    const { engine } = opening
    const bucket = await engine.createBucket('b')
    for (let n = 0; n < 400; n++) await bucket.put(`k${n}`, 'v'.repeat(30_000))
    const { items, evictions, puts } = bucket.usage()
    assert.ok(evictions > 200)
    assert.is(items + evictions, puts)
    const found = await bucket.getMany(Array.from({ length: 400 }, (_, n) => `k${n}`))
    assert.is(found.filter((value) => value !== undefined).length, items)
    assert.is(bucket.usage().hits, items)
    assert.is(bucket.usage().misses, 400 - items)
  })
}

test('buckets are counted apart, and a new one begins at nothing', async () => {
  await using opening = await opened({ maxBuckets: 2 })
  const { engine } = opening
  const one = await engine.createBucket('one')
  const two = await engine.createBucket('two', { tier: 'economy' })
  await one.put('k', 'v')
  one.getSync('k')
  assert.is(two.usage().puts, 0)
  assert.is(two.usage().tier, 'economy')
  await engine.deleteBucket(one.id)
  const three = await engine.createBucket('one')
  const { tier, ...counts } = three.usage()
  assert.is(tier, 'standard')
  assert.ok(
    Object.values(counts).every((count) => count === 0),
    JSON.stringify(counts),
  )
})

test.run()
