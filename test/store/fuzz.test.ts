import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { CROWDED, FULL, fuzzStore, SHIFTING } from './store.fuzz.js'
import { fuzzWheel } from './wheel.fuzz.js'

const test = suite('fuzz')

test('the store, memory always full: 3,000 steps, every invariant after every step', () => {
  const { world } = fuzzStore({ seed: 11, steps: 3_000, stage: FULL, checkEvery: 1 })
  assert.ok(world.lost > 100, 'much was evicted')
})

test('the store, long chains: 3,000 steps, every invariant after every step', () => {
  fuzzStore({ seed: 12, steps: 3_000, stage: CROWDED, checkEvery: 1 })
})

test('the store, sizes shifting: 3,000 steps, every invariant after every step', () => {
  fuzzStore({ seed: 14, steps: 3_000, stage: SHIFTING, checkEvery: 1 })
})

test('the wheel: 3,000 steps, every link after every step', () => {
  const expired = fuzzWheel(13, 3_000, 60)
  assert.ok(expired > 500, `${expired} expired`)
})

test.run()
