import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { bucketOf, lastOf } from '../../src/histogram.js'
import { check } from '../../src/store/check.js'
import { NEVER } from '../../src/store/item.js'
import { C_VERSION_END } from '../../src/store/layout.js'
import {
  CREATED,
  DONE,
  EXISTS,
  IF_ABSENT,
  IF_ANY,
  IF_NEVER_PUT,
  IF_PRESENT,
  IF_VERSION,
  MISMATCH,
  MISSING,
  NO_MEMORY,
  NO_SPACE,
  NO_VERSION,
  REPLACED,
} from '../../src/store/order.js'
import { Statistics } from '../../src/store/statistics.js'
import { type Bench, bench, SEED } from './pen.js'

const test = suite('store')

function find({ pen, reader }: Bench, key: string, space = 1) {
  pen.scratch.encode(key)
  return reader.find(pen.scratch.hash(SEED), pen.scratch.words, pen.scratch.length, space)
}

test('a put creates, then replaces; the version rises', () => {
  const { store, pen } = bench()
  assert.is(store.put(pen.write(1, 'key', 'one'), 0), CREATED)
  const first = store.version
  assert.is(store.put(pen.write(1, 'key', 'two'), 0), REPLACED)
  assert.ok(store.version > first)
  check(store)
})

test('a delete removes, and then there is nothing to remove', () => {
  const b = bench()
  assert.is(b.store.delete(b.pen.write(1, 'key'), 0), MISSING)
  b.store.put(b.pen.write(1, 'key', 'one'), 0)
  assert.is(b.store.delete(b.pen.write(1, 'key'), 0), DONE)
  assert.is(find(b, 'key'), undefined)
  check(b.store)
})

type Row = [condition: number, version: 'right' | 'wrong', absent: number, present: number]
const PUTS: Row[] = [
  [IF_ANY, 'wrong', CREATED, REPLACED],
  [IF_ABSENT, 'wrong', CREATED, MISMATCH],
  [IF_NEVER_PUT, 'wrong', CREATED, EXISTS],
  [IF_PRESENT, 'wrong', MISMATCH, REPLACED],
  [IF_VERSION, 'right', MISMATCH, REPLACED],
  [IF_VERSION, 'wrong', MISMATCH, MISMATCH],
]
for (const [condition, which, absent, present] of PUTS) {
  test(`a put on condition ${condition} with the ${which} version`, () => {
    const b = bench()
    const put = (version: number) =>
      b.store.put(b.pen.write(1, 'key', 'new', { condition, version }), 0)
    assert.is(put(1), absent)
    const again = bench()
    again.store.put(again.pen.write(1, 'key', 'old'), 0)
    const stored = again.store.version
    const version = which === 'right' ? stored : stored + 1
    const outcome = again.store.put(again.pen.write(1, 'key', 'new', { condition, version }), 0)
    assert.is(outcome, present)
    const isNew = present === REPLACED
    assert.is(find(again, 'key')?.value.toString(), isNew ? 'new' : 'old')
    assert.is(again.store.version, isNew ? stored + 1 : stored, 'the version in the way')
    check(again.store)
  })
}

const CHANGES: Row[] = [
  [IF_ANY, 'wrong', MISSING, DONE],
  [IF_PRESENT, 'wrong', MISSING, DONE],
  [IF_VERSION, 'right', MISSING, DONE],
  [IF_VERSION, 'wrong', MISSING, MISMATCH],
]
for (const [condition, which, absent, present] of CHANGES) {
  test(`a delete and a touch on condition ${condition} with the ${which} version`, () => {
    for (const change of ['delete', 'touch'] as const) {
      const b = bench()
      assert.is(b.store[change](b.pen.write(1, 'key', '', { condition, version: 1 }), 0), absent)
      b.store.put(b.pen.write(1, 'key', 'value'), 0)
      const version = which === 'right' ? b.store.version : b.store.version + 1
      const order = b.pen.write(1, 'key', '', { condition, version, deadline: 99 })
      assert.is(b.store[change](order, 0), present)
      check(b.store)
    }
  })
}

test('an unknown condition is an error of the caller', () => {
  const { store, pen } = bench()
  assert.throws(() => store.put(pen.write(1, 'key', '', { condition: 99 }), 0), RangeError)
})

test('a space that is not live takes nothing', () => {
  const { store, pen } = bench(2 ** 21, 8, 2)
  for (const space of [0, 3, 8, 60_000]) {
    assert.is(store.put(pen.write(space, 'key', 'value'), 0), NO_SPACE)
  }
  store.killSpace(2)
  assert.is(store.put(pen.write(2, 'key', 'value'), 0), NO_SPACE)
})

