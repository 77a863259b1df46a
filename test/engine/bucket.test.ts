import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { codeOf, opened } from './opened.js'

const test = suite('bucket')
const KIB = 1024

for (const kind of ['inline', 'worker'] as const) {
  test(`default TTL, its own TTL, touch, to the millisecond, ${kind}`, async () => {
    await using opening = await opened({ kind })
    const { engine, clock } = opening
    const bucket = await engine.createBucket('b', { defaultTtl: '10s' })
    await bucket.put('default', 'v')
    await bucket.put('short', 'v', { ttl: 1 })
    await bucket.put('long', 'v', { ttl: '365d' })
    assert.is(await bucket.touch('default', '20s'), true)
    assert.is(bucket.lookup('default')?.ttlMs, 20_000)
    clock.advance(1)
    assert.is(bucket.getSync('short'), undefined)
    assert.is(await bucket.touch('short', '1s'), false)
    clock.advance(19_998)
    assert.is(bucket.getTextSync('default'), 'v')
    clock.advance(1)
    assert.is(bucket.getTextSync('default'), undefined)
    await bucket.update({ defaultTtl: null })
    await bucket.put('never', 'v')
    assert.is(bucket.lookup('never')?.ttlMs, undefined)
    clock.advance(31_536_000_000 - 20_000 - 1)
    assert.is(bucket.getTextSync('long'), 'v')
    clock.advance(1)
    assert.is(bucket.getTextSync('long'), undefined)
    assert.is(bucket.getTextSync('never'), 'v')
    for (const ttl of [0, -1, 1.5, '366d', '1', 'soon', '']) {
      if (ttl === '1') continue
      assert.is(await codeOf(() => bucket.put('k', 'v', { ttl })), 'invalid_ttl', String(ttl))
      assert.is(await codeOf(() => bucket.touch('never', ttl)), 'invalid_ttl', String(ttl))
    }
  })

  test(`conditions and versions, as HTTP uses them, ${kind}`, async () => {
    await using opening = await opened({ kind })
    const bucket = await opening.engine.createBucket('b')
    const first = await bucket.write('k', 'v', { contentType: 'text/plain', ttlMs: 500 })
    assert.is(first.outcome, 'created')
    const { value, ...rest } = bucket.lookup('k') ?? {}
    assert.is(String(value), 'v')
    assert.equal(rest, { contentType: 'text/plain', version: first.version, ttlMs: 500 })
    assert.equal(bucket.head('k'), { ...rest, sizeBytes: 1 })
    const absent = await bucket.write('k', 'w', { onlyIf: { kind: 'absent' } })
    assert.equal(absent, { outcome: 'mismatch', version: first.version })
    const stale = { kind: 'version', version: first.version + 1 } as const
    assert.is((await bucket.write('k', 'w', { onlyIf: stale })).outcome, 'mismatch')
    assert.is((await bucket.remove('k', stale)).outcome, 'mismatch')
    assert.is((await bucket.retime('k', 5, stale)).outcome, 'mismatch')
    const exact = { kind: 'version', version: first.version } as const
    const second = await bucket.write('k', 'w', { onlyIf: exact })
    assert.is(second.outcome, 'replaced')
    assert.ok(second.version > first.version)
    assert.is(bucket.lookup('k')?.contentType, undefined)
    assert.is((await bucket.remove('k', { kind: 'present' })).outcome, 'done')
    assert.is((await bucket.remove('k', { kind: 'present' })).outcome, 'missing')
    assert.is((await bucket.write('k', 'x', { onlyIf: { kind: 'present' } })).outcome, 'mismatch')
    assert.is(bucket.lookup('k'), undefined)
    assert.is(bucket.head('k'), undefined)
  })

  test(`immutable: a living key is never overwritten, ${kind}`, async () => {
    await using opening = await opened({ kind })
    const { engine, clock } = opening
    const bucket = await engine.createBucket('b', { immutable: true })
    assert.is(await bucket.put('k', 'first', { ttl: '1s' }), true)
    assert.is(await bucket.put('k', 'second'), false)
    const both: [string, string][] = [
      ['k', 'second'],
      ['l', 'new'],
      ['l', 'newer'],
    ]
    assert.equal(await bucket.putMany(both), [false, true, false])
    assert.equal((await bucket.getMany(['k', 'l'])).map(String), ['first', 'new'])
    assert.is((await bucket.write('k', 'second')).outcome, 'exists')
    clock.advance(1_000)
    assert.is(await bucket.put('k', 'third'), true)
    assert.is(await bucket.delete('k'), true)
    assert.is(await bucket.put('k', 'fourth'), true)
    await bucket.update({ immutable: false })
    assert.is(await bucket.put('k', 'fifth'), true)
  })

  test(`maxBytes: a bucket evicts its own, and nobody else's, ${kind}`, async () => {
    await using opening = await opened({ kind, nodes: 1 })
    const { engine } = opening
    const capped = await engine.createBucket('capped', { maxBytes: '64kb' })
    const free = await engine.createBucket('free')
    await free.put('k', 'v'.repeat(20 * KIB))
    for (let n = 0; n < 300; n++) {
      await capped.put(`k${n}`, 'v'.repeat(KIB))
      assert.ok(capped.usage().bytes <= 64 * KIB, `${capped.usage().bytes} bytes`)
    }
    assert.ok(capped.usage().items > 40)
    assert.is(capped.usage().evictions, 300 - capped.usage().items)
    assert.is(free.usage().evictions, 0)
    assert.ok(free.getSync('k'))
    const large = 'v'.repeat(64 * KIB)
    assert.is(await codeOf(() => capped.put('large', large)), 'quota_exceeded')
    assert.is(await codeOf(() => capped.putMany([['large', large]])), 'quota_exceeded')
    assert.is(await capped.put('fits', 'v'.repeat(50 * KIB)), true)
    assert.ok(capped.getSync('fits'))
    await capped.update({ maxBytes: null })
    assert.is(await capped.put('large', large), true)
    assert.ok(capped.usage().bytes > 64 * KIB)
    await capped.update({ maxBytes: '8kb' })
    await engine.settle()
    await capped.put('k', 'v')
    assert.ok(capped.usage().bytes <= 8 * KIB, 'a limit that is set later holds from then on')
    assert.ok(free.getSync('k'))
  })

  test(`flush: gone at once, and never back, ${kind}`, async () => {
    await using opening = await opened({ kind, memory: '16mb' })
    const { engine } = opening
    const bucket = await engine.createBucket('b', { maxBytes: '4mb' })
    const other = await engine.createBucket('other')
    await other.put('k0', 'other')
    for (let round = 0; round < 30; round++) {
      const entries = Array.from({ length: 200 }, (_, n) => [`k${n}`, `${round}`] as const)
      await bucket.putMany(entries)
      await bucket.flush()
      const { items, bytes } = bucket.usage()
      assert.equal([items, bytes], [0, 0])
      assert.is(await bucket.get('k0'), undefined) // in mid-sweep getSync might throw
      assert.equal((await bucket.list()).keys, [])
      await bucket.put('k1', `${round} anew`)
      assert.is(await bucket.getText('k1'), `${round} anew`)
      assert.is(await bucket.delete('k2'), false)
    }
    assert.is(bucket.usage().puts, 30 * 201)
    assert.is(other.getTextSync('k0'), 'other')
    assert.is(bucket.describe().maxBytes, 4 * 2 ** 20)
  })
}

