import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import * as bell from '../../src/node/bell.js'
import { Consumers } from '../../src/node/consumers.js'
import { VERSION_RANGE } from '../../src/node/execute.js'
import { M_APPLIED, M_WAITING } from '../../src/node/mailbox.js'
import { adopt } from '../../src/store/adopt.js'
import { check } from '../../src/store/check.js'
import * as layout from '../../src/store/layout.js'
import {
  C_RESERVE_END,
  C_RESERVE_NEXT,
  C_VERSION_END,
  C_VERSION_NEXT,
} from '../../src/store/layout.js'
import {
  CREATED,
  DONE,
  IF_ABSENT,
  IF_VERSION,
  MISMATCH,
  OP_DELETE,
  OP_GRANT,
  OP_KILL_SPACE,
  OP_OPEN_SPACE,
  OP_TOUCH,
  REPLACED,
} from '../../src/store/order.js'
import { copyOf, drainUntil, type Remains } from './mortal.js'
import { dieEverywhere as dieAt, type Survivor, survivorOf } from './ordeal.js'
import { Pair } from './pair.js'

const test = suite('death of a worker in mid-order')

/** A fresh worker takes over, as worker.ts does, and finishes the queue. */
function takeOver(remains: Remains): Survivor {
  const { memory, mailboxes } = remains
  const store = adopt(memory, 0)
  const consumers = new Consumers(mailboxes, store)
  consumers.recover(0)
  while (consumers.drain(0) > 0) {}
  return survivorOf(store, remains)
}

/** Dies before each single store, takes over, and lets `verify` look at what came of it. */
function dieEverywhere(pair: Pair, verify: (survivor: Survivor, n: number) => void): number {
  return dieAt({ pair, keys: ['k'], isExact: false, verify })
}

function textOf(pair: Pair, survivor: Survivor, key: string): string | undefined {
  return pair.find(key, survivor.remains.memory)?.value.toString()
}

test('a new key', () => {
  const pair = new Pair()
  pair.submit('other', { value: 'untouched' })
  pair.work()
  pair.submit('k', { value: 'v', condition: IF_ABSENT })
  const stores = dieEverywhere(pair, (survivor) => {
    const [{ outcome, version }] = survivor.answers(1)
    assert.is(outcome, CREATED)
    assert.is(textOf(pair, survivor, 'k'), 'v')
    assert.is(textOf(pair, survivor, 'other'), 'untouched')
    assert.is(pair.find('k', survivor.remains.memory)?.version, version)
  })
  assert.ok(stores > 30, `${stores}`)
})

test('a replaced key, on the condition of its version', () => {
  const pair = new Pair()
  pair.submit('k', { value: 'old' })
  pair.work()
  const version = pair.find('k')?.version
  assert.ok(version)
  pair.submit('k', { value: 'new', condition: IF_VERSION, version })
  dieEverywhere(pair, (survivor) => {
    assert.is(survivor.answers(1)[0].outcome, REPLACED)
    assert.is(textOf(pair, survivor, 'k'), 'new')
    assert.ok((pair.find('k', survivor.remains.memory)?.version ?? 0) > version)
  })
})

test('a put that its condition refuses stays refused', () => {
  const pair = new Pair()
  pair.submit('k', { value: 'old' })
  pair.work()
  pair.submit('k', { value: 'new', condition: IF_ABSENT })
  dieEverywhere(pair, (survivor) => {
    assert.is(survivor.answers(1)[0].outcome, MISMATCH)
    assert.is(textOf(pair, survivor, 'k'), 'old')
  })
})

test('a value of many chunks', () => {
  const pair = new Pair(2 ** 16)
  pair.submit('k', { value: 'old'.repeat(30_000) })
  pair.work()
  pair.submit('k', { value: 'new'.repeat(40_000) })
  dieEverywhere(pair, (survivor) => {
    assert.is(survivor.answers(1)[0].outcome, REPLACED)
    assert.is(textOf(pair, survivor, 'k'), 'new'.repeat(40_000))
  })
})

test('delete, touch', () => {
  const pair = new Pair()
  pair.submit('k', { value: 'v' })
  pair.submit('t', { value: 'v' })
  pair.work()
  pair.submit('k', { op: OP_DELETE })
  pair.submit('t', { op: OP_TOUCH, deadline: 2 ** 33 + 5 })
  dieEverywhere(pair, (survivor) => {
    assert.equal(
      survivor.answers(2).map(({ outcome }) => outcome),
      [DONE, DONE],
    )
    assert.is(textOf(pair, survivor, 'k'), undefined)
    assert.is(pair.find('t', survivor.remains.memory)?.deadline, 2 ** 33 + 5)
  })
})

