import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { check } from '../../src/store/check.js'
import { NEVER } from '../../src/store/item.js'
import { CREATED, NO_MEMORY } from '../../src/store/order.js'
import { classFor } from '../../src/store/slab.js'
import { type Bench, bench, SEED } from './pen.js'

const test = suite('room')
const LARGE = Buffer.alloc(20_000, 7)
/** A chunk of 56 bytes holds a small item, or the head of a value in two segments. */
const SMALL = 'x'.repeat(16)

function find({ pen, reader }: Bench, key: string) {
  pen.scratch.encode(key)
  return reader.find(pen.scratch.hash(SEED), pen.scratch.words, pen.scratch.length, 1)
}

/** Small items and heads of large ones among them; then most of the small ones go. */
function sparse(): { b: Bench; kept: string[] } {
  const b = bench(2 ** 22)
  const kept: string[] = []
  for (let n = 0; n < 4_000; n++) {
    const key = `s${n}`.padEnd(6, '_')
    b.store.put(b.pen.write(1, key, SMALL, { deadline: n % 2 === 0 ? NEVER : 10_000 }), 0)
    if (n % 100 === 0) {
      kept.push(`L${n}`.padEnd(6, '_'))
      b.store.put(b.pen.write(1, kept[kept.length - 1], LARGE, { deadline: 20_000 }), 0)
    }
  }
  for (let n = 0; n < 4_000; n++) {
    const key = `s${n}`.padEnd(6, '_')
    if (n % 40 === 1) kept.push(key)
    else b.store.delete(b.pen.write(1, key), 0)
  }
  check(b.store)
  return { b, kept }
}

test('a page of many free chunks is emptied into others, and its items are where they were', () => {
  const { b, kept } = sparse()
  const slabClass = classFor(56)
  const before = b.store.slab.pagesOf(slabClass)
  assert.ok(before >= 4, `${before} pages`)
  // Until the free pages are used up, and one more is wanted.
  for (let n = 0; b.store.slab.pagesOf(slabClass) === before; n++) {
    assert.is(b.store.put(b.pen.write(1, `fill${n}`, Buffer.alloc(3_000)), 0), CREATED)
  }
  check(b.store)
  assert.is(b.store.counts(1, 0).evictions, 0, 'nothing had to go')
  for (const key of kept) {
    const found = find(b, key)
    assert.is(found?.value.length, key.startsWith('L') ? LARGE.length : SMALL.length, key)
    assert.is(found?.deadline, key.startsWith('L') ? 20_000 : 10_000)
  }
  assert.ok(kept.every((key) => !key.startsWith('L') || find(b, key)?.value.equals(LARGE)))
})

test('what has moved still expires, and can be overwritten, touched and deleted', () => {
  const { b, kept } = sparse()
  const before = b.store.slab.pagesOf(classFor(56))
  for (let n = 0; b.store.slab.pagesOf(classFor(56)) === before; n++) {
    b.store.put(b.pen.write(2, `fill${n}`, Buffer.alloc(3_000)), 0)
  }
  for (const [n, key] of kept.entries()) {
    if (n % 3 === 0) b.store.put(b.pen.write(1, key, 'new'), 0)
    else if (n % 3 === 1) b.store.touch(b.pen.write(1, key, '', { deadline: 90_000 }), 0)
    else b.store.delete(b.pen.write(1, key), 0)
  }
  check(b.store)
  b.clock.now = 30_000
  while (b.store.advance(30_000) === 0) {}
  check(b.store)
  for (const [n, key] of kept.entries()) assert.is(find(b, key) !== undefined, n % 3 !== 2, key)
})

test('a put is never refused while anything can go, whatever class holds it', () => {
  for (const [old, next] of [
    [10, 60_000],
    [60_000, 10],
    [1_000, 16_000],
    [16_000, 200_000],
    [200_000, 1_000],
  ]) {
    const b = bench(2 ** 21)
    const fill = (size: number, name: string, count: number) => {
      for (let n = 0; n < count; n++) {
        const order = b.pen.write(1, `${name}${n}`, Buffer.alloc(size))
        assert.is.not(b.store.put(order, 0), NO_MEMORY, `${name}${n} of ${size}`)
      }
    }
    fill(old, 'old', Math.ceil((3 * 2 ** 20) / (old + 60)))
    fill(next, 'next', Math.ceil((3 * 2 ** 20) / (next + 60)))
    check(b.store)
  }
})

test.run()