test('a storm of flushes: numbers of generations come back', async () => {
  for (const kind of ['inline', 'worker'] as const) {
    await using opening = await opened({ kind, maxBuckets: 4 })
    const bucket = await opening.engine.createBucket('b')
    let refused = 0
    for (let n = 0; n < 500; n++) {
      await bucket.put('k', `${n}`)
      const code = await codeOf(() => bucket.flush())
      if (code !== 'no error') {
        assert.is(code, 'overloaded')
        refused++
        await opening.engine.settle()
        await bucket.flush()
      }
      assert.is(await bucket.get('k'), undefined)
    }
    assert.ok(refused < 100, `${refused} flushes were told to come back`)
  }
})

test('flush, update and delete at once', async () => {
  for (const kind of ['inline', 'worker'] as const) {
    await using opening = await opened({ kind, nodes: 1 })
    const { engine } = opening
    for (let round = 0; round < 10; round++) {
      const bucket = await engine.createBucket(`b${round}`)
      await bucket.put('k', 'v'.repeat(5 * KIB))
      await Promise.all([bucket.flush(), bucket.update({ maxBytes: '16kb' }), bucket.flush()])
      assert.is(await bucket.get('k'), undefined)
      for (let n = 0; n < 30; n++) await bucket.put(`k${n}`, 'v'.repeat(KIB))
      assert.ok(bucket.usage().bytes <= 16 * KIB, 'the new limit holds in the new generation')
      const ends = [
        bucket.flush(),
        engine.deleteBucket(bucket.id),
        bucket.flush(),
        bucket.update({}),
      ]
      const codes = await Promise.all(ends.map((end) => codeOf(() => end)))
      for (const code of codes) assert.match(code, /^(no error|bucket_not_found)$/)
      assert.is(codes[1], 'no error')
      assert.is(engine.bucket(bucket.id), undefined)
      assert.is((await engine.createBucket(`x${round}`)).usage().items, 0)
      const attached = (await import('../../src/engine/engine.js')).Engine.attach(engine.handle())
      assert.is(attached.bucket(bucket.id), undefined, 'nobody finds it any more')
    }
  }
})

