import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { adopt } from '../../src/store/adopt.js'
import { check } from '../../src/store/check.js'
import { Journal } from '../../src/store/journal.js'
import * as layout from '../../src/store/layout.js'
import type { Store } from '../../src/store/store.js'
import { lifeOn } from './crash.js'
import { copyOf } from './mortal.js'
import { type Bench, bench } from './pen.js'

const test = suite('a journal that is not to be believed')
const { C_IN_DOUBT, C_LOG_END, C_LOG_LINE, C_LOG_LINE_VERSION, C_PINNED, C_SEALED_PAGE } = layout

/** A store with some keys, and the memory of one whose writer died in a put to one of them. */
function scene(n = 25): Bench & { remains: layout.Memory } {
  const b = bench(2 ** 20)
  for (let k = 0; k < 60; k++) {
    b.store.put(b.pen.write(1, `k${k}`, `value ${k}`, { deadline: 1_000 + k }), 0)
  }
  const remains = copyOf(b.memory)
  lifeOn(remains, n, (store) => store.put(b.pen.write(1, 'k7', 'new'), 0))
  assert.ok(new Journal(remains).isOpen, 'it died in a step')
  return { ...b, remains }
}

function adoptAndCheck(memory: layout.Memory): Store {
  const store = adopt(memory, 0)
  check(store)
  assert.is(store.counts(1, 0).items, 60)
  return store
}

test('what is sound is rolled back, and nothing is made anew', () => {
  const { remains } = scene()
  adoptAndCheck(remains)
  assert.is(remains.words[C_IN_DOUBT], 0)
})

const DAMAGES: Record<string, (memory: layout.Memory) => void> = {
  'an end beyond the log': ({ words }) => {
    words[C_LOG_END] += 2 ** 20
  },
  'an end between entries': ({ words }) => {
    words[C_LOG_END] += 1
  },
  'an entry outside of the memory': ({ words, shape }) => {
    words[shape.logAt] = words.length
  },
  'a float64 outside of the memory': ({ floats, words, shape }) => {
    words[shape.logAt] = ~floats.length
  },
  'a line that is none': ({ words, shape }) => {
    words[C_LOG_LINE] = shape.tableAt + 1
  },
  'a line with a version that cannot be': ({ words, shape }) => {
    words[C_LOG_LINE] = shape.tableAt
    words[C_LOG_LINE_VERSION] = words[shape.tableAt] - 4
  },
  'more chunks pinned than can be': ({ words }) => {
    words[C_PINNED] = layout.PINNED_LIMIT + 1
  },
  'a pinned chunk that is none': ({ words, shape }) => {
    words[C_PINNED] = 1
    words[shape.pinnedAt] = 3
  },
  'a sealed page beyond the last': ({ words }) => {
    words[C_SEALED_PAGE] = 2 ** 20
  },
  'a log that overflowed': (memory) => new Journal(memory).overflow(),
  'a wheel whose bits are wrong': ({ words, shape }) => {
    words[shape.wheelBitsAt] ^= 1 << 9
  },
  'a queue whose tail is lost': ({ words, shape }) => {
    words[shape.spacesAt + 3] = 0
    words[shape.spacesAt + 5] = 0
  },
  'dead spaces that nobody killed': ({ words }) => {
    words[layout.C_DEAD_SPACES] = 3
  },
}

for (const [name, damage] of Object.entries(DAMAGES)) {
  test(`${name}: all is made anew from the table`, () => {
    const { remains } = scene()
    damage(remains)
    adoptAndCheck(remains)
    assert.is(remains.words[C_IN_DOUBT], 1)
  })
}

test('a dead space whose last item has just left is retired, whenever the writer dies', () => {
  const b = bench(2 ** 20)
  b.store.put(b.pen.write(2, 'only', 'v'), 0)
  b.store.killSpace(2)
  const lines = b.store.table.lineCount
  const sweep = (store: Store) => store.sweep(0, lines)
  const stores = lifeOn(copyOf(b.memory), Number.POSITIVE_INFINITY, sweep)
  let inBetween = 0
  for (let n = 1; n <= stores; n++) {
    const remains = copyOf(b.memory)
    lifeOn(remains, n, sweep)
    const store = adopt(remains, 0)
    check(store)
    inBetween += store.spaces.state(2) === 0 ? 1 : 0
    store.sweep(0, lines)
    assert.is(store.spaces.state(2), 0, `death before store ${n} of ${stores}`)
    assert.is(remains.words[layout.C_DEAD_SPACES], 0)
  }
  assert.ok(inBetween > 0)
})

test('the segments of a large value are freed once, whenever the writer dies', () => {
  const b = bench(2 ** 22)
  // Its segments lie between chunks that stay: no page empties, and each is counted.
  for (let n = 0; n < 100; n++) b.store.put(b.pen.write(1, `${n}`, Buffer.alloc(16_000)), 0)
  for (let n = 0; n < 100; n += 2) b.store.delete(b.pen.write(1, `${n}`), 0)
  b.store.put(b.pen.write(1, 'k', Buffer.alloc(700_000)), 0)
  for (const act of [
    (store: Store) => store.delete(b.pen.write(1, 'k'), 0),
    (store: Store) => store.put(b.pen.write(1, 'k', Buffer.alloc(600_000)), 0),
  ]) {
    const stores = lifeOn(copyOf(b.memory), Number.POSITIVE_INFINITY, act)
    for (let n = 1; n <= stores; n += 5) {
      const remains = copyOf(b.memory)
      lifeOn(remains, n, act)
      check(adopt(remains, 0))
      assert.is(remains.words[C_IN_DOUBT], 0)
    }
  }
})

test('a death while all is made anew begins it once more', () => {
  const { remains } = scene()
  new Journal(remains).overflow()
  for (const n of [3, 50, 300, 900]) {
    const copy = copyOf(remains)
    lifeOn(copy, n, () => undefined)
    lifeOn(copy, n, (store) => adopt(store.memory, 0))
    assert.not(new Journal(copy).isSound(), 'it says that it is not done')
    adoptAndCheck(copy)
  }
})

test('a step that outgrows the log says so, and goes on', () => {
  const { memory, store } = bench(2 ** 20)
  const journal = new Journal(memory)
  const at = memory.shape.ghostAt
  for (let n = 0; n <= layout.LOG_ENTRIES; n++) journal.set(at + (n % 100), 0)
  assert.not(journal.isSound())
  journal.note2(at, at + 1)
  journal.setFloat(at >> 1, 0)
  assert.not(journal.isSound())
  journal.commit()
  assert.ok(journal.isSound())
  check(store)
})

test.run()
