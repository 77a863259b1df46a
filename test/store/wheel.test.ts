import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { NEVER } from '../../src/store/item.js'
import { WHEEL_SLOTS } from '../../src/store/layout.js'
import { WheelRig } from './wheel.fuzz.js'

const test = suite('wheel')
const DAY_MS = 86_400_000
const NO_LIMIT = 1_000_000

/** Turns the wheel event by event, and gives the times at which items expired. */
function times(rig: WheelRig, until: number): number[] {
  const found: number[] = []
  for (let next = rig.wheel.next(); next <= until; next = rig.wheel.next()) {
    rig.advance(next, NO_LIMIT)
    for (const _ of rig.expired.splice(0)) found.push(next)
  }
  return found
}

/** A deadline for each level, and those around its borders. */
const DEADLINES = [0, 1, 2, 3, 4].flatMap((level) => {
  const span = 2 ** (8 * level)
  return [span, span + 1, span * 2, span * 255, span * 256 - 1].filter((at) => at < 2 ** 40 - 1)
})

for (const start of [0, 1, 255, 256, 65_535, 2 ** 24 + 77, 2 ** 32 - 1, 2 ** 32 + 12_345]) {
  test(`a wheel at ${start}: every level, each item expires at its very millisecond`, () => {
    const rig = new WheelRig()
    rig.advance(start, NO_LIMIT)
    const deadlines = DEADLINES.map((ahead) => start + ahead).filter((at) => at < 2 ** 40 - 1)
    for (const [n, deadline] of deadlines.entries()) rig.schedule(n, deadline)
    rig.check()
    assert.equal(
      times(rig, 2 ** 41),
      [...deadlines].sort((a, b) => a - b),
    )
    rig.check()
  })
}

test('365 days: not a millisecond early, not one late', () => {
  const rig = new WheelRig()
  const start = 1_234_567_890_123 % 2 ** 39
  rig.advance(start, NO_LIMIT)
  rig.schedule(1, start + 365 * DAY_MS)
  assert.is(rig.advance(start + 365 * DAY_MS - 1, NO_LIMIT) > 0, true)
  assert.equal(rig.expired, [])
  rig.advance(start + 365 * DAY_MS, NO_LIMIT)
  assert.equal(rig.expired, [1])
})

test('all of an item takes at most four cascades', () => {
  const rig = new WheelRig()
  rig.schedule(1, 2 ** 39 + 2 ** 31 + 2 ** 23 + 2 ** 15 + 7)
  assert.is(rig.advance(2 ** 40 - 2, 4), 0)
  assert.equal(rig.expired, [], 'four are spent')
  assert.is(rig.advance(2 ** 40 - 2, 2), 1)
  assert.equal(rig.expired, [1])
})

test('the clock jumps by months: all that is due expires, the rest stays', () => {
  const rig = new WheelRig()
  for (let n = 0; n < 500; n++) rig.schedule(n, n * DAY_MS + n)
  rig.advance(100 * DAY_MS + 100, NO_LIMIT)
  assert.is(rig.expired.length, 101)
  rig.check()
  rig.advance(499 * DAY_MS + 499, NO_LIMIT)
  assert.is(rig.expired.length, 500)
  assert.is(rig.wheel.next(), Number.POSITIVE_INFINITY)
})

test('a bounded advance goes on where it stopped, and never exceeds its limit', () => {
  const rig = new WheelRig()
  for (let n = 0; n < 1_000; n++) rig.schedule(n, 70_000 + (n % 7))
  let turns = 0
  while (rig.advance(80_000, 10) === 0) {
    turns++
    rig.check()
  }
  assert.is(rig.expired.length, 1_000)
  assert.ok(turns >= 199 && turns <= 401, `${turns} turns`)
  assert.is(rig.wheel.now, 80_000)
})