test('a deleted bucket is gone, whoever still holds it', async () => {
  for (const kind of ['inline', 'worker'] as const) {
    await using opening = await opened({ kind, maxBuckets: 4 })
    const { engine } = opening
    const bucket = await engine.createBucket('b')
    await bucket.put('k', 'secret')
    await engine.deleteBucket(bucket.id)
    assert.is(bucket.getSync('k'), undefined)
    assert.is(await codeOf(() => bucket.put('k', 'v')), 'bucket_not_found')
    assert.is(await codeOf(() => bucket.flush()), 'bucket_not_found')
    assert.is(await codeOf(() => bucket.update({})), 'bucket_not_found')
    const next = await engine.createBucket('b')
    for (let n = 0; n < 100; n++) {
      await next.flush().catch(() => engine.settle())
      assert.is(await codeOf(() => bucket.put('k', 'v')), 'bucket_not_found')
      assert.is(next.usage().items, 0, 'what is put into a deleted bucket lands nowhere')
    }
  }
})

test('keys: JSON stands for its canonical form', async () => {
  await using opening = await opened()
  const bucket = await opening.engine.createBucket('b')
  await bucket.put({ a: 1, b: [true, null] }, 'v')
  assert.is(await bucket.getText({ b: [true, null], a: 1 }), 'v')
  assert.is(bucket.getTextSync('{"a":1,"b":[true,null]}'), 'v')
  for (const key of [1, -0.5, true, null, ['x'], { é: '😀' }]) {
    await bucket.put(key, JSON.stringify(key))
    assert.is(await bucket.getText(key), JSON.stringify(key))
    assert.is(bucket.getTextSync(JSON.stringify(key)), JSON.stringify(key))
    assert.is(bucket.explain(key).key, JSON.stringify(key))
  }
  assert.equal(await bucket.deleteMany([1, { a: 1, b: [true, null] }]), [true, true])
})

test('keys that cannot be', async () => {
  await using opening = await opened()
  const bucket = await opening.engine.createBucket('b')
  const circle: Record<string, unknown> = {}
  circle['self'] = circle
  const bad: [unknown, string][] = [
    ['', 'invalid_key'],
    ['.', 'invalid_key'],
    ['..', 'invalid_key'],
    ['\ud800', 'invalid_key'],
    [undefined, 'invalid_key'],
    [Number.NaN, 'invalid_key'],
    [Number.POSITIVE_INFINITY, 'invalid_key'],
    [circle, 'invalid_key'],
    ['k'.repeat(1025), 'key_too_long'],
    ['é'.repeat(513), 'key_too_long'],
  ]
  for (const [key, code] of bad) {
    for (const call of [
      () => bucket.get(key as string),
      () => bucket.getSync(key as string),
      () => bucket.put(key as string, 'v'),
      () => bucket.delete(key as string),
      () => bucket.touch(key as string, 1),
      () => bucket.getMany(['fine', key as string]),
      () =>
        bucket.putMany([
          ['fine', 'v'],
          [key as string, 'v'],
        ]),
      () => bucket.deleteMany(['fine', key as string]),
    ]) {
      assert.is(await codeOf(call), code, `${String(key).slice(0, 20)} in ${call}`)
    }
  }
  assert.is(bucket.getSync('fine'), undefined, 'one bad item refuses all')
  for (const key of ['k'.repeat(1024), 'é'.repeat(512), '...', ' ', '\0', 'a/b', '%2F', '😀']) {
    assert.is(await bucket.put(key, key), true)
    assert.is(bucket.getTextSync(key), key)
  }
})

