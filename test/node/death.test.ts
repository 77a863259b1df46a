import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { FAILED, REPLACED } from '../../src/store/order.js'
import type { Answer } from './desk.js'
import { dying } from './dying.js'

const test = suite('death of a worker')

for (const way of ['terminate', 'throw', 'exit', 'oom']) {
  test(`by ${way}, in the middle of a storm: no write is lost, none comes back`, async () => {
    const report = await dying(way, 1, 1)
    assert.equal(report['wrong'], [], JSON.stringify(report))
    assert.is(report['goesOn'], true)
    assert.is(report['isInOrder'], true)
    assert.is(report['deaths'], report['kills'])
    assert.is(report['stateBefore'], 'serving')
    assert.is(report['state'], 'down')
  })

  test(`by ${way}, while nothing is under way: the next write goes on`, async () => {
    const report = await dying(way, 1, 1, 'idle')
    assert.is(report['read'], 'v')
    assert.is(report['reread'], 'w')
    assert.is(report['deaths'], 1)
  })
}

test('an order that kills three workers is given up, and the queue goes on', async () => {
  const report = await dying('poison')
  assert.is((report['order 0'] as Answer).outcome, FAILED)
  assert.ok(Number(report['deaths 0']) >= 3)
  assert.is((report['order 1'] as Answer).outcome, REPLACED)
})

test('a thread that ends before it has begun is replaced', async () => {
  const report = await dying('terminate', 1, 1, 'early')
  assert.is(report['deaths'], 1)
  assert.is(report['read'], 'v')
})

test('five deaths in ten seconds: the node is down, callers are told, reads go on', async () => {
  const report = await dying('poison')
  assert.is(report['deaths'], 5)
  assert.is(report['stateBefore'], 'down')
  assert.equal(report['order 2'], ['recovering', true])
  assert.equal(report['order 3'], ['recovering', true])
  assert.equal(report['late'], ['recovering', false])
  assert.is(report['read'], 'w')
})

test('an idle node rests', async () => {
  const { percent } = await dying('rest')
  assert.type(percent, 'number')
  console.log(`an idle node takes ${Number(percent).toFixed(2)} % of a core`)
})

test.run()
