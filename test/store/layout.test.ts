import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  C_FORMAT,
  C_MAGIC,
  C_NODE,
  C_SIZE,
  HORIZON_EPOCHS,
  LINE_BYTES,
  MAX_MEMORY_BYTES,
  Memory,
  MIN_MEMORY_BYTES,
  PAGE_BYTES,
  PAGE_WORDS,
  plan,
  SPACE_WORDS,
  WHEEL_LANES,
  WHEEL_LEVELS,
  WHEEL_SLOTS,
} from '../../src/store/layout.js'

const test = suite('layout')
const MIB = 2 ** 20
const SIZES = [MIB, MIB + 64, 2 * MIB, 3_333_333, 64 * MIB, 512 * MIB, MAX_MEMORY_BYTES]

/** Regions in their order, as [name, first word, words]. */
function regions(sizeBytes: number, spaces: number): [string, number, number][] {
  const s = plan(sizeBytes, spaces)
  return [
    ['control', 0, C_NODE + 64],
    ['classes', s.classesAt, 96 * 4],
    ['wheel', s.wheelAt, WHEEL_LEVELS * WHEEL_SLOTS * WHEEL_LANES],
    ['wheel bits', s.wheelBitsAt, (WHEEL_LEVELS * WHEEL_SLOTS) / 32],
    ['spaces', s.spacesAt, spaces * SPACE_WORDS],
    ['horizon', s.horizonAt, HORIZON_EPOCHS],
    ['ghost', s.ghostAt, s.ghostLines * 16],
    ['page records', s.pageRecordsAt, s.pageCount * PAGE_WORDS],
    ['table', s.tableAt, (s.lineCount * LINE_BYTES) / 4],
    ['pages', s.pagesAt, (s.pageCount * PAGE_BYTES) / 4],
  ]
}

for (const size of SIZES) {
  for (const spaces of [1, 16, 1_024]) {
    test(`${size} bytes with ${spaces} spaces: regions follow one another and fit`, () => {
      let end = 0
      for (const [name, at, words] of regions(size, spaces)) {
        assert.ok(at >= end, `${name} begins at ${at}, before ${end}`)
        assert.ok(words > 0, `${name} is empty`)
        end = at + words
      }
      assert.ok(end * 4 <= size, 'more than there is')
    })
  }
}

test('lines and pages are aligned, spaces to a float', () => {
  for (const size of SIZES) {
    const s = plan(size, 16)
    assert.is((s.tableAt * 4) % LINE_BYTES, 0)
    assert.is((s.ghostAt * 4) % LINE_BYTES, 0)
    assert.is((s.pagesAt * 4) % PAGE_BYTES, 0)
    assert.is(s.spacesAt % 2, 0)
  }
})

test('no reference to an item is taken for a list of the wheel', () => {
  assert.ok(plan(MIB, 1).pagesAt >> 1 > WHEEL_LEVELS * WHEEL_SLOTS * WHEEL_LANES)
})

test('references reach the last byte in 28 bits', () => {
  assert.ok(MAX_MEMORY_BYTES / 8 <= 2 ** 28)
})

test('most of the memory is for items', () => {
  const { pageCount } = plan(64 * MIB, 64)
  assert.ok((pageCount * PAGE_BYTES) / (64 * MIB) > 0.91, `${pageCount} pages`)
})

test('sizes out of bounds are refused, and spaces that leave no room', () => {
  for (const size of [0, MIN_MEMORY_BYTES - 1, MAX_MEMORY_BYTES + 1, Number.NaN]) {
    assert.throws(() => Memory.create(size, 4, 0), RangeError)
  }
  assert.throws(() => Memory.create(MIB, 60_000, 0), /no room/)
})

test('attach gives the same shape and the same bytes', () => {
  const memory = Memory.create(3_333_333, 7, 1_234_567)
  const again = Memory.attach(memory.buffer)
  assert.equal(again.shape, memory.shape)
  assert.is(again.baseMs, 1_234_567)
  memory.words[memory.shape.pagesAt] = 99
  assert.is(again.words[memory.shape.pagesAt], 99)
})

test('attach refuses what is not such a memory', () => {
  assert.throws(() => Memory.attach(new SharedArrayBuffer(MIB)), TypeError)
  for (const word of [C_MAGIC, C_FORMAT, C_SIZE]) {
    const memory = Memory.create(MIB, 4, 0)
    memory.words[word] ^= 1
    assert.throws(() => Memory.attach(memory.buffer), TypeError)
  }
})

test.run()
