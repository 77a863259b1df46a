import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { growAndShrink } from './load.js'

const test = suite('a ring that grows and shrinks under load over HTTP')

test('no miss, no error; economy misses what moves', async () => {
  const growth = { from: 2, to: 3, keys: 3_000, stillSeconds: 0.3, pace: 0.5 }
  const { phases, receipts, economy } = await growAndShrink(growth)
  for (const [name, { misses, errors }] of Object.entries(phases)) {
    assert.is(misses, 0, name)
    assert.equal(errors, [], name)
  }
  assert.ok(phases['moving'].requests > 100, 'there was load while keys moved')
  assert.equal(
    receipts.map(({ kind, state }) => `${kind} ${state}`),
    ['join done', 'leave done'],
  )
  for (const { planned, moved } of receipts) {
    assert.equal(moved, planned)
    assert.ok(moved.keys > 0)
  }
  for (const { missing, wrong } of economy) {
    assert.ok(missing > 0)
    assert.is(wrong, 0)
  }
})

test.run()