for (const level of [1, 2, 3, 4]) {
  test(`a cascade of level ${level} that stopped at its limit is finished before anything later`, () => {
    const rig = new WheelRig()
    const start = 3 * 2 ** (8 * level)
    for (let n = 0; n < 30; n++) rig.schedule(n, start + n)
    rig.schedule(99, start + 40)
    while (rig.advance(start + 29, 4) === 0) {
      rig.check()
      if (rig.wheel.now === start) assert.ok(rig.wheel.next() <= start + 29)
    }
    assert.equal(
      [...rig.expired].sort((a, b) => a - b),
      Array.from({ length: 30 }, (_, n) => n),
    )
    assert.equal([...rig.deadlines.keys()], [99])
    rig.expired.length = 0
    assert.equal(times(rig, 2 ** 41), [start + 40])
  })
}

test('a wheel that is behind takes new items, past and future', () => {
  const rig = new WheelRig()
  for (let n = 0; n < 50; n++) rig.schedule(n, 1_000)
  rig.advance(5_000, 10)
  rig.schedule(100, 0)
  rig.schedule(101, 1_001)
  rig.schedule(102, 900_000)
  rig.check()
  while (rig.advance(5_000, 10) === 0) {}
  assert.is(rig.expired.length, 52)
  assert.equal([...rig.deadlines.keys()], [102])
})

test('next() is exact in the turn of the first level, and never too late elsewhere', () => {
  const rig = new WheelRig()
  assert.is(rig.wheel.next(), Number.POSITIVE_INFINITY)
  for (let deadline = 1; deadline < WHEEL_SLOTS; deadline += 13) {
    rig.schedule(1, deadline)
    assert.is(rig.wheel.next(), deadline)
    rig.deschedule(1)
  }
  rig.schedule(1, 1_000)
  assert.is(rig.wheel.next(), 768, 'the cascade comes first')
  rig.advance(768, NO_LIMIT)
  assert.is(rig.wheel.next(), 1_000)
})

test('an item whose deadline has passed is due at once', () => {
  const rig = new WheelRig()
  rig.advance(1_000_000, NO_LIMIT)
  for (const [n, deadline] of [0, 1, 999_999, 1_000_000].entries()) rig.schedule(n, deadline)
  assert.is(rig.wheel.next(), 1_000_000)
  rig.advance(1_000_000, NO_LIMIT)
  assert.is(rig.deadlines.size, 0)
})

test('an item without a TTL is never in the wheel', () => {
  const rig = new WheelRig()
  rig.schedule(1, NEVER)
  rig.check()
  rig.deschedule(1)
  rig.schedule(2, NEVER - 1)
  assert.is(rig.advance(NEVER - 2, NO_LIMIT) > 0, true)
  assert.equal(rig.expired, [])
  rig.advance(NEVER - 1, NO_LIMIT)
  assert.equal(rig.expired, [2])
})

test('items leave a slot from its head, its middle and its end', () => {
  const rig = new WheelRig()
  for (const order of [
    [0, 1, 2],
    [2, 1, 0],
    [1, 0, 2],
  ]) {
    for (let n = 0; n < 3; n++) rig.schedule(n, 200)
    for (const n of order) {
      rig.deschedule(n)
      rig.check()
    }
  }
})

test('an item that moved to another chunk is known there', () => {
  const rig = new WheelRig()
  const { words } = rig.memory
  for (let n = 0; n < 3; n++) rig.schedule(n, 200)
  for (const n of [0, 1, 2]) {
    const from = rig.ref(n) << 1
    words.copyWithin(rig.ref(n + 10) << 1, from, from + 8)
    rig.wheel.relocated(rig.ref(n + 10))
    rig.deadlines.set(n + 10, 200)
    rig.deadlines.delete(n)
    rig.check()
  }
})

test('time that goes back changes nothing', () => {
  const rig = new WheelRig()
  rig.advance(5_000, NO_LIMIT)
  rig.schedule(1, 6_000)
  rig.wheel.advance(4_000, 10, () => assert.unreachable())
  assert.is(rig.wheel.now, 5_000)
  rig.check()
})

test.run()
