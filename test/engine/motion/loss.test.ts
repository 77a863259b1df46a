import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { codeOf } from '../opened.js'
import { fill, missing, moving, names, Stage, until } from './stage.js'

const test = suite('a host goes bad')
const KEYS = names(400)

test('without copies exactly its keys are missed', async () => {
  await using stage = await Stage.open()
  const { engine } = stage
  const bucket = await engine.createBucket('b')
  await fill(bucket, KEYS)
  const lost = KEYS.filter((key) => bucket.explain(key).owner === 'n2')
  assert.is(await engine.failNode('n2'), undefined)
  assert.equal(missing(bucket, KEYS), lost)
  assert.equal(
    engine.ring.members.map(({ id }) => id),
    ['n1', 'n3'],
  )
  await fill(bucket, KEYS)
  stage.checkPlaces(bucket, KEYS)
  assert.is(await codeOf(() => engine.failNode('n2')), 'node_not_found')
  await engine.failNode('n1')
  assert.is(await codeOf(() => engine.failNode('n3')), 'last_node')
})

test('with copies nothing is missed, and the copies are made again', async () => {
  await using stage = await Stage.open()
  const { engine } = stage
  const bucket = await engine.createBucket('b', { replicas: 1 })
  await fill(bucket, KEYS)
  stage.checkPlaces(bucket, KEYS)
  const repair = await engine.failNode('n2')
  assert.equal(missing(bucket, KEYS), [])
  assert.is((await repair?.done)?.state, 'done')
  stage.checkPlaces(bucket, KEYS)
  assert.is(await codeOf(() => repair?.cancel()), 'migration_ended')
  await engine.failNode('n1')
  assert.equal(missing(bucket, KEYS), [])
  assert.equal(bucket.usage().copies, { wanted: 2, kept: 1 })
})

test('twemproxy 604: it comes back under its old name, and serves nothing that it held', async () => {
  await using stage = await Stage.open()
  const { engine } = stage
  const bucket = await engine.createBucket('b')
  await fill(bucket, KEYS)
  const of2 = KEYS.filter((key) => bucket.explain(key).owner === 'n2')
  await engine.failNode('n2')
  await bucket.putMany(of2.slice(0, 20).map((key) => [key, 'written while it was away']))
  await (await engine.addNode({ id: 'n2' })).done
  const { incarnation } = engine.ringStatus().nodes.find(({ id }) => id === 'n2') ?? {}
  assert.is(incarnation, 3)
  for (const [i, key] of of2.entries()) {
    assert.is(bucket.explain(key).owner, 'n2')
    assert.is(bucket.getTextSync(key), i < 20 ? 'written while it was away' : undefined)
  }
  await bucket.putMany(of2.map((key) => [key, 'written to it']))
  await engine.failNode('n2')
  for (const key of of2) {
    assert.is(bucket.getTextSync(key), undefined, 'the others let go of what they had for it')
  }
})

test('its name is free while the copies are made again', async () => {
  await using stage = await Stage.open()
  const { engine } = stage
  const bucket = await engine.createBucket('b', { replicas: 1 })
  await fill(bucket, KEYS)
  const repair = await engine.failNode('n2')
  assert.is(repair?.hasEnded, false)
  const back = await engine.addNode({ id: 'n2' })
  assert.is((await back.done).state, 'done')
  assert.equal(missing(bucket, KEYS), [])
  stage.checkPlaces(bucket, KEYS)
})

for (const replicas of [0, 1]) {
  for (const [what, victim] of [
    ['the newcomer', 'n4'],
    ['a source', 'n1'],
  ]) {
    test(`${what} of a join, in the middle, ${replicas} copies`, async () => {
      await using stage = await Stage.open()
      const { engine } = stage
      const bucket = await engine.createBucket('b', { replicas })
      await fill(bucket, KEYS)
      const migration = await engine.addNode()
      await until(() => migration.receipt().moved.keys > 20)
      await engine.failNode(victim)
      await stage.still()
      assert.is((await migration.done).state, victim === 'n4' ? 'failed' : 'done')
      const lost = missing(bucket, KEYS).length
      assert.ok(replicas === 0 ? lost > 0 && lost < KEYS.length / 2 : lost === 0, `${lost} lost`)
      await fill(bucket, KEYS)
      stage.checkPlaces(bucket, KEYS)
      assert.is(engine['cluster'].before, undefined)
    })
  }

  for (const [what, victim] of [
    ['the leaving node', 'n3'],
    ['a node that takes over', 'n1'],
  ]) {
    test(`${what}, in the middle, ${replicas} copies`, async () => {
      await using stage = await Stage.open()
      const { engine } = stage
      const bucket = await engine.createBucket('b', { replicas })
      await fill(bucket, KEYS)
      const migration = await engine.removeNode('n3', { force: true })
      await until(() => migration.receipt().moved.keys > 20)
      await engine.failNode(victim)
      await stage.still()
      assert.is((await migration.done).state, victim === 'n3' ? 'failed' : 'done')
      const lost = missing(bucket, KEYS).length
      assert.ok(replicas === 0 ? lost > 0 : lost === 0, `${lost} lost`)
      await fill(bucket, KEYS)
      stage.checkPlaces(bucket, KEYS)
      assert.is(
        `${engine.ringStatus().nodes.map(({ id }) => id)}`,
        victim === 'n3' ? 'n1,n2' : 'n2',
      )
    })
  }
}

test('a node stays where all that were to take over went bad', async () => {
  await using stage = await Stage.open({ nodes: 2 })
  const { engine } = stage
  const bucket = await engine.createBucket('b')
  await fill(bucket, KEYS)
  const migration = await engine.removeNode('n2', { force: true })
  await moving(engine, migration)
  await engine.failNode('n1')
  await stage.still()
  assert.is((await migration.done).state, 'failed')
  assert.equal(
    engine.ring.members.map(({ id }) => id),
    ['n2'],
  )
  assert.is(engine.ringStatus().nodes[0].state, 'serving')
  await fill(bucket, KEYS)
  stage.checkPlaces(bucket, KEYS)
})

test('the newcomer before it is in the ring: nothing is moved', async () => {
  await using stage = await Stage.open()
  const { engine } = stage
  const bucket = await engine.createBucket('b')
  await fill(bucket, KEYS)
  const migration = await engine.addNode()
  stage.hold('n4')
  await stage.waiting('n4')
  await engine.failNode('n4')
  assert.is((await migration.done).state, 'failed')
  assert.equal(missing(bucket, KEYS), [])
  stage.checkPlaces(bucket, KEYS)
})

test.run()
