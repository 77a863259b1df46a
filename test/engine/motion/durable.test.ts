import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { codeOf } from '../opened.js'
import { scratchDirectory } from '../scratch.js'
import { fill, missing, names, Stage, until } from './stage.js'

const test = suite('each ring is on disk before it is used')
const KEYS = names(300)

for (const kind of ['join', 'leave'] as const) {
  test(`a ${kind} whose ring cannot be written changes nothing`, async () => {
    await using stage = await Stage.open()
    const { engine } = stage
    const bucket = await engine.createBucket('b')
    await fill(bucket, KEYS)
    const { ring } = engine
    stage.beforeDisk = () => {
      throw new Error('no space left on device')
    }
    const change = () =>
      kind === 'join' ? engine.addNode() : engine.removeNode('n3', { force: true })
    const { state, problem } = await (await change()).done
    assert.is(state, 'failed')
    assert.is(problem, 'no space left on device')
    assert.is(engine.ring, ring)
    assert.equal(
      engine.ringStatus().nodes.map(({ id, state }) => `${id} ${state}`),
      ['n1 serving', 'n2 serving', 'n3 serving'],
    )
    stage.checkPlaces(bucket, KEYS)
    stage.beforeDisk = () => {}
    assert.is((await (await change()).done).state, 'done')
    assert.equal(missing(bucket, KEYS), [])
  })

  test(`a ${kind} whose end cannot be written is brought to its end by the next change`, async () => {
    await using stage = await Stage.open()
    const { engine } = stage
    const bucket = await engine.createBucket('b')
    await fill(bucket, KEYS)
    stage.beforeDisk = ({ epoch }) => {
      if (epoch === 3) throw new Error('no space left on device')
    }
    const change = await (kind === 'join'
      ? engine.addNode()
      : engine.removeNode('n3', { force: true }))
    assert.is((await change.done).state, 'failed')
    assert.equal(missing(bucket, KEYS), [])
    await bucket.put('k0', 'value of k0')
    stage.beforeDisk = () => {}
    assert.is((await (await engine.addNode()).done).state, 'done')
    assert.equal(missing(bucket, KEYS), [])
    stage.checkPlaces(bucket, KEYS)
    const ids = kind === 'join' ? ['n1', 'n2', 'n3', 'n4', 'n5'] : ['n1', 'n2', 'n4']
    assert.equal(
      engine.ringStatus().nodes.map(({ id, state }) => `${id} ${state}`),
      ids.map((id) => `${id} serving`),
    )
  })
}

test('a way back that cannot be written: the newcomer keeps what it has', async () => {
  await using stage = await Stage.open()
  const { engine } = stage
  const bucket = await engine.createBucket('b')
  await fill(bucket, KEYS)
  const migration = await engine.addNode()
  await until(() => migration.receipt().moved.keys > 20)
  stage.beforeDisk = () => {
    throw new Error('no space left on device')
  }
  migration.cancel()
  assert.is((await migration.done).state, 'failed')
  assert.equal(missing(bucket, KEYS), [])
  await fill(bucket, KEYS.slice(0, 100))
  stage.beforeDisk = () => {}
  assert.is((await (await engine.removeNode('n1', { force: true })).done).state, 'done')
  assert.equal(missing(bucket, KEYS), [])
  stage.checkPlaces(bucket, KEYS)
})

test('a host that goes bad while the disk is full stays in the ring', async () => {
  await using stage = await Stage.open()
  const { engine } = stage
  const bucket = await engine.createBucket('b')
  await fill(bucket, KEYS)
  stage.beforeDisk = () => {
    throw new Error('no space left on device')
  }
  await engine.failNode('n2').then(
    () => assert.unreachable(),
    () => {},
  )
  assert.equal(missing(bucket, KEYS), [])
  stage.beforeDisk = () => {}
  await engine.failNode('n2')
  assert.is(engine.ring.has('n2'), false)
})

test('after a restart the ring is the one that was, and no name is given twice', async () => {
  const data = scratchDirectory()
  const first = await Stage.open({ data })
  await (await first.engine.addNode({ weight: 2 })).done
  await (await first.engine.removeNode('n1', { force: true })).done
  await first.engine.failNode('n2')
  await (await first.engine.addNode()).done
  await (await first.engine.removeNode('n5', { force: true })).done
  const { members, epoch } = first.engine.ring
  const incarnations = first.engine.ringStatus().nodes.map((node) => node.incarnation)
  await first.engine.close()
  await using second = await Stage.open({ data })
  const { engine } = second
  assert.equal(engine.ring.members, members)
  assert.is(engine.ring.epoch, epoch)
  assert.equal(
    engine.ringStatus().nodes.map((node) => node.incarnation),
    incarnations,
  )
  assert.is((await engine.addNode()).node, 'n6')
  const back = await engine.addNode({ id: 'n1' })
  await back.done
  const { incarnation } = engine.ringStatus().nodes.find(({ id }) => id === 'n1') ?? {}
  assert.ok((incarnation ?? 0) > epoch)
})

test('killed while keys move: the ring is the one that they moved to', async () => {
  const data = scratchDirectory()
  const first = await Stage.open({ data })
  const bucket = await first.engine.createBucket('b')
  await fill(bucket, KEYS)
  const migration = await first.engine.addNode()
  await until(() => migration.receipt().moved.keys > 20)
  await first.engine.close()
  await using second = await Stage.open({ data })
  const { engine } = second
  assert.is(engine.ring.epoch, 2)
  assert.equal(
    engine.ring.members.map(({ id }) => id),
    ['n1', 'n2', 'n3', 'n4'],
  )
  const again = engine.bucket(bucket.id)
  assert.ok(again !== undefined)
  await fill(again, KEYS)
  second.checkPlaces(again, KEYS)
  assert.is(await codeOf(async () => (await engine.addNode()).done), 'no error')
})

test.run()
