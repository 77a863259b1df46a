import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { BrokenStore, check } from '../../src/store/check.js'
import { I_NEXT, I_PREV, I_SPACE, I_WHEEL_NEXT, I_WHEEL_PREV } from '../../src/store/item.js'
import {
  C_CAPPED_BYTES,
  C_DEAD_SPACES,
  C_FREE_PAGE,
  C_OVERFLOW_LINES,
} from '../../src/store/layout.js'
import {
  S_BYTES,
  S_ITEMS,
  S_MAIN_BYTES,
  S_SMALL_BYTES,
  S_SMALL_TAIL,
} from '../../src/store/spaces.js'
import { crowd } from './crowd.js'
import { type Bench, bench } from './pen.js'

const test = suite('check')

/** A store with something of everything. */
function sound(): Bench & { refs: number[] } {
  const b = bench()
  for (const key of crowd(b.store, b.pen, 3, 1, 20)) b.store.put(b.pen.write(1, key, 'v'), 0)
  for (let n = 0; n < 10; n++) b.store.put(b.pen.write(2, `t${n}`, 'v', { deadline: 200 }), 0)
  b.store.put(b.pen.write(3, 'chained', Buffer.alloc(40_000)), 0)
  check(b.store)
  const refs: number[] = []
  for (let index = 0; index < b.store.table.lineCount; index++) {
    b.store.table.scanLine(b.store.table.lineAt(index), 0, (ref) => {
      refs.push(ref)
      return true
    })
  }
  return { ...b, refs }
}

type Damage = (b: ReturnType<typeof sound>) => void
const wordOf = (word: number, value: number) => (b: ReturnType<typeof sound>) => {
  const timed = b.refs.find((ref) => b.store.wheel.slotOf(ref) >= 0) ?? 0
  b.memory.words[(timed << 1) + word] ^= value
}
const damages: Record<string, Damage> = {
  'an open line': (b) => b.store.table.open(b.store.table.lineAt(9)),
  'a queue link': wordOf(I_NEXT, 8),
  'a queue link back': wordOf(I_PREV, 8),
  'a wheel link': wordOf(I_WHEEL_NEXT, 8),
  'a wheel link back': wordOf(I_WHEEL_PREV, 8),
  'the kind of an item': wordOf(I_NEXT, 0x4000_0000),
  'the queue flag of an item': wordOf(I_PREV, 0x4000_0000),
  'the space of an item': wordOf(I_SPACE, 4),
  'a deadline': (b) => wordOf(4, 0x100)(b),
  'a chunk freed that is in use': (b) => b.store.slab.free(b.refs[0]),
  'a chunk lost': (b) => b.store.slab.take(4),
  'the free list of pages': (b) => {
    b.memory.words[C_FREE_PAGE] = 0
    b.memory.words[C_FREE_PAGE + 1]--
  },
  'the count of overflow nodes': (b) => b.memory.words[C_OVERFLOW_LINES]++,
  'the count of dead spaces': (b) => b.memory.words[C_DEAD_SPACES]++,
  'the bytes of capped buckets': (b) => {
    b.memory.floats[C_CAPPED_BYTES >> 1]++
  },
  'a queue’s tail': (b) => {
    b.memory.words[b.store.spaces.at(0) + S_SMALL_TAIL] ^= 8
  },
  'a bit of the wheel': (b) => {
    b.memory.words[b.memory.shape.wheelBitsAt] ^= 1
  },
  'an item that the wheel forgot': (b) => {
    const timed = b.refs.find((ref) => b.store.wheel.slotOf(ref) >= 0) ?? 0
    b.store.wheel.deschedule(timed)
  },
  'an item out of its queue': (b) => b.store.residents.leaveQueue(b.refs[3]),
}
for (const [name, field] of Object.entries({ S_ITEMS, S_BYTES })) {
  damages[`the count ${name}`] = (b) => b.store.spaces.add(2, field, 1)
}
for (const [name, field] of Object.entries({ S_SMALL_BYTES, S_MAIN_BYTES })) {
  damages[`the count ${name}`] = (b) => b.store.spaces.add(0, field, 1)
}

for (const [what, damage] of Object.entries(damages)) {
  test(`finds ${what} broken`, () => {
    const b = sound()
    damage(b)
    assert.throws(
      () => check(b.store),
      (error: unknown) => error instanceof BrokenStore,
    )
  })
}

test.run()
