import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { besieged } from './dying.js'

const test = suite('a node under siege')
const DEATHS = 15

for (const seed of [1, 2]) {
  test(`${DEATHS} deaths in the middle of anything, under load: nothing is lost, torn, or goes back, seed ${seed}`, async () => {
    const { deaths, orders, wrong, state } = await besieged(DEATHS, seed, 0)
    console.log(`seed ${seed}: ${deaths.length} deaths, ${orders} orders`)
    assert.equal(wrong, [])
    assert.is(deaths.length, DEATHS)
    assert.is(state, 'serving')
  })
}

test.run()