test('a value past its deadline is gone for every operation, swept or not', () => {
  const b = bench()
  const put = (condition = IF_ANY) =>
    b.store.put(b.pen.write(1, 'key', 'v', { deadline: 100, condition }), 0)
  put()
  assert.is(b.store.delete(b.pen.write(1, 'key'), 100), MISSING)
  put()
  assert.is(b.store.touch(b.pen.write(1, 'key', '', { deadline: 500 }), 100), MISSING)
  put()
  const anew = b.pen.write(1, 'key', 'w', { condition: IF_NEVER_PUT })
  assert.is(b.store.put(anew, 100), CREATED)
  assert.is(b.store.counts(1, 100).expirations, 3)
  check(b.store)
})

test('a touch changes the deadline; version and value stay', () => {
  const b = bench()
  b.store.put(b.pen.write(1, 'key', 'value', { deadline: 100, type: 'text/plain' }), 0)
  for (const deadline of [5_000, NEVER, 2 ** 35, 50]) {
    assert.is(b.store.touch(b.pen.write(1, 'key', '', { deadline }), 0), DONE)
    const found = find(b, 'key')
    assert.is(found?.deadline, deadline)
    assert.is(found?.version, b.store.version)
    assert.is(found?.value.toString(), 'value')
    assert.is(found?.type, 'text/plain')
    check(b.store)
  }
  b.clock.now = 50
  assert.is(find(b, 'key'), undefined)
})

test('advance expires what is due, within its limit, and tells the longest lag', () => {
  const b = bench()
  for (let n = 0; n < 100; n++) b.store.put(b.pen.write(1, `k${n}`, 'v', { deadline: 50 + n }), 0)
  b.store.put(b.pen.write(1, 'kept', 'v', { deadline: 200 }), 0)
  assert.is(b.store.advance(199, 30), 0)
  while (b.store.advance(199, 30) === 0) check(b.store)
  const counts = b.store.counts(1, 199)
  assert.is(counts.items, 1)
  assert.is(counts.expirations, 100)
  assert.is(new Statistics(b.memory).lag.quantile(1), lastOf(bucketOf(149)))
})

test('versions come from the ranges granted, and end with them', () => {
  const { store, pen, memory } = bench()
  memory.floats[C_VERSION_END >> 1] = 3
  assert.ok(store.grantVersions(1_000, 1_002))
  assert.not.ok(store.grantVersions(2_000, 2_002), 'two ranges wait')
  const versions: number[] = []
  for (let n = 0; n < 4; n++) {
    store.put(pen.write(1, 'key', 'v'), 0)
    versions.push(store.version)
  }
  assert.equal(versions, [1, 2, 1_000, 1_001])
  assert.is(store.put(pen.write(1, 'key', 'v'), 0), NO_VERSION)
  assert.ok(store.grantVersions(2 ** 47, 2 ** 47 + 1))
  assert.is(store.put(pen.write(1, 'key', 'v'), 0), REPLACED)
  assert.is(store.version, 2 ** 47)
  check(store)
})

test('a value that no memory can hold is refused, and the store is sound', () => {
  const b = bench(2 ** 20)
  assert.is(b.store.put(b.pen.write(1, 'huge', Buffer.alloc(2 ** 21)), 0), NO_MEMORY)
  check(b.store)
  assert.is(find(b, 'huge'), undefined)
  assert.is(b.store.put(b.pen.write(1, 'small', 'v'), 0), CREATED)
  assert.is(find(b, 'small')?.value.toString(), 'v')
})

test('an overwrite keeps the place in the queue: the oldest still goes first', () => {
  const b = bench(2 ** 20)
  const value = Buffer.alloc(9_000)
  // In a bucket whose rule is S3-FIFO: it is not the first to hold anything.
  b.store.put(b.pen.write(2, 'k', value), 0)
  b.store.openSpace(1, SEED, 20 * 10_000, 0)
  b.store.put(b.pen.write(1, 'k0', value), 0)
  let count = 1
  for (; b.store.counts(1, 0).evictions === 0; count++) {
    b.store.put(b.pen.write(1, `k${count}`, value), 0)
    if (count === 3) b.store.put(b.pen.write(1, 'k0', value), 0)
  }
  assert.is(find(b, 'k0'), undefined, 'the first one in went first')
  assert.ok(find(b, 'k1'))
})

test('counts tell puts, deletes, items and bytes', () => {
  const { store, pen } = bench()
  for (let n = 0; n < 10; n++) store.put(pen.write(1, `k${n % 7}`, 'v'), 0)
  store.delete(pen.write(1, 'k0'), 0)
  store.delete(pen.write(1, 'k0'), 0)
  const { items, puts, deletes, bytes } = store.counts(1, 0)
  assert.equal([items, puts, deletes], [6, 10, 1])
  assert.is(bytes, 6 * 40)
})

test.run()
