import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { adopt } from '../../src/store/adopt.js'
import { check } from '../../src/store/check.js'
import { C_VERSION_END, type Memory } from '../../src/store/layout.js'
import { NO_VERSION } from '../../src/store/order.js'
import { SPACE_LIVE } from '../../src/store/spaces.js'
import type { Store } from '../../src/store/store.js'
import { Chance } from './chance.js'
import { contents, countStores, dieAt } from './crash.js'
import { crowd } from './crowd.js'
import { History } from './history.js'
import { bench, Pen, SEED } from './pen.js'
import { CROWDED, FULL } from './store.fuzz.js'

const test = suite('adopt')
const pen = new Pen()
const SPACES = 10
/** Moments of one operation to die at: all of a short one, a sample of a long one. */
const MOMENTS = 40

interface Scene {
  readonly memory: Memory
  readonly now: number
  readonly key: string
  readonly space: number
}

/** A store after some history, and a key in it. */
function scene(seed: number, stage: typeof FULL): Scene {
  const history = new History(seed, stage)
  for (let step = 0; step < 400; step++) history.step()
  history.world.advance(1_000_000)
  while (history.world.store.grantVersions(2 ** 41, 2 ** 42)) {}
  const bucket = history.world.buckets.findIndex(({ keys }) => keys.size > 0)
  const { space, keys } = history.world.buckets[bucket]
  const there = [...keys.keys()].filter((key) => history.world.look(bucket, key))
  return { memory: history.world.memory, now: history.world.now, key: there[0], space }
}

/** Dies at many moments of an operation; each time all that it did not touch must be there. */
function ordeal(
  { memory, now, key, space }: Scene,
  seed: number,
  operation: (store: Store) => void,
  touched = [`${space}/${key}`],
): void {
  const before = contents(memory, SPACES, now)
  const stores = countStores(memory, operation)
  const chance = new Chance(seed)
  const whole = dieAt(memory, Number.POSITIVE_INFINITY, now, operation)
  check(whole.survivor)
  const after = contents(whole.memory, SPACES, now)
  assert.ok(stores > 0)
  for (let moment = 0; moment < Math.min(MOMENTS, stores); moment++) {
    const n = 1 + (stores <= MOMENTS ? moment : chance.below(stores))
    const { survivor, memory: left } = dieAt(memory, n, now, operation)
    check(survivor)
    const found = contents(left, SPACES, now)
    for (const [name, what] of before) {
      // What the operation, had it lived, would have evicted or ended may be gone already.
      const mayBeGone = after.get(name) !== what
      const isSame = found.get(name) === what || (mayBeGone && found.get(name) === undefined)
      const isNew = touched.includes(name) && found.get(name) === after.get(name)
      assert.ok(isSame || isNew, `death at store ${n} of ${stores}: ${name} is not as it was`)
    }
    for (const [name, what] of found) {
      assert.ok(before.get(name) === what || after.get(name) === what, `${n}: ${name} is foreign`)
    }
  }
}

for (const [name, stage] of [
  ['full memory', FULL],
  ['long chains', CROWDED],
] as const) {
  for (let seed = 1; seed <= 2; seed++) {
    const at = scene(seed * 31, stage)
    const { space, key, now } = at
    const say = (what: string) => `a writer dies in ${what}: ${name}, seed ${seed}`
    const put = (what: string, length: number, deadline?: number) => (store: Store) => {
      const options = deadline === undefined ? {} : { deadline }
      store.put(pen.write(space, what, Buffer.alloc(length, 7), options), now)
    }

    test(say('a put of a new key'), () =>
      ordeal(at, seed, put('new', 90, now + 500), [`${space}/new`]),
    )
    test(say('an overwrite'), () => ordeal(at, seed, put(key, 700, now + 70_000)))
    test(say('a put of a chained value'), () =>
      ordeal(at, seed, put('new', 40_000), [`${space}/new`]),
    )
    test(say('an overwrite by a chained value'), () => ordeal(at, seed, put(key, 40_000)))
    test(say('a delete'), () =>
      ordeal(at, seed, (store) => store.delete(pen.write(space, key), now)),
    )
    test(say('an expiry'), () => {
      const later = now + 40_000
      ordeal({ ...at, now: later }, seed, (store) => store.advance(later, 1_000))
    })
    test(say('a flush and its sweep'), () =>
      ordeal(at, seed, (store) => {
        store.killSpace(space)
        store.sweep(now, 100_000)
      }),
    )
  }
}

