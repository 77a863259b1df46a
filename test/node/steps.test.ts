import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { remix } from '../../src/hash.js'
import { KeyScratch } from '../../src/key.js'
import {
  IF_ABSENT,
  OP_COPY,
  OP_DELETE,
  OP_DROP,
  OP_FENCE,
  OP_GRANT,
  OP_KILL_SPACE,
  OP_OPEN_SPACE,
  OP_RELEASE,
  OP_STORE,
  OP_TICK,
  OP_TOUCH,
} from '../../src/store/order.js'
import { SEED } from './desk.js'
import type { Life } from './mortal.js'
import { dieEverywhere } from './ordeal.js'
import { Pair } from './pair.js'

const test = suite('a worker dies before each store')

/** Empties the queue, then lets time pass. */
function after(...times: number[]): Life {
  return (consumer, store) => {
    while (consumer.drain(0) > 0) {}
    for (const now of times) {
      while (store.advance(now, 7) === 0) {}
    }
    while (store.sweep(times[times.length - 1] ?? 0, 1_000)) {}
  }
}

/** Keys of one line of the table. */
function crowd({ store }: Pair, count: number): string[] {
  const scratch = new KeyScratch()
  const keys: string[] = []
  for (let n = 0; keys.length < count; n++) {
    scratch.encode(`c${n}`)
    if (store.table.lineOf(remix(scratch.hash(SEED))) === store.table.lineAt(5)) keys.push(`c${n}`)
  }
  return keys
}

for (const [name, bytes] of [
  ['short', 30],
  ['chained', 40_000],
] as const) {
  const value = (letter: string) => letter.repeat(bytes)

  test(`a ${name} value: created, replaced, touched, deleted`, () => {
    const pair = new Pair(2 ** 17)
    pair.submit('other', { value: value('o'), deadline: 9_000 })
    pair.work()
    pair.submit('k', { value: value('a'), condition: IF_ABSENT })
    pair.submit('k', { value: value('b'), deadline: 5_000 })
    pair.submit('k', { op: OP_TOUCH, deadline: 2 ** 33 })
    pair.submit('other', { value: value('p'), type: 'text/plain' })
    pair.submit('k', { op: OP_DELETE })
    pair.submit('k', { value: value('c') })
    assert.ok(dieEverywhere({ pair, keys: ['k', 'other'] }) > 100)
  })

  test(`a ${name} value: moved in, let go, dropped`, () => {
    const pair = new Pair(2 ** 17)
    pair.submit('there', { value: value('t') })
    pair.work()
    pair.submit('', { op: OP_FENCE, version: 3 })
    pair.submit('late', { value: value('l'), fence: 2 })
    pair.submit('k', {
      op: OP_COPY,
      version: 77,
      value: value('a'),
      condition: IF_ABSENT,
      fence: 3,
    })
    pair.submit('k', { op: OP_STORE, version: 78, value: value('b'), fence: 3 })
    pair.submit('k', { op: OP_RELEASE, version: 77, fence: 3 })
    pair.submit('k', { op: OP_RELEASE, version: 78, fence: 3 })
    pair.submit('there', { op: OP_DROP, fence: 3 })
    dieEverywhere({ pair, keys: ['k', 'there', 'late'] })
  })
}

for (const count of [11, 12, 16, 17]) {
  test(`a line of ${count} keys: one more, a change of each, fewer`, () => {
    const pair = new Pair(2 ** 13)
    const keys = crowd(pair, count + 1)
    for (const key of keys.slice(0, -1)) pair.submit(key, { value: key })
    pair.work()
    pair.submit(keys[count], { value: 'one more' })
    pair.submit(keys[11 % count], { value: 'changed' })
    for (const key of [keys[count], keys[0], keys[count - 1], keys[5]]) {
      pair.submit(key, { op: OP_DELETE })
    }
    dieEverywhere({ pair, keys })
  })
}

test('expiry, cascades of all levels, items past their deadline met by orders', () => {
  const pair = new Pair(2 ** 14)
  const deadlines = [1, 2, 2, 300, 301, 70_000, 70_001, 2 ** 24 + 5, 2 ** 33]
  for (const [n, deadline] of deadlines.entries()) {
    pair.submit(`k${n}`, { value: `${n}`, deadline })
  }
  pair.submit('chained', { value: 'c'.repeat(20_000), deadline: 301 })
  pair.work()
  const life: Life = (consumer, store) => {
    after(299, 400)(consumer, store)
    after(69_999, 70_000, 2 ** 24 + 5, 2 ** 33 - 1)(consumer, store)
  }
  const keys = deadlines.map((_, n) => `k${n}`)
  assert.ok(dieEverywhere({ pair, life, keys: [...keys, 'chained'] }) > 200)

  const late = new Pair(2 ** 12)
  late.submit('k', { value: 'old', deadline: 0 })
  late.work()
  late.submit('k', { value: 'new', condition: IF_ABSENT })
  late.submit('', { op: OP_TICK })
  dieEverywhere({ pair: late, keys: ['k'] })
})

