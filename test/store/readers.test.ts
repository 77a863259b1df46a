import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { contest } from './reader-contest.js'

const test = suite('readers in other threads')

for (const full of [true, false]) {
  const where = full ? 'full memory, evicting' : 'ample memory'
  test(`no torn, foreign, old, expired or deleted value: ${where}`, async () => {
    const { faults, ...figures } = await contest({ ms: 500, seed: 5, full })
    console.log(where, JSON.stringify(figures))
    assert.equal(faults, [])
    assert.ok(figures.hits > 100, 'something was read')
    assert.is(figures.evictions > 0, full)
  })
}

test.run()
