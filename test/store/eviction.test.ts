import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { remix } from '../../src/hash.js'
import { Eviction, type Residence } from '../../src/store/eviction.js'
import { Ghost } from '../../src/store/ghost.js'
import { F_MAIN, I_NEXT, I_PREV, REF_MASK } from '../../src/store/item.js'
import { Memory } from '../../src/store/layout.js'
import {
  S_MAIN_BYTES,
  S_MAIN_HEAD,
  S_SMALL_BYTES,
  S_SMALL_HEAD,
  Spaces,
} from '../../src/store/spaces.js'

const test = suite('eviction')

/** Queues over a bare memory; an item's name is its number. */
class Rig implements Residence {
  readonly memory = Memory.create(2 ** 20, 4, 0)
  readonly spaces = new Spaces(this.memory)
  readonly eviction = new Eviction(
    this.memory,
    this.spaces,
    new Ghost(this.memory, this.spaces),
    this,
  )
  readonly frequencies = new Map<number, number>()
  readonly sizes = new Map<number, number>()
  private readonly first = this.memory.shape.pagesAt >> 1

  ref(n: number): number {
    return this.first + n
  }

  frequency(ref: number): number {
    return this.frequencies.get(ref - this.first) ?? 0
  }

  setFrequency(ref: number, frequency: number): void {
    this.frequencies.set(ref - this.first, frequency)
  }

  bytes(ref: number): number {
    return this.sizes.get(ref - this.first) ?? 1
  }

  print(ref: number): number {
    return remix(ref - this.first)
  }

  /** A set's queue from head to tail. */
  queue(main: boolean, set = 0): number[] {
    const { words } = this.memory
    const found: number[] = []
    let ref = words[this.spaces.at(set) + (main ? S_MAIN_HEAD : S_SMALL_HEAD)]
    for (; ref !== 0; ref = words[(ref << 1) + I_NEXT] & REF_MASK) {
      assert.is((words[(ref << 1) + I_PREV] & F_MAIN) !== 0, main)
      found.push(ref - this.first)
    }
    return found
  }

  /** Takes the next victim out; its number. */
  evict(capacity: number, set = 0): number {
    const ref = this.eviction.victim(set, capacity)
    if (ref === 0) return -1
    this.eviction.unlink(ref, set)
    return ref - this.first
  }
}

function filled(count: number, main = false, set = 0): Rig {
  const rig = new Rig()
  for (let n = 0; n < count; n++) rig.eviction.push(rig.ref(n), set, main)
  return rig
}

test('an empty set has no victim', () => {
  assert.is(new Rig().evict(10), -1)
})

test('S is a FIFO: unread items go in the order in which they came', () => {
  const rig = filled(5)
  assert.equal(
    [1, 2, 3, 4, 5].map(() => rig.evict(100)),
    [0, 1, 2, 3, 4],
  )
  assert.is(rig.evict(100), -1)
})

test('S sends to M what was read twice, and evicts what was read once', () => {
  const rig = filled(4)
  rig.frequencies.set(0, 2).set(1, 1).set(2, 3)
  assert.is(rig.evict(100), 1)
  assert.equal(rig.queue(true), [0])
  assert.is(rig.frequencies.get(0), 0, 'it begins anew in M')
  assert.is(rig.evict(100), 3)
  assert.equal(rig.queue(true), [2, 0])
  assert.equal(rig.queue(false), [])
})

test('M gives second chances by frequency, one less each round', () => {
  const rig = filled(3, true)
  rig.frequencies.set(0, 3).set(1, 1)
  assert.is(rig.evict(3), 2)
  assert.equal(rig.queue(true), [1, 0])
  assert.is(rig.frequencies.get(0), 2)
  assert.is(rig.evict(3), 1)
  assert.is(rig.evict(3), 0)
})

test('M is asked only when it holds more than nine tenths, or S is empty', () => {
  const rig = filled(90, true)
  for (let n = 90; n < 100; n++) rig.eviction.push(rig.ref(n), 0, false)
  assert.is(rig.evict(100), 90, 'M at its share: S gives')
  rig.eviction.push(rig.ref(90), 0, true)
  assert.is(rig.evict(100), 0, 'M over its share')
})

test('what left S is recalled, what left M is not', () => {
  const rig = filled(3)
  assert.is(rig.evict(10), 0)
  assert.ok(rig.eviction.recall(rig.print(rig.ref(0)), 0, 1))
  assert.not.ok(rig.eviction.recall(rig.print(rig.ref(1)), 0, 1))
  const main = filled(3, true)
  assert.is(main.evict(1), 0)
  assert.not.ok(main.eviction.recall(main.print(main.ref(0)), 0, 1))
})

test('a put works in bounds: of items that were all read, one goes after 4,096 chances', () => {
  for (const main of [true, false]) {
    const rig = filled(8_000, main)
    for (let n = 0; n < 8_000; n++) rig.frequencies.set(n, 3)
    let asked = 0
    rig.frequency = (ref) => {
      asked++
      return rig.frequencies.get(ref - rig.ref(0)) ?? 0
    }
    assert.ok(rig.evict(8_000) >= 0)
    assert.ok(asked <= 4_200, `${asked} looks`)
  }
})

test('a replacement keeps the place in the queue, the queue, and books the growth', () => {
  for (const main of [true, false]) {
    for (const place of [0, 1, 2]) {
      const rig = filled(3, main)
      rig.sizes.set(9, 50)
      rig.eviction.replace(rig.ref(place), rig.ref(9), 0)
      const expected = [2, 1, 0].map((n) => (n === place ? 9 : n))
      assert.equal(rig.queue(main), expected)
      assert.is(rig.spaces.float(0, main ? S_MAIN_BYTES : S_SMALL_BYTES), 52)
    }
  }
})

test('an item leaves from the head, the middle and the tail', () => {
  for (const order of [
    [0, 1, 2],
    [2, 1, 0],
    [1, 2, 0],
  ]) {
    const rig = filled(3)
    const left = new Set([2, 1, 0])
    for (const n of order) {
      rig.eviction.unlink(rig.ref(n), 0)
      left.delete(n)
      assert.equal(rig.queue(false), [...left])
    }
    assert.is(rig.eviction.bytes(0), 0)
  }
})

test('sets have queues of their own', () => {
  const rig = filled(3, false, 2)
  rig.eviction.push(rig.ref(7), 0, false)
  assert.is(rig.evict(10, 0), 7)
  assert.is(rig.evict(10, 0), -1)
  assert.is(rig.evict(10, 2), 0)
  assert.is(rig.eviction.bytes(2), 2)
})

test.run()
