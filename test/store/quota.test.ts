import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { itemBytes } from '../../src/store/assembler.js'
import { check } from '../../src/store/check.js'
import { CREATED } from '../../src/store/order.js'
import { SPACE_UNUSED } from '../../src/store/spaces.js'
import { type Bench, bench, SEED } from './pen.js'

const test = suite('quota, pressure and flush')
const value = Buffer.alloc(1_000, 1)
const each = itemBytes(4, 0, 1_000)

function fill({ store, pen }: Bench, space: number, from: number, count: number): void {
  for (let n = from; n < from + count; n++) {
    assert.is(store.put(pen.write(space, `k${n}`.padEnd(4, '_'), value), 0), CREATED)
  }
}

function has({ pen, reader }: Bench, space: number, key: string): boolean {
  pen.scratch.encode(key.padEnd(4, '_'))
  return reader.has(pen.scratch.hash(SEED), pen.scratch.words, pen.scratch.length, space)
}

test('a capped bucket evicts its own keys and nobody else’s', () => {
  const b = bench(4 * 2 ** 20)
  b.store.openSpace(1, SEED, each * 10, 0)
  fill(b, 2, 0, 50)
  fill(b, 1, 0, 100)
  assert.is(b.store.counts(1, 0).items, 10)
  assert.is(b.store.counts(1, 0).evictions, 90)
  assert.is(b.store.counts(2, 0).items, 50)
  assert.is(b.store.counts(2, 0).evictions, 0)
  check(b.store)
})

test('a capped bucket fills its limit to the last byte', () => {
  const b = bench()
  b.store.openSpace(1, SEED, each * 3, 0)
  fill(b, 1, 0, 3)
  assert.is(b.store.counts(1, 0).evictions, 0)
  fill(b, 1, 3, 1)
  assert.is(b.store.counts(1, 0).evictions, 1)
})

test('an overwrite that grows evicts others of the bucket, and stays', () => {
  const b = bench()
  b.store.openSpace(1, SEED, each * 4, 0)
  fill(b, 1, 0, 4)
  b.store.put(b.pen.write(1, 'k3__', Buffer.alloc(2_500)), 0)
  assert.ok(has(b, 1, 'k3'))
  assert.ok(b.store.eviction.bytes(1) <= each * 4)
  check(b.store)
})

test('a lower limit is enforced at once', () => {
  const b = bench()
  b.store.openSpace(1, SEED, each * 40, 0)
  fill(b, 1, 0, 40)
  b.store.openSpace(1, SEED, each * 5, 0)
  assert.is(b.store.counts(1, 0).items, 5)
  check(b.store)
})

test('a limit set on a bucket that had none holds for what it put before, after a sweep', () => {
  const b = bench()
  fill(b, 1, 0, 40)
  fill(b, 2, 0, 40)
  b.store.openSpace(1, SEED, each * 5, 0)
  fill(b, 1, 40, 1)
  while (b.store.sweep(0, 64)) check(b.store)
  assert.is(b.store.counts(1, 0).items, 5)
  assert.is(b.store.counts(2, 0).items, 40)
  assert.is(b.store.eviction.bytes(1), each * 5)
  check(b.store)
})

test('a limit that goes away lets the bucket grow', () => {
  const b = bench()
  b.store.openSpace(1, SEED, each * 5, 0)
  fill(b, 1, 0, 5)
  b.store.openSpace(1, SEED, 0, 0)
  fill(b, 1, 5, 20)
  assert.is(b.store.counts(1, 0).items, 25)
  for (let n = 0; n < 25; n++) b.store.put(b.pen.write(1, `k${n}`.padEnd(4, '_'), value), 0)
  assert.is(b.store.eviction.bytes(1), 0, 'an overwrite moves an item to the shared queues')
  check(b.store)
})

test('memory pressure falls on shared and capped buckets in proportion to their bytes', () => {
  const b = bench(4 * 2 ** 20)
  b.store.openSpace(1, SEED, 2 ** 21, 0)
  b.store.openSpace(2, SEED, 2 ** 21, 0)
  fill(b, 1, 0, 600)
  fill(b, 2, 0, 600)
  fill(b, 3, 0, 3_000)
  const held = [1, 2].map((space) => b.store.counts(space, 0).items)
  const gone = [1, 2].map((space) => b.store.counts(space, 0).evictions)
  assert.ok(held[0] > 30 && held[1] > 30, `capped buckets keep ${held}`)
  assert.ok(Math.abs(gone[0] - gone[1]) <= 60, `each in its turn: ${gone}`)
  check(b.store)
})

test('a flushed bucket is empty at once, and its space free after the sweep', () => {
  const b = bench(4 * 2 ** 20)
  fill(b, 1, 0, 800)
  fill(b, 2, 0, 100)
  b.store.killSpace(1)
  assert.is(b.store.counts(1, 0).items, 0)
  assert.is(b.store.counts(1, 0).bytes, 0)
  assert.is.not(b.store.spaces.state(1), SPACE_UNUSED)
  check(b.store)
  let turns = 0
  while (b.store.sweep(0, 64)) {
    check(b.store)
    turns++
  }
  assert.ok(turns > 5, 'a bounded share each turn')
  assert.is(b.store.spaces.state(1), SPACE_UNUSED)
  assert.is(b.store.counts(2, 0).items, 100)
  assert.is(b.store.counts(1, 0).evictions, 0, 'a flush is no eviction')
  check(b.store)
})

test('a flush takes as long for 2,000 keys as for none: it touches no line', () => {
  const b = bench(8 * 2 ** 20)
  fill(b, 1, 0, 2_000)
  const { tableAt, pagesAt } = b.memory.shape
  const before = b.memory.words.slice(tableAt)
  b.store.killSpace(1)
  const after = b.memory.words.subarray(tableAt)
  assert.ok(pagesAt > tableAt && Buffer.from(before.buffer).equals(Buffer.from(after)) === false)
  let differ = 0
  for (let n = 0; n < before.length; n++) differ += before[n] === after[n] ? 0 : 1
  assert.is(differ, 0)
})

test('flushed keys do not come back when the space is used again', () => {
  const b = bench(4 * 2 ** 20)
  fill(b, 1, 0, 300)
  b.store.killSpace(1)
  while (b.store.sweep(0, 1_000)) {}
  b.store.openSpace(1, SEED, 0, 0)
  for (let n = 0; n < 300; n++) assert.not.ok(has(b, 1, `k${n}`))
  fill(b, 1, 0, 10)
  assert.is(b.store.counts(1, 0).items, 10)
})

test('an empty space is free as soon as it is killed', () => {
  const b = bench()
  b.store.killSpace(1)
  assert.is(b.store.spaces.state(1), SPACE_UNUSED)
  assert.not.ok(b.store.sweep(0))
})

test('pressure may evict a dead bucket’s items, and the last one frees its space', () => {
  const b = bench(2 ** 20)
  fill(b, 1, 0, 30)
  b.store.killSpace(1)
  // Asked for more often than what the dead bucket left: else that could stay until it is swept.
  for (let n = 0; n < 3_000; n++) {
    for (let again = 0; again < 4; again++) {
      b.store.put(b.pen.write(2, `k${n}`.padEnd(4, '_'), value), 0)
    }
  }
  assert.is(b.store.spaces.state(1), SPACE_UNUSED)
  check(b.store)
})

test.run()
