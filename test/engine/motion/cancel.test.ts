import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { codeOf } from '../opened.js'
import { fill, missing, moving, names, Stage, until } from './stage.js'

const test = suite('cancelling a change of the ring')
const KEYS = names(400)

test('one that waits never begins', async () => {
  await using stage = await Stage.open()
  const { engine } = stage
  const bucket = await engine.createBucket('b')
  await fill(bucket, KEYS)
  stage.hold('n4')
  const first = await engine.addNode()
  const second = await engine.addNode()
  await stage.waiting('n4')
  second.cancel()
  assert.is((await second.done).state, 'cancelled')
  assert.equal((await second.done).epochs, [])
  stage.letGo('n4')
  assert.is((await first.done).state, 'done')
  assert.equal(
    engine.ring.members.map(({ id }) => id),
    ['n1', 'n2', 'n3', 'n4'],
  )
  assert.is(await codeOf(() => second.cancel()), 'migration_ended')
})

test('a join before its first epoch: the newcomer goes, and the ring never knew it', async () => {
  await using stage = await Stage.open()
  const { engine } = stage
  const bucket = await engine.createBucket('b')
  await fill(bucket, KEYS)
  const migration = await engine.addNode()
  stage.hold('n4')
  await stage.waiting('n4')
  migration.cancel()
  stage.letGo('n4')
  assert.is((await migration.done).state, 'cancelled')
  assert.is(engine.ring.epoch, 1)
  assert.is(engine.ringStatus().nodes.length, 3)
  stage.checkPlaces(bucket, KEYS)
})

for (const kind of ['join', 'leave'] as const) {
  test(`a ${kind} in the middle: everything goes back, and nothing is lost`, async () => {
    await using stage = await Stage.open()
    const { engine } = stage
    const bucket = await engine.createBucket('b')
    await fill(bucket, KEYS)
    const before = engine.ring.members
    const migration = await (kind === 'join'
      ? engine.addNode()
      : engine.removeNode('n3', { force: true }))
    await until(() => migration.receipt().moved.keys > 20)
    migration.cancel()
    migration.cancel() // says the same again
    await bucket.put('k0', 'new')
    const receipt = await migration.done
    assert.is(receipt.state, 'cancelled')
    assert.is(receipt.epochs.length, 3)
    assert.ok(receipt.moved.keys < receipt.planned.keys)
    assert.equal(engine.ring.members, before)
    assert.equal(missing(bucket, KEYS), ['k0'])
    assert.is(bucket.getTextSync('k0'), 'new')
    stage.checkPlaces(bucket, KEYS)
    assert.is(bucket.usage().items, KEYS.length)
    assert.equal(
      engine.ringStatus().nodes.map(({ id, state }) => `${id} ${state}`),
      ['n1 serving', 'n2 serving', 'n3 serving'],
    )
  })

  test(`a ${kind} whose keys have all moved is too late to be cancelled`, async () => {
    await using stage = await Stage.open()
    const { engine } = stage
    const bucket = await engine.createBucket('b')
    await fill(bucket, KEYS)
    const migration = await (kind === 'join'
      ? engine.addNode()
      : engine.removeNode('n3', { force: true }))
    let refused = ''
    stage.beforeDisk = async ({ epoch }) => {
      if (epoch === 3) refused = await codeOf(() => migration.cancel())
    }
    const receipt = await migration.done
    assert.is(refused, 'migration_ended')
    assert.is(receipt.state, 'done')
    assert.equal(receipt.moved, receipt.planned)
    const ids = kind === 'join' ? 'n1,n2,n3,n4' : 'n1,n2'
    assert.is(`${engine.ring.members.map(({ id }) => id)}`, ids)
    assert.is(`${engine.ringStatus().nodes.map(({ id }) => id)}`, ids)
    assert.equal(missing(bucket, KEYS), [])
    await fill(bucket, KEYS)
    stage.checkPlaces(bucket, KEYS)
  })
}

test('a host goes bad while the ring turns back: it is in neither ring', async () => {
  await using stage = await Stage.open({ nodes: 4 })
  const { engine } = stage
  const bucket = await engine.createBucket('b', { replicas: 1 })
  await fill(bucket, KEYS)
  const migration = await engine.addNode()
  await until(() => migration.receipt().moved.keys > 20)
  stage.beforeDisk = () => until(() => migration['isReturning'])
  const failing = engine.failNode('n2')
  migration.cancel()
  await failing
  await stage.still()
  assert.equal(missing(bucket, KEYS), [])
  assert.is(engine.ring.has('n2'), false)
  assert.ok(engine['cluster'].nodes.every((node) => node.state === 'serving'))
  await fill(bucket, KEYS)
  stage.checkPlaces(bucket, KEYS)
})

test('a newcomer that alone is left stays, whoever cancels', async () => {
  await using stage = await Stage.open({ nodes: 1 })
  const { engine } = stage
  const bucket = await engine.createBucket('b')
  await fill(bucket, KEYS)
  const migration = await engine.addNode()
  await moving(engine, migration)
  migration.cancel()
  await engine.failNode('n1')
  await stage.still()
  assert.equal(
    engine.ring.members.map(({ id }) => id),
    ['n2'],
  )
  await fill(bucket, KEYS)
  stage.checkPlaces(bucket, KEYS)
})

test.run()
