import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { remix } from '../../src/hash.js'
import { NEVER } from '../../src/store/item.js'
import { ABSENT, BUSY, Reader } from '../../src/store/reader.js'
import { Chance } from './chance.js'
import { BASE_MS, type Bench, bench, SEED } from './pen.js'

const test = suite('reader')

function keyOf({ pen }: Bench, key: string): [number, Int32Array, number, number] {
  pen.scratch.encode(key)
  return [pen.scratch.hash(SEED), pen.scratch.words, pen.scratch.length, 1]
}

type KeyOf = ReturnType<typeof keyOf>

const target = Buffer.alloc(1_000)
const CALLS = [
  (reader: Reader, key: KeyOf) => reader.has(...key),
  (reader: Reader, key: KeyOf) => reader.bytesOf(...key),
  (reader: Reader, key: KeyOf) => reader.textOf(...key),
  (reader: Reader, key: KeyOf) => reader.find(...key),
  (reader: Reader, key: KeyOf) => reader.copyTo(...key, target, 1),
]

function isBusy(error: unknown): boolean {
  return error === BUSY
}

function slotOf(b: Bench, key: string): number {
  const [hash, words, length, space] = keyOf(b, key)
  return b.store.table.find(remix(hash), words, 0, length, space)
}

test('a value lives to the last millisecond before its deadline, whatever the wheel does', () => {
  const b = bench()
  for (const deadline of [1, 255, 1_000, 2 ** 32, 2 ** 32 + 1, 2 ** 38]) {
    b.clock.now = 0
    b.store.put(b.pen.write(1, 'key', 'value', { deadline }), 0)
    for (const [now, lives] of [
      [deadline - 1, true],
      [deadline, false],
      [deadline + 1, false],
    ] as const) {
      b.clock.now = now
      const key = keyOf(b, 'key')
      assert.is(b.reader.has(...key), lives, `${now} of ${deadline}`)
      assert.is(b.reader.bytesOf(...key)?.toString(), lives ? 'value' : undefined)
      assert.is(b.reader.textOf(...key), lives ? 'value' : undefined)
      assert.is(b.reader.find(...key)?.deadline, lives ? deadline : undefined)
    }
  }
})

test('without a TTL the clock is not asked', () => {
  const b = bench()
  const reader = new Reader(b.memory, () => assert.unreachable() as never, false)
  b.store.put(b.pen.write(1, 'key', 'value'), 0)
  assert.is(reader.find(...keyOf(b, 'key'))?.deadline, NEVER)
})

test('a hit raises the frequency to 3 and no further; a miss raises nothing', () => {
  const b = bench()
  b.store.put(b.pen.write(1, 'key', 'value'), 0)
  const slot = slotOf(b, 'key')
  for (let hit = 1; hit <= 6; hit++) {
    b.reader.bytesOf(...keyOf(b, 'key'))
    assert.is(b.store.table.frequency(slot), Math.min(hit, 3))
  }
  b.store.table.setFrequency(slot, 0)
  b.reader.bytesOf(...keyOf(b, 'other'))
  b.reader.has(...keyOf(b, 'key'))
  assert.is(b.store.table.frequency(slot), 0, 'has() is no read')
})

test('a hot item leaves memory clean', () => {
  const b = bench()
  b.store.put(b.pen.write(1, 'key', 'value'), 0)
  for (let n = 0; n < 3; n++) b.reader.bytesOf(...keyOf(b, 'key'))
  const before = b.memory.words.slice()
  for (let n = 0; n < 5; n++) b.reader.find(...keyOf(b, 'key'))
  assert.ok(Buffer.from(before.buffer).equals(Buffer.from(b.memory.words.slice().buffer)))
})

test('a line that stays in mid-change is BUSY for every call, hit or miss', () => {
  const b = bench()
  b.store.put(b.pen.write(1, 'key', 'value'), 0)
  const line = b.store.table.lineOf(remix(keyOf(b, 'key')[0]))
  b.store.table.open(line)
  for (const call of CALLS) {
    assert.throws(() => call(b.reader, keyOf(b, 'key')), isBusy)
  }
  b.store.table.close(line)
  assert.is(b.reader.textOf(...keyOf(b, 'key')), 'value')
})

test('a writer that changes the line at every look makes a reader give up, not answer', () => {
  const b = bench()
  b.store.put(b.pen.write(1, 'key', 'value', { deadline: 5_000 }), 0)
  const line = b.store.table.lineOf(remix(keyOf(b, 'key')[0]))
  // The clock is asked between the two looks at the version.
  const restless = new Reader(
    b.memory,
    () => {
      b.store.table.open(line)
      b.store.table.close(line)
      return BASE_MS
    },
    false,
  )
  for (const call of CALLS) {
    assert.throws(() => call(restless, keyOf(b, 'key')), isBusy)
  }
})

test('a copy that the writer got in the way of leaves nothing behind', () => {
  const b = bench()
  b.store.put(b.pen.write(1, 'key', 'value', { deadline: 5_000 }), 0)
  const line = b.store.table.lineOf(remix(keyOf(b, 'key')[0]))
  let looks = 0
  const once = new Reader(
    b.memory,
    () => {
      if (looks++ === 0) {
        b.store.table.open(line)
        b.store.table.close(line)
        b.store.delete(b.pen.write(1, 'key'), 0)
      }
      return BASE_MS
    },
    false,
  )
  const target = Buffer.alloc(8)
  assert.is(once.copyTo(...keyOf(b, 'key'), target, 0), ABSENT)
  assert.is(looks, 1)
  assert.ok(target.equals(Buffer.alloc(8)))
})

test('a fenced reader reads the same', () => {
  const b = bench()
  const fenced = new Reader(b.memory, () => BASE_MS, true)
  b.store.put(b.pen.write(1, 'key', 'value', { type: 't' }), 0)
  assert.equal(fenced.find(...keyOf(b, 'key')), b.reader.find(...keyOf(b, 'key')))
})

test('keys are told apart by every byte, their length and their space', () => {
  const b = bench()
  b.store.put(b.pen.write(1, 'abcdefgh', '1'), 0)
  const order = b.pen.write(2, 'abcdefgh', '2')
  b.store.put(order, 0)
  assert.is(b.reader.textOf(...keyOf(b, 'abcdefgh')), '1')
  for (const other of ['abcdefg', 'abcdefghi', 'Abcdefgh', 'abcdefgH', 'abcdefgh\0']) {
    assert.is(b.reader.textOf(...keyOf(b, other)), undefined)
  }
})

test('memory full of noise never sends a reader out of bounds', () => {
  const b = bench(2 ** 20)
  const chance = new Chance(21)
  for (let n = 0; n < 300; n++) b.store.put(b.pen.write(1, `k${n}`, 'v'.repeat(n)), 0)
  const { words } = b.memory
  const { tableAt, pagesAt } = b.memory.shape
  for (let round = 0; round < 30; round++) {
    for (let n = 0; n < 2_000; n++) {
      const at = chance.once(2) ? chance.below(words.length - pagesAt) + pagesAt : tableAt
      words[chance.once(2) ? at : tableAt + chance.below(pagesAt - tableAt)] =
        chance.below(2 ** 31) * (chance.once(2) ? 1 : -2)
    }
    for (let line = 0; line < b.store.table.lineCount; line++) {
      words[b.store.table.lineAt(line)] &= ~1
    }
    for (let n = 0; n < 300; n++) {
      for (const call of CALLS) {
        try {
          call(b.reader, keyOf(b, `k${n}`))
        } catch (error) {
          assert.is(error, BUSY)
        }
      }
    }
  }
})

test.run()
