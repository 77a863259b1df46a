import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { codeOf } from '../opened.js'
import { fill, moving, names, Stage } from './stage.js'

const test = suite('closing while the ring changes')
const KEYS = names(300)

test('in the middle of a move: it has failed, and nothing is left running', async () => {
  await using stage = await Stage.open()
  const { engine } = stage
  await fill(await engine.createBucket('b'), KEYS)
  const first = await engine.addNode()
  const second = await engine.addNode()
  await moving(engine, first)
  await engine.close()
  assert.is((await first.done).problem, 'the cache was closed')
  assert.is((await second.done).problem, 'the cache was closed')
  assert.is(stage.node('n4').state, 'down')
})

test('in the turn in which a change was asked for: no node comes up any more', async () => {
  await using stage = await Stage.open()
  const { engine } = stage
  const asked = engine.addNode()
  await engine.close()
  assert.is((await (await asked).done).state, 'failed')
  assert.throws(() => stage.node('n4'), /there never was/)
})

test('afterwards every change is refused', async () => {
  await using stage = await Stage.open()
  const { engine } = stage
  await engine.close()
  assert.is(await codeOf(() => engine.addNode()), 'closed')
  assert.is(await codeOf(() => engine.removeNode('n1', { force: true })), 'closed')
  assert.is(await codeOf(() => engine.failNode('n1')), 'closed')
})

for (const replicas of [0, 1]) {
  test(`a write that was asked before is carried out, ${replicas} copies, keys moving`, async () => {
    await using stage = await Stage.open()
    const { engine } = stage
    const bucket = await engine.createBucket('b', { replicas })
    await fill(bucket, KEYS)
    const migration = await engine.addNode()
    await moving(engine, migration)
    const puts = KEYS.map((key) => bucket.put(key, 'last'))
    await engine.close()
    assert.ok((await Promise.all(puts)).every(Boolean))
    assert.is(await codeOf(() => bucket.put('k0', 'too late')), 'closed')
  })
}

test.run()