test('values and types that cannot be', async () => {
  await using opening = await opened({ maxValue: '64kb' })
  const bucket = await opening.engine.createBucket('b')
  for (const value of ['x'.repeat(65_537), Buffer.alloc(65_537), 'é'.repeat(32_769)]) {
    assert.is(await codeOf(() => bucket.put('k', value)), 'value_too_large')
  }
  for (const value of ['x'.repeat(65_536), Buffer.alloc(65_536), 'é'.repeat(32_768)]) {
    assert.is(await bucket.put('k', value), true)
    assert.ok(bucket.getSync('k')?.equals(Buffer.from(value)))
  }
  for (const value of [undefined, null, 5, {}, [1]]) {
    assert.is(await codeOf(() => bucket.put('k', value as unknown as string)), 'invalid_body')
  }
  for (const contentType of ['x'.repeat(256), '日本']) {
    assert.is(await codeOf(() => bucket.write('k', 'v', { contentType })), 'invalid_option')
  }
  assert.is(bucket.lookup('k')?.value.length, 65_536, 'nothing of it was stored')
})

test('a limit beyond all memory is no limit', async () => {
  await using opening = await opened({ kind: 'worker', nodes: 1 })
  const bucket = await opening.engine.createBucket('b', { maxBytes: 2 ** 40 + 5_000 })
  await bucket.put('a', 'v'.repeat(10_000))
  await bucket.put('b', 'v'.repeat(10_000))
  assert.is(bucket.usage().items, 2)
})

test('what was read is a copy', async () => {
  await using opening = await opened()
  const bucket = await opening.engine.createBucket('b')
  const value = Buffer.from('mine')
  await bucket.put('k', value)
  value.fill(0)
  const read = bucket.getSync('k')
  assert.is(read?.toString(), 'mine')
  read?.fill(0)
  assert.is(bucket.getTextSync('k'), 'mine')
})

test('batches: as asked, the last of a key wins, none at all', async () => {
  await using opening = await opened({ kind: 'worker' })
  const bucket = await opening.engine.createBucket('b')
  assert.equal(await bucket.putMany([]), [])
  assert.equal(await bucket.getMany([]), [])
  assert.equal(await bucket.deleteMany([]), [])
  const twice: [string, string][] = [
    ['k', '1'],
    ['l', '2'],
    ['k', '3'],
  ]
  assert.equal(await bucket.putMany(twice, { ttl: '1m' }), [true, true, true])
  assert.equal((await bucket.getMany(['k', 'l', 'k'])).map(String), ['3', '2', '3'])
  assert.is(bucket.lookup('l')?.ttlMs, 60_000)
  assert.equal(await bucket.deleteMany(['k', 'k', 'l']), [true, false, true])
})

test('explain', async () => {
  await using opening = await opened({ nodes: 4, memory: '16mb' })
  const bucket = await opening.engine.createBucket('b')
  const { hash, angle, owner, successors, token, epoch } = bucket.explain('k')
  assert.is(angle, (hash / 2 ** 32) * 360)
  assert.is(owner, opening.engine.ring.owner(hash))
  assert.equal([owner, ...successors].sort(), ['n1', 'n2', 'n3', 'n4'])
  assert.is(token, opening.engine.ring.token(hash))
  assert.is(epoch, opening.engine.ring.epoch)
  const other = await opening.engine.createBucket('other')
  assert.is.not(other.explain('k').hash, hash, 'each bucket has a seed of its own')
})

test.run()