/** A store with `count` keys in one line of its table, and a further key of that line. */
function crowdedLine(count: number): Scene {
  const b = bench(2 ** 20)
  const keys = crowd(b.store, b.pen, 3, 1, count + 1)
  for (const key of keys.slice(0, count)) b.store.put(b.pen.write(1, key, key), 0)
  return { memory: b.memory, now: 0, key: keys[count], space: 1 }
}

for (const count of [11, 12, 16, 17, 21]) {
  test(`a writer dies in a put into a line of ${count} keys`, () => {
    const at = crowdedLine(count)
    ordeal(at, 1, (store) => store.put(pen.write(1, at.key, 'value'), 0))
  })
  test(`a writer dies in the delete of a line's last key of ${count + 1}`, () => {
    const at = crowdedLine(count)
    adopt(at.memory, 0).put(pen.write(1, at.key, 'value'), 0)
    ordeal(at, 1, (store) => store.delete(pen.write(1, at.key), 0))
  })
}

for (let seed = 1; seed <= 4; seed++) {
  test(`a writer dies in the expiry of a crowd that ends at once, seed ${seed}`, () => {
    const b = bench(2 ** 20)
    const keys = crowd(b.store, b.pen, 3, 2, 70)
    for (const [n, key] of keys.entries()) {
      const deadline = n % 7 === 0 ? 20_000 : 1_000
      const value = Buffer.alloc(n === 33 ? 40_000 : 30, n)
      b.store.put(b.pen.write(1 + (n % 3 === 0 ? 1 : 0), key, value, { deadline }), 0)
    }
    b.store.advance(999)
    ordeal({ memory: b.memory, now: 1_000, key: '', space: 1 }, seed, (store) =>
      store.advance(1_000, 1_000),
    )
  })
}

test('a writer dies in a touch: the old deadline or the new one', () => {
  const b = bench(2 ** 20)
  for (let n = 0; n < 20; n++) {
    b.store.put(b.pen.write(1, `k${n}`, 'value', { deadline: 5_000 + n * 100 }), 0)
  }
  const at = { memory: b.memory, now: 0, key: 'k7', space: 1 }
  ordeal(at, 1, (store) => store.touch(pen.write(1, 'k7', '', { deadline: 90_000 }), 0))
})

test('no version comes twice after a death in the change of ranges', () => {
  const b = bench(2 ** 20)
  b.memory.floats[C_VERSION_END >> 1] = 3
  b.store.grantVersions(1_000, 1_002)
  const put = (store: Store) => {
    const outcome = store.put(pen.write(1, 'key', 'value'), 0)
    return outcome === NO_VERSION ? 0 : store.version
  }
  const given = [put(b.store), put(b.store)]
  const stores = countStores(b.memory, put)
  for (let n = 1; n <= stores; n++) {
    const { survivor } = dieAt(b.memory, n, 0, put)
    const versions = [...given]
    for (let next = put(survivor); next !== 0; next = put(survivor)) versions.push(next)
    assert.equal(versions, [...new Set(versions)], `death at store ${n}`)
  }
})

test('bytes over time are billed up to the adoption', () => {
  const history = new History(3, CROWDED)
  for (let step = 0; step < 100; step++) history.step()
  history.world.pass(1_000_000)
  history.world.takeOver()
  history.world.verify()
})

test('a dead space is still swept by the next writer', () => {
  const at = scene(8, CROWDED)
  const kill = (store: Store) => store.killSpace(at.space)
  const stores = countStores(at.memory, kill)
  const { survivor } = dieAt(at.memory, stores + 1, at.now, kill)
  assert.is.not(survivor.spaces.state(at.space), SPACE_LIVE)
  while (survivor.sweep(at.now)) {}
  check(survivor)
  survivor.openSpace(at.space, SEED, 0, at.now)
  assert.is(survivor.counts(at.space, at.now).items, 0)
})

test.run()
