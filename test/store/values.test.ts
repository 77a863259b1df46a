import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { MAX_VALUE_BYTES } from '../../src/store/assembler.js'
import { check } from '../../src/store/check.js'
import { CREATED, NO_MEMORY, REPLACED } from '../../src/store/order.js'
import { SEGMENT_VALUE_BYTES } from '../../src/store/residents.js'
import { LARGEST_CHUNK } from '../../src/store/slab.js'
import { Chance } from './chance.js'
import { type Bench, bench, SEED } from './pen.js'
import { sealInto, unseal } from './self-checking.js'

const test = suite('values')
const MIB = 2 ** 20
const noise = Buffer.alloc(MAX_VALUE_BYTES)
for (let i = 0; i < noise.length; i += 4) noise.writeInt32LE(Math.imul(i + 5, 0x9e3779b1), i)

function find({ pen, reader }: Bench, key: string) {
  pen.scratch.encode(key)
  const { words, length } = pen.scratch
  const hash = pen.scratch.hash(SEED)
  const found = reader.find(hash, words, length, 1)
  assert.equal(found?.value, reader.bytesOf(hash, words, length, 1))
  assert.is(found?.value.toString(), reader.textOf(hash, words, length, 1))
  if (found !== undefined)
    checkCopy(found.value, (to, at) => reader.copyTo(hash, words, length, 1, to, at))
  return found
}

/** A copy lies where it should and touches nothing beside; where it has no room, nothing at all. */
function checkCopy(value: Buffer, copy: (target: Buffer, at: number) => number): void {
  const target = Buffer.alloc(value.length + 7, 0xee)
  for (const at of [0, 1, 4, 7]) {
    assert.is(copy(target.fill(0xee), at), value.length)
    assert.ok(target.subarray(at, at + value.length).equals(value))
    target.fill(0xee, at, at + value.length)
    assert.ok(target.every((byte) => byte === 0xee))
  }
  assert.is(copy(target, 8), value.length, 'a byte short')
  assert.ok(target.every((byte) => byte === 0xee))
}

const shared = bench(64 * MIB)
const EDGES = [
  LARGEST_CHUNK - 40,
  LARGEST_CHUNK - 36,
  LARGEST_CHUNK - 35,
  LARGEST_CHUNK,
  SEGMENT_VALUE_BYTES * 2,
  SEGMENT_VALUE_BYTES * 2 + 1,
  100_000,
  MIB,
  8 * MIB,
]
for (const length of [0, 1, 3, 4, 5, 63, 511, 512, 513, 4_096, 4_097, ...EDGES]) {
  test(`a value of ${length} bytes comes back, fresh and over another`, () => {
    for (const [from, outcome] of [
      [0, CREATED],
      [1_001, REPLACED],
    ]) {
      const value = noise.subarray(from, from + length)
      assert.is(shared.store.put(shared.pen.write(1, `v${length}`, value), 0), outcome)
      assert.ok(find(shared, `v${length}`)?.value.equals(value))
    }
    check(shared.store)
  })
}

test('the longest value that an item can hold', () => {
  assert.is(shared.store.put(shared.pen.write(1, 'longest', noise), 0), CREATED)
  assert.ok(find(shared, 'longest')?.value.equals(noise))
  check(shared.store)
})

for (const type of ['', 'a', 'text/plain', 'application/json; charset=utf-8', 'x'.repeat(255)]) {
  test(`a content type of ${type.length} bytes comes back, chained or not`, () => {
    for (const length of [0, 7, 40_000]) {
      const b = bench(4 * MIB)
      const value = noise.subarray(0, length)
      b.store.put(b.pen.write(1, 'key', value, { type }), 0)
      const found = find(b, 'key')
      assert.is(found?.type, type === '' ? undefined : type)
      assert.ok(found?.value.equals(value))
      b.store.put(b.pen.write(1, 'key', value), 0)
      assert.is(find(b, 'key')?.type, undefined, 'an overwrite without a type has none')
      check(b.store)
    }
  })
}

test('text: ASCII, other scripts, broken sequences, long and short', () => {
  const b = bench(4 * MIB)
  for (const text of ['', 'plain', 'größe ✓ 漢字 🚀', 'é'.repeat(3_000), 'x'.repeat(20_000)]) {
    b.store.put(b.pen.write(1, 'key', text), 0)
    assert.is(find(b, 'key')?.value.toString(), text)
  }
  b.store.put(b.pen.write(1, 'key', Buffer.from([0xff, 0x61, 0xc3])), 0)
  assert.ok(find(b, 'key'))
})

test('an overwrite may shrink and grow, chained or not', () => {
  const b = bench(4 * MIB)
  for (const length of [10, 50_000, 20, 16_400, 0, 200_000, 16_000]) {
    b.store.put(b.pen.write(1, 'key', noise.subarray(0, length)), 0)
    assert.is(find(b, 'key')?.value.length, length)
    check(b.store)
  }
})

test('small: sizes shift from 100 B to 100 KB and back, no put is refused and nothing is torn', () => {
  const b = bench(4 * MIB)
  const chance = new Chance(1)
  const scratch = Buffer.alloc(100_000)
  const puts = [100, 1_000, 10_000, 100_000, 10_000, 1_000, 100, 100_000, 100]
  for (const size of puts) {
    for (let n = 0; n < (size < 10_000 ? 12_000 : 600); n++) {
      const key = chance.below(5_000)
      const length = size / 2 + chance.below(size / 2)
      const value = sealInto(scratch, length, { key, counter: n, deadline: 0 })
      assert.is.not(b.store.put(b.pen.write(1, `k${key}`, value), 0), NO_MEMORY)
      if (n % 50 === 0) {
        const other = chance.below(5_000)
        const found = find(b, `k${other}`)
        if (found !== undefined) assert.not.type(unseal(found.value, other), 'string')
      }
    }
    check(b.store)
    const { bytes } = b.store.counts(1, 0)
    assert.ok(size < 1_000 || bytes > 2.4 * MIB, `at ${size} B only ${bytes} bytes are in use`)
  }
})

test.run()
