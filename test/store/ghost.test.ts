import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { remix } from '../../src/hash.js'
import { Ghost } from '../../src/store/ghost.js'
import { C_GHOST_LIVE, Memory } from '../../src/store/layout.js'
import { Spaces } from '../../src/store/spaces.js'
import { Chance } from './chance.js'

const test = suite('ghost')

function fresh(sizeBytes = 2 ** 22) {
  const memory = Memory.create(sizeBytes, 4, 0)
  return { ghost: new Ghost(memory, new Spaces(memory)), memory }
}

for (const set of [0, 2]) {
  test(`set ${set}: a key is remembered once, for 0.9 of the capacity`, () => {
    const { ghost } = fresh()
    const add = (n: number) => ghost.add(remix(n), set, 1, 1_000)
    add(1)
    assert.ok(ghost.take(remix(1), set, 1))
    assert.not.ok(ghost.take(remix(1), set, 1), 'it is forgotten')
    assert.not.ok(ghost.take(remix(2), set, 1))
    for (let n = 10; n < 910; n++) add(n)
    for (let n = 910; n < 1_000; n++) add(n)
    let known = 0
    for (let n = 10; n < 1_000; n++) known += ghost.take(remix(n), set, 1) ? 1 : 0
    assert.ok(Math.abs(known - 900) <= 5, `${known} of 990 are known`)
  })
}

test('a key that comes back makes room for others, as in a FIFO', () => {
  const { ghost } = fresh()
  for (let n = 0; n < 900; n++) ghost.add(remix(n), 0, 1, 1_000)
  for (let n = 450; n < 900; n++) ghost.take(remix(n), 0, 1)
  for (let n = 1_000; n < 1_440; n++) ghost.add(remix(n), 0, 1, 1_000)
  assert.ok(ghost.take(remix(5), 0, 1), 'the 6th of 890 still in')
})

test('beside an exact FIFO, the answers are the same but for a few in a thousand', () => {
  const { ghost } = fresh()
  const chance = new Chance(3)
  const exact = new Map<number, number>()
  const capacity = 100_000
  let live = 0
  let differ = 0
  for (let step = 0; step < 60_000; step++) {
    const key = chance.below(chance.once(3) ? 400 : 6_000)
    const bytes = 1 + (remix(key) % 97)
    const known = exact.has(key)
    if (known) {
      live -= bytes
      exact.delete(key)
    }
    differ += ghost.take(remix(key), 0, bytes) === known ? 0 : 1
    exact.set(key, bytes)
    live += bytes
    for (const [oldest, size] of exact) {
      if (live <= capacity * 0.9) break
      exact.delete(oldest)
      live -= size
    }
    ghost.add(remix(key), 0, bytes, capacity)
  }
  assert.ok(differ < 120, `${differ} of 60,000 differ`)
})

test('a key that went long ago is never known, however the clock turns', () => {
  const { ghost } = fresh(2 ** 24)
  for (let n = 0; n < 100; n++) ghost.add(remix(n), 0, 1, 100)
  for (let round = 1; round <= 200; round++) {
    for (let n = 0; n < 100; n++) ghost.add(remix(1_000 + ((round * 100 + n) % 5_000)), 0, 1, 100)
    const asked = round % 100
    assert.not.ok(ghost.take(remix(asked), 0, 1), `${asked} after ${round} capacities`)
  }
})

test('what is remembered never sums up to more than the budget and a little', () => {
  const { ghost, memory } = fresh()
  const chance = new Chance(8)
  for (let step = 0; step < 20_000; step++) {
    const key = chance.below(4_000)
    const bytes = 1 + chance.below(chance.once(50) ? 90_000 : 500)
    if (chance.once(3)) ghost.take(remix(key), 0, bytes)
    else ghost.add(remix(key), 0, bytes, 100_000)
    assert.ok(memory.floats[C_GHOST_LIVE >> 1] <= 90_000 + 90_000, 'over the budget')
  }
})

test('hashes at both ends have a line', () => {
  const { ghost } = fresh()
  for (const print of [0, 1, 2 ** 31, 2 ** 32 - 1, -1, -(2 ** 31)]) {
    ghost.add(print, 0, 1, 1_000)
    assert.ok(ghost.take(print, 0, 1), `${print}`)
  }
})

test.run()
