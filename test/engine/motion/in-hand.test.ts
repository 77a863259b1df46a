import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Engine } from '../../../src/engine/engine.js'
import { holdersOf } from '../../../src/engine/routes.js'
import { codeOf } from '../opened.js'
import { fill, moving, names, Stage, until } from './stage.js'

const test = suite('a write in hand')

test('what a keeper has and the owner has not yet is seen by nobody, be it the former owner', async () => {
  await using stage = await Stage.open()
  const { engine } = stage
  const bucket = await engine.createBucket('b', { replicas: 1 })
  await fill(bucket, names(400))
  const join = await engine.addNode()
  await moving(engine, join)
  const cluster = engine['cluster']
  await cluster.current.fenced
  stage.hold('n4')
  const key = names(10_000, 'fresh').find((one) => {
    const { hash } = bucket.explain(one)
    const [owner, keeper] = holdersOf(cluster, hash, 1)
    const former = cluster.before === undefined ? undefined : holdersOf(cluster.before, hash, 0)[0]
    return owner.id === 'n4' && keeper === former
  })
  assert.ok(key !== undefined)
  const { hash } = bucket.explain(key)
  const [, keeper] = holdersOf(cluster, hash, 1)
  const handle = engine.handle()
  using attached = Engine.attach(structuredClone(handle, { transfer: handle.transfer }))
  const put = bucket.put(key, 'new')
  const before = keeper.counts(bucket.reads.space).items
  await until(() => keeper.counts(bucket.reads.space).items > before)
  assert.is(bucket.getTextSync(key), undefined)
  assert.is(await codeOf(() => attached.bucket(bucket.id)?.getTextSync(key)), 'busy')
  stage.letGo('n4')
  assert.is(await put, true)
  assert.is(bucket.getTextSync(key), 'new')
  assert.is(attached.bucket(bucket.id)?.getTextSync(key), 'new')
  await stage.still()
  assert.is(bucket.getTextSync(key), 'new')
})

test('where the ring turns back in its midst, the owner until then is the one that counts', async () => {
  await using stage = await Stage.open({ nodes: 2 })
  const { engine } = stage
  const bucket = await engine.createBucket('b', { replicas: 1 })
  const keys = names(400)
  await fill(bucket, keys)
  const key = keys.find((one) => bucket.explain(one).owner === 'n2') ?? ''
  const mover = engine['membership']['mover']
  const run = mover.run.bind(mover)
  mover.run = (job) => until(() => job.isStopped()) // only writes move keys
  const leave = await engine.removeNode('n2', { force: true })
  await moving(engine, leave)
  await bucket.put(key, 'old')
  mover.run = run
  stage.hold('n1')
  const put = bucket.put(key, 'new')
  await stage.waiting('n1')
  leave.cancel()
  await until(() => engine.ring.epoch === 3)
  assert.is(bucket.explain(key).owner, 'n2')
  assert.is(bucket.getTextSync(key), 'old')
  stage.letGo('n1')
  assert.is(await put, true)
  assert.is(bucket.getTextSync(key), 'new')
  await leave.done
  stage.checkPlaces(bucket, keys)
})

test.run()