test('a slot of more items than a batch: cascaded, then expired', () => {
  const pair = new Pair(2 ** 14)
  for (let n = 0; n < 40; n++) pair.submit(`k${n}`, { value: 'v', deadline: 1_000 + (n & 3) })
  pair.work()
  dieEverywhere({ pair, life: after(900, 1_001, 1_500), keys: ['k0', 'k1', 'k2', 'k3', 'k39'] })
})

test('spaces opened, flushed, swept, opened anew', () => {
  const pair = new Pair(2 ** 17)
  for (let n = 0; n < 12; n++) pair.submit(`k${n}`, { value: 'v'.repeat(n * 1_000) })
  pair.work()
  pair.submit('', { op: OP_OPEN_SPACE, space: 2, hash: 77, deadline: 5_000 })
  pair.submit('', { op: OP_KILL_SPACE, space: 1 })
  pair.submit('', { op: OP_TICK })
  pair.submit('', { op: OP_OPEN_SPACE, space: 1, hash: SEED, deadline: 0 })
  pair.submit('k1', { value: 'again' })
  dieEverywhere({ pair, keys: Array.from({ length: 12 }, (_, n) => `k${n}`) })
})

test('a limit comes: items are rehomed, some evicted; it goes again', () => {
  const pair = new Pair(2 ** 15)
  for (let n = 0; n < 30; n++) pair.submit(`k${n}`, { value: 'v'.repeat(n * 40) })
  pair.work()
  pair.submit('', { op: OP_OPEN_SPACE, space: 1, hash: SEED, deadline: 15_000 })
  pair.submit('k3', { value: 'in its own queue' })
  pair.submit('', { op: OP_TICK })
  pair.submit('k31', { value: 'w'.repeat(9_000) })
  pair.submit('', { op: OP_OPEN_SPACE, space: 1, hash: SEED, deadline: 0 })
  pair.submit('k31', { value: 'in the queue of all' }) // the newest: no life has evicted it
  const keys = Array.from({ length: 32 }, (_, n) => `k${n}`)
  dieEverywhere({ pair, keys, isExact: false })
})

test('memory is full: victims, second chances, pages emptied for another class', () => {
  const pair = new Pair(2 ** 17)
  for (let n = 0; pair.store.counts(1, 0).evictions < 100; n++) {
    pair.submit(`k${n % 5_000}`, { value: 'v'.repeat(90) })
    if (n % 3 === 0) pair.find(`k${(n * 7) % 5_000}`)
    pair.submit('chained', { value: 'w'.repeat(40_000 + (n % 9)) })
    pair.work()
  }
  const keys = Array.from({ length: 60 }, (_, n) => `k${n * 80}`)
  pair.submit('large', { value: 'x'.repeat(9_000) })
  pair.submit('chained', { value: 'y'.repeat(60_000) })
  pair.submit('k1', { value: 'z'.repeat(300) })
  const verify = ({ remains }: { remains: { memory: Pair['memory'] } }) => {
    assert.is(pair.find('chained', remains.memory)?.value.toString(), 'y'.repeat(60_000))
    assert.is(pair.find('k1', remains.memory)?.value.toString(), 'z'.repeat(300))
  }
  const all = [...keys, 'large', 'chained', 'k1']
  assert.ok(dieEverywhere({ pair, keys: all, isExact: false, verify }) > 1_000)
})

test('a put that finds no memory gives back what it took', () => {
  const pair = new Pair(2 ** 20)
  pair.submit('k', { value: 'v' })
  pair.work()
  pair.submit('huge', { value: 'h'.repeat(1_500_000) })
  dieEverywhere({ pair, keys: ['k', 'huge'] })
})

// Numbers of orders meet: that of the first, and that of the other's last.
for (const ahead of [0, 1]) {
  test(`two threads write, the second one ahead by ${ahead}`, () => {
    const pair = new Pair(2 ** 15, 2 ** 20, 2)
    for (let n = -2; n < ahead; n++) pair.submit('k1', { value: `${n}` }, 1)
    pair.work()
    pair.submit('k0', { value: 'v', condition: IF_ABSENT })
    pair.submit('k0', { value: 'w' })
    pair.submit('k1', { op: OP_DELETE }, 1)
    pair.submit('k1', { value: 'v', condition: IF_ABSENT }, 1)
    assert.ok(dieEverywhere({ pair, keys: ['k0', 'k1'], moments: 500 }) < 500)
  })
}

test('ranges of versions: granted, used up, begun', () => {
  const pair = new Pair(2 ** 12)
  pair.submit('', { op: OP_GRANT, version: 2 ** 25 })
  pair.submit('', { op: OP_GRANT, version: 2 ** 26 })
  pair.submit('k', { value: 'v' })
  dieEverywhere({ pair, keys: ['k'] })
})

test.run()
