import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { remix } from '../../src/hash.js'
import { check } from '../../src/store/check.js'
import { C_OVERFLOW_LINES } from '../../src/store/layout.js'
import { CREATED, DONE } from '../../src/store/order.js'
import { LINE_SLOTS, MAX_FREQUENCY, OVERFLOW_SLOTS, Table } from '../../src/store/table.js'
import { tagOf } from '../../src/store/tags.js'
import { Chance } from './chance.js'
import { crowd } from './crowd.js'
import { type Bench, bench, SEED } from './pen.js'

const test = suite('table')
const LINE = 5

function has({ pen, reader }: Bench, key: string): boolean {
  pen.scratch.encode(key)
  return reader.has(pen.scratch.hash(SEED), pen.scratch.words, pen.scratch.length, 1)
}

/** Slot numbers of the line's items, by reference. */
function numbers({ store }: Bench): Map<number, number> {
  const line = store.table.lineAt(LINE)
  const found = new Map<number, number>()
  let ref = 0
  const stop = (item: number) => {
    ref = item
    return false
  }
  let number = store.table.scanLine(line, 0, stop)
  for (; number >= 0; number = store.table.scanLine(line, number + 1, stop)) {
    found.set(ref, number)
  }
  return found
}

function nodes({ store, memory }: Bench): number {
  let count = 0
  const { table } = store
  for (let node = table.firstNode(table.lineAt(LINE)); node !== 0; node = table.nextNode(node)) {
    count++
  }
  assert.is(memory.words[C_OVERFLOW_LINES], count)
  return count
}

test('a tag is never that of an empty slot or of a link', () => {
  for (let hash = 0; hash < 1_024; hash++) {
    assert.ok(tagOf(hash) > 0 && tagOf(hash) < 255)
  }
})

test('every hash has a line, the first and the last included', () => {
  const { store } = bench()
  const { table } = store
  assert.is(table.lineOf(0), table.lineAt(0))
  assert.is(table.lineOf(2 ** 32 - 1), table.lineAt(table.lineCount - 1))
})

for (const count of [1, LINE_SLOTS, LINE_SLOTS + 1, 16, 17, 40, 300]) {
  test(`${count} keys in one line are found, and the chain is as long as it must be`, () => {
    const b = bench()
    const keys = crowd(b.store, b.pen, LINE, 1, count)
    for (const key of keys) assert.is(b.store.put(b.pen.write(1, key, key), 0), CREATED)
    for (const key of keys) assert.ok(has(b, key), key)
    const beyond = count <= LINE_SLOTS ? 0 : count - (LINE_SLOTS - 1)
    assert.is(nodes(b), Math.ceil(beyond / OVERFLOW_SLOTS))
    check(b.store)
    for (const key of keys) assert.is(b.store.delete(b.pen.write(1, key), 0), DONE)
    for (const key of keys) assert.not.ok(has(b, key), key)
    check(b.store)
  })
}

test('the link goes back to being a slot when its only node runs empty', () => {
  const b = bench()
  const keys = crowd(b.store, b.pen, LINE, 1, 13)
  for (const key of keys) b.store.put(b.pen.write(1, key), 0)
  assert.is(nodes(b), 1)
  for (const key of keys.slice(11)) b.store.delete(b.pen.write(1, key), 0)
  assert.is(nodes(b), 0)
  for (const key of keys.slice(11)) b.store.put(b.pen.write(1, key), 0)
  for (const key of keys) assert.ok(has(b, key))
  check(b.store)
})

test('the same key in two spaces stands twice', () => {
  const b = bench()
  b.store.put(b.pen.write(1, 'key', 'one'), 0)
  assert.is(b.store.put(b.pen.write(2, 'key', 'two'), 0), CREATED)
  b.store.delete(b.pen.write(1, 'key'), 0)
  assert.not.ok(has(b, 'key'))
  check(b.store)
})

test('an item that lives keeps its slot number or moves to a higher one', () => {
  const b = bench(2 ** 22)
  const chance = new Chance(9)
  const keys = crowd(b.store, b.pen, LINE, 1, 60)
  const alive = new Set<string>()
  const { scratch } = b.pen
  const refOf = (key: string) => {
    scratch.encode(key)
    const slot = b.store.table.find(remix(scratch.hash(SEED)), scratch.words, 0, scratch.length, 1)
    return slot === 0 ? 0 : b.memory.words[slot] & 0x0fff_ffff
  }
  let before = new Map<number, number>()
  for (let step = 0; step < 3_000; step++) {
    const key = chance.pick(keys)
    if (alive.has(key)) {
      b.store.delete(b.pen.write(1, key), 0)
      alive.delete(key)
    } else {
      const fresh = b.store.put(b.pen.write(1, key, key), 0)
      assert.is(fresh, CREATED)
      alive.add(key)
      before.delete(refOf(key)) // a chunk used again is another item
    }
    const now = numbers(b)
    assert.is(now.size, alive.size)
    for (const [ref, number] of now) {
      assert.ok(number >= (before.get(ref) ?? 0), 'moved to a lower number')
    }
    before = now
  }
})

test('a frequency is kept beside the reference and does not change it', () => {
  const b = bench()
  b.store.put(b.pen.write(1, 'key', 'value'), 0)
  const { scratch } = b.pen
  const { table } = b.store
  const slot = table.find(remix(scratch.hash(SEED)), scratch.words, 0, scratch.length, 1)
  const ref = b.memory.words[slot] & 0x0fff_ffff
  for (let frequency = 0; frequency <= MAX_FREQUENCY; frequency++) {
    table.setFrequency(slot, frequency)
    assert.is(table.frequency(slot), frequency)
    assert.is(b.memory.words[slot] & 0x0fff_ffff, ref)
  }
})

test('a chain bent into a ring ends all the same', () => {
  const b = bench()
  const keys = crowd(b.store, b.pen, LINE, 1, 30)
  for (const key of keys.slice(0, 29)) b.store.put(b.pen.write(1, key), 0)
  const table = new Table(b.memory)
  const first = table.firstNode(table.lineAt(LINE))
  b.memory.words[first] = (b.memory.words[first] & ~0x0fff_ffff) | (first >> 1)
  assert.not.ok(has(b, keys[29]))
})

test.run()