test('a row of orders about one key: each is carried out once', () => {
  const pair = new Pair(64)
  const submit = () => {
    pair.submit('k', { value: 'a' })
    pair.submit('k', { op: OP_DELETE })
    pair.submit('k', { value: 'b' })
  }
  submit()
  pair.work()
  pair.submit('k', { op: OP_DELETE })
  pair.work()
  submit() // the ring of 64 words begins anew among these
  const seen = new Set<number>()
  dieEverywhere(pair, (survivor) => {
    const answers = survivor.answers(3)
    assert.equal(
      answers.map(({ outcome }) => outcome),
      [CREATED, DONE, CREATED],
    )
    assert.ok(answers[0].version < answers[2].version)
    assert.is(textOf(pair, survivor, 'k'), 'b')
    seen.add(answers[2].version)
  })
  assert.ok(seen.size > 1, 'a version is skipped at times, and none given twice')
})

test('memory is full: whatever was evicted, the put that was under way is there', () => {
  const pair = new Pair(2 ** 14)
  for (let n = 0; pair.store.counts(1, 0).evictions < 500; n++) {
    pair.submit(`k${n}`, { value: `${n}`.repeat(200 + (n % 100)) })
    pair.submit('last', { value: `last ${n}` })
    pair.work()
  }
  pair.submit('last', { value: 'newest'.repeat(500) })
  const stores = dieEverywhere(pair, (survivor) => {
    assert.ok(survivor.answers(1)[0].outcome <= REPLACED)
    assert.is(textOf(pair, survivor, 'last'), 'newest'.repeat(500))
  })
  assert.ok(stores > 60, `${stores} stores: something had to be evicted`)
})

test('no word of the node is used for two things: eviction once wrote into the intent', () => {
  const words = [...Object.entries(layout), ...Object.entries(bell)].filter(([name, value]) => {
    return /^[CN]_/.test(name) && name !== 'C_NODE' && typeof value === 'number'
  })
  const taken = new Map<unknown, string>()
  for (const [name, word] of words) {
    assert.is(taken.get(word), undefined, `${name} and ${taken.get(word)} are word ${word}`)
    taken.set(word, name)
  }
  assert.ok(taken.size > 25)
})

test('a range of versions is granted once', () => {
  for (const ranges of [1, 2]) {
    const pair = new Pair()
    pair.submit('', { op: OP_GRANT, version: 2 ** 25 * ranges })
    dieEverywhere(pair, ({ remains }) => {
      const { floats } = remains.memory
      assert.is(floats[C_VERSION_NEXT >> 1], 2 ** 24)
      assert.is(floats[C_VERSION_END >> 1], 2 ** 24 + VERSION_RANGE)
      assert.is(floats[C_RESERVE_NEXT >> 1], 2 ** 25 * ranges)
      assert.is(floats[C_RESERVE_END >> 1], 2 ** 25 * ranges + VERSION_RANGE)
    })
  }
  const pair = new Pair()
  pair.memory.floats[C_VERSION_NEXT >> 1] = 2 ** 24 + VERSION_RANGE
  pair.submit('', { op: OP_GRANT, version: 2 ** 26 })
  dieEverywhere(pair, ({ remains }) => {
    const { floats } = remains.memory
    assert.is(floats[C_VERSION_NEXT >> 1], 2 ** 26)
    assert.is(floats[C_RESERVE_END >> 1], 0, 'the same versions would be given twice')
  })
})

test('spaces', () => {
  const pair = new Pair()
  pair.submit('k', { value: 'v' })
  pair.work()
  pair.submit('', { op: OP_OPEN_SPACE, space: 2, hash: 77, deadline: 5_000 })
  pair.submit('', { op: OP_KILL_SPACE, space: 1 })
  dieEverywhere(pair, ({ store }) => {
    assert.ok(store.spaces.isLive(2))
    assert.is(store.spaces.seed(2), 77)
    assert.is(store.spaces.isLive(1), false)
    while (store.sweep(0)) {}
    check(store)
  })
})

test('a producer that sleeps on the answers is always woken', () => {
  const pair = new Pair()
  pair.submit('k', { value: 'v' })
  pair.producer.publish()
  pair.mailbox.control[M_WAITING] = 1
  const before = copyOf(pair)
  const { stores } = drainUntil(before, Number.POSITIVE_INFINITY)
  const notify = Atomics.notify
  for (let n = 1; n <= stores; n++) {
    const remains = drainUntil(before, n)
    let isWoken = false
    Reflect.set(Atomics, 'notify', (words: Int32Array, at: number) => {
      isWoken ||= words === remains.mailboxes[0].control && at === M_APPLIED
      return notify(words, at)
    })
    takeOver(remains)
    Reflect.set(Atomics, 'notify', notify)
    assert.ok(isWoken, `death before store ${n} of ${stores}`)
  }
})

test.run()
