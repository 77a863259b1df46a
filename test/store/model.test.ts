import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { playHistories } from './model.js'

const test = suite('a store beside a map')

const asked = Number(process.env['ANNULUS_HISTORIES'] ?? 0)
const count = asked || (process.env['ANNULUS_SOAK'] === '1' ? 10_000 : 120)

test(`${count} histories: nothing wrong, old, expired or deleted is read`, () => {
  const { steps, lost } = playHistories(1, count)
  console.log(`${count} histories, ${steps} steps, ${lost} keys found evicted`)
  assert.ok(lost > 0, 'memory was full at times')
})

test(`${count / 3} histories in which the writer dies: its successors lose and repeat nothing`, () => {
  const { steps, deaths } = playHistories(1, count / 3, true)
  console.log(`${steps} steps, ${deaths} deaths`)
  assert.ok(deaths > count)
})

test('a history can be played again', () => {
  const once = playHistories(7, 3)
  assert.equal(playHistories(7, 3), once)
})

test.run()
