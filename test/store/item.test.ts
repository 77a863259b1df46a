import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { itemBytes } from '../../src/store/assembler.js'
import {
  bodyWordsBefore,
  deadlineHighOf,
  deadlineOf,
  F_CHAINED,
  F_MAIN,
  F_OWN_QUEUE,
  F_TYPED,
  HEADER_BYTES,
  HEADER_WORDS,
  I_DEADLINE,
  I_NEXT,
  I_PREV,
  I_SIZES,
  I_SPACE,
  I_VERSION,
  I_WHEEL_NEXT,
  I_WHEEL_PREV,
  keyLengthOf,
  MAX_KEY_BYTES,
  MAX_VERSION,
  NEVER,
  padded,
  REF_MASK,
  setDeadline,
  spaceOf,
  TOP_MASK,
  valueLengthOf,
  valueOffset,
  versionOf,
} from '../../src/store/item.js'
import { CHUNK_BYTES, LARGEST_CHUNK } from '../../src/store/slab.js'
import { bench } from './pen.js'

const test = suite('item')

test('the header is eight words, each with a place of its own', () => {
  const at = [I_NEXT, I_PREV, I_WHEEL_NEXT, I_WHEEL_PREV, I_DEADLINE, I_VERSION, I_SPACE, I_SIZES]
  assert.equal(at, [0, 1, 2, 3, 4, 5, 6, 7])
  assert.is(HEADER_WORDS * 4, HEADER_BYTES)
})

test('flags and references share a word without touching', () => {
  assert.is(F_TYPED | F_CHAINED | F_MAIN | F_OWN_QUEUE, TOP_MASK)
  assert.is(TOP_MASK & REF_MASK, 0)
  assert.is(TOP_MASK | REF_MASK, -1)
})

for (const deadline of [0, 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 36 + 5, 2 ** 40 - 2, NEVER]) {
  test(`a deadline of ${deadline} comes back, and the wheel links are empty`, () => {
    const words = new Int32Array(16).fill(-1)
    setDeadline(words, 3, deadline)
    assert.is(deadlineOf(words, 3), deadline)
    assert.is(deadlineHighOf(words, 3), Math.floor(deadline / 2 ** 32))
    assert.is(words[3 + I_WHEEL_NEXT] & REF_MASK, 0)
    assert.is(words[3 + I_WHEEL_PREV] & REF_MASK, 0)
    assert.is(words[3 + I_VERSION], -1)
  })
}

test('lengths are padded to words', () => {
  assert.equal([0, 1, 3, 4, 5, 1024].map(padded), [0, 4, 4, 4, 8, 1024])
  assert.is(valueOffset(1, 0), 4)
  assert.is(valueOffset(4, 3), 8)
  assert.is(valueOffset(4, 4), 12)
  assert.is(valueOffset(MAX_KEY_BYTES, 255), 1024 + 256)
})

/** Stores an item and gives its first word. */
function stored(key: string, value: Buffer, type: string, deadline: number, space: number) {
  const b = bench(2 ** 22, 65_536 / 64, space)
  b.store.put(b.pen.write(space, key, value, { type, deadline }), 0)
  let at = 0
  for (let index = 0; index < b.store.table.lineCount; index++) {
    b.store.table.scanLine(b.store.table.lineAt(index), 0, (ref) => {
      at = ref << 1
      return true
    })
  }
  return { words: b.memory.words, bytes: b.memory.bytes, at, store: b.store }
}

for (const keyBytes of [1, 3, 4, 5, 64, 65, 1023, MAX_KEY_BYTES]) {
  for (const typeBytes of [0, 1, 3, 4, 255]) {
    test(`a key of ${keyBytes} bytes with a type of ${typeBytes} is packed and unpacked`, () => {
      const value = Buffer.from('the value')
      const { words, bytes, at, store } = stored(
        'k'.repeat(keyBytes),
        value,
        't'.repeat(typeBytes),
        77,
        3,
      )
      assert.is(keyLengthOf(words, at), keyBytes)
      assert.is(valueLengthOf(words, at), value.length)
      assert.is(spaceOf(words, at), 3)
      assert.is(deadlineOf(words, at), 77)
      assert.is(versionOf(words, at), store.version)
      const from = (at + bodyWordsBefore(words, at)) * 4
      assert.is(from, at * 4 + HEADER_BYTES + valueOffset(keyBytes, typeBytes))
      assert.equal(Buffer.from(bytes.slice(from, from + value.length)), value)
      assert.is(store.residents.bytes(at >> 1), itemBytes(keyBytes, typeBytes, value.length))
    })
  }
}

test('the largest version and space fit', () => {
  const words = new Int32Array(8)
  words[I_VERSION] = MAX_VERSION | 0
  words[I_SPACE] = (((MAX_VERSION / 2 ** 32) | 0) << 16) | 0xffff
  assert.is(versionOf(words, 0), MAX_VERSION)
  assert.is(spaceOf(words, 0), 0xffff)
})

test('an item takes whole chunks; a chained one its list and its segments', () => {
  const full = LARGEST_CHUNK - HEADER_BYTES - 4
  assert.is(itemBytes(4, 0, full), LARGEST_CHUNK)
  assert.ok(itemBytes(4, 0, full + 1) > LARGEST_CHUNK)
  assert.ok(CHUNK_BYTES.includes(itemBytes(9, 0, 100)))
  const { words, at, store } = stored('chained', Buffer.alloc(300_000, 1), '', NEVER, 1)
  assert.ok((words[at + I_PREV] & F_CHAINED) !== 0)
  assert.is(valueLengthOf(words, at), 300_000)
  assert.is(store.residents.bytes(at >> 1), itemBytes(7, 0, 300_000))
})

test.run()
