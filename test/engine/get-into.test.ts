import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { codeOf, opened } from './opened.js'

const test = suite('getInto')

for (const kind of ['inline', 'worker'] as const) {
  test(`a value lands where the caller wants it, ${kind}`, async () => {
    await using opening = await opened({ kind })
    const bucket = await opening.engine.createBucket('b', { defaultTtl: '1m' })
    await bucket.put('text', 'abc')
    await bucket.put('empty', '')
    await bucket.put({ long: true }, Buffer.alloc(100_000, 7))
    const target = Buffer.alloc(100_001)
    assert.is(bucket.getInto('text', target), 3)
    assert.is(bucket.getInto('text', target, 5), 3)
    assert.is(target.latin1Slice(0, 9), 'abc\0\0abc\0')
    assert.is(bucket.getInto('empty', target, target.length), 0)
    assert.is(bucket.getInto({ long: true }, target, 1), 100_000)
    assert.ok(target.subarray(1).every((byte) => byte === 7))
    assert.is(bucket.getInto('nobody', target), undefined)
    opening.clock.advance(60_000)
    assert.is(bucket.getInto('text', target), undefined, 'past its deadline')
  })
}

test('where the room is too small, nothing is copied, and the length tells how much is needed', async () => {
  await using opening = await opened()
  const bucket = await opening.engine.createBucket('b')
  await bucket.put('k', 'value')
  const target = Buffer.alloc(8)
  assert.is(bucket.getInto('k', target, 4), 5)
  assert.ok(target.equals(Buffer.alloc(8)))
  assert.is(bucket.getInto('k', target.subarray(0, 5)), 5)
  assert.is(target.latin1Slice(0, 8), 'value\0\0\0')
})

test('it counts as a get once the value has been taken; a miss counts', async () => {
  await using opening = await opened()
  const bucket = await opening.engine.createBucket('b')
  await bucket.put('k', 'value')
  bucket.getInto('k', Buffer.alloc(4))
  bucket.getInto('k', Buffer.alloc(5))
  bucket.getInto('nobody', Buffer.alloc(5))
  const { gets, hits, misses } = bucket.usage()
  assert.equal([gets, hits, misses], [2, 1, 1])
})

test('bad keys and offsets are refused', async () => {
  await using opening = await opened()
  const bucket = await opening.engine.createBucket('b')
  assert.is(await codeOf(() => bucket.getInto('', Buffer.alloc(4))), 'invalid_key')
  for (const offset of [-1, 5, 0.5, Number.NaN]) {
    assert.throws(() => bucket.getInto('k', Buffer.alloc(4), offset), RangeError)
  }
})

test.run()
