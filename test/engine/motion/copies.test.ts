import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Bucket } from '../../../src/engine/bucket.js'
import { ask } from '../../../src/engine/motion/ask.js'
import { HeldKey, orderOf } from '../../../src/engine/motion/held.js'
import { KeyScratch } from '../../../src/key.js'
import { DONE, OP_RELEASE } from '../../../src/store/order.js'
import { openTestEngine } from '../../../src/testing.js'
import { Chance } from '../../store/chance.js'
import { fill, missing, names, Stage, until } from './stage.js'
import { itemsOf } from './whereabouts.js'

const test = suite('copies')
const KEYS = names(120)

test('a put with a condition that a change of the ring overtakes has one outcome', async () => {
  for (const onlyIf of [{ kind: 'absent' as const }, undefined]) {
    await using stage = await Stage.open()
    const { engine } = stage
    const bucket = await engine.createBucket('b', { replicas: 1 })
    const key = names(100).find((one) => bucket.explain(one).owner === 'n3') ?? ''
    const [keeper] = bucket.explain(key).successors
    stage.hold(keeper)
    const put = bucket.write(key, 'v', { onlyIf })
    await stage.waiting(keeper)
    const leave = await engine.removeNode('n3', { force: true })
    await until(() => engine['cluster'].before !== undefined)
    stage.letGo(keeper) // the copy is made, and the owner refuses to store what an old ring sent
    assert.is((await put).outcome, 'created')
    await leave.done
    assert.is(bucket.lookup(key)?.version, (await put).version)
    stage.checkPlaces(bucket, [key])
    assert.is(bucket.usage().puts, 1)
  }
})

test('a delete of a key that its owner has evicted deletes the copies', async () => {
  await using stage = await Stage.open()
  const { engine } = stage
  const bucket = await engine.createBucket('b', { replicas: 1 })
  await fill(bucket, ['k0'])
  const { owner } = bucket.explain('k0')
  await evict(stage, bucket, 'k0', owner)
  assert.is(bucket.getTextSync('k0'), undefined)
  assert.is(await bucket.delete('k0'), false)
  await engine.failNode(owner)
  assert.is(bucket.getTextSync('k0'), undefined, 'deleted, and back again')
})

test('a touch that comes too late leaves no copy behind', async () => {
  await using stage = await Stage.open()
  const { engine, clock } = stage
  const bucket = await engine.createBucket('b', { replicas: 1 })
  await bucket.put('k0', 'v', { ttl: 100 })
  const { owner, successors } = bucket.explain('k0')
  stage.hold(owner)
  const touch = bucket.touch('k0', 1_000)
  await stage.waiting(owner)
  clock.advance(100)
  stage.letGo(owner)
  assert.is(await touch, false)
  assert.is(itemsOf(engine).has(`${successors[0]}/k0`), false)
  await engine.failNode(owner)
  assert.is(bucket.getTextSync('k0'), undefined, 'it had expired')
})

test('a put that ends on its way uncovers nothing older', async () => {
  await using stage = await Stage.open()
  const { engine, clock } = stage
  const bucket = await engine.createBucket('b', { replicas: 1 })
  await bucket.put('k0', 'old')
  const { owner, successors } = bucket.explain('k0')
  stage.hold(successors[0])
  const put = bucket.put('k0', 'new', { ttl: 100 })
  await stage.waiting(successors[0])
  clock.advance(100)
  stage.letGo(successors[0])
  assert.is(await put, true)
  assert.is(bucket.getTextSync('k0'), undefined)
  await engine.failNode(owner)
  assert.is(bucket.getTextSync('k0'), undefined, 'it had been replaced')
})

test('fewer copies: the surplus ones are gone', async () => {
  await using stage = await Stage.open({ nodes: 4 })
  const { engine } = stage
  const bucket = await engine.createBucket('b', { replicas: 2 })
  await fill(bucket, KEYS)
  await bucket.update({ replicas: 0 })
  assert.is(bucket.outreach, 2, 'there may be two more')
  await bucket.delete('k0')
  await stage.still()
  assert.is(bucket.outreach, 0)
  assert.equal(missing(bucket, KEYS), ['k0'])
  stage.checkPlaces(bucket, KEYS)
})

test('a look at every key that began before says nothing of surplus copies', async () => {
  await using stage = await Stage.open()
  const { engine } = stage
  const bucket = await engine.createBucket('b', { replicas: 1 })
  await fill(bucket, KEYS)
  stage.hold('n4')
  const join = await engine.addNode()
  engine['bucketList'].repairing()
  await bucket.update({ replicas: 0 })
  engine['bucketList'].repaired()
  assert.is(bucket.outreach, 1)
  await stage.waiting('n4')
  join.cancel()
  stage.letGo('n4')
  await stage.still()
  assert.is(bucket.outreach, 0)
  stage.checkPlaces(bucket, KEYS)
})

test('however many changes wait, copies are made, by one look at every key', async () => {
  await using stage = await Stage.open()
  const { engine } = stage
  const bucket = await engine.createBucket('b')
  await fill(bucket, KEYS)
  let letGo = () => {}
  const gate = new Promise<void>((resolve) => {
    letGo = resolve
  })
  stage.beforeDisk = () => gate
  const joins = []
  for (let n = 0; n < 64; n++) joins.push(await engine.addNode())
  for (const replicas of [1, 2, 1]) await bucket.update({ replicas })
  const failing = engine.failNode('n1')
  for (const join of joins) join.cancel()
  letGo()
  await failing
  await stage.still()
  const repairs = engine.migrations().filter((one) => one.kind === 'repair')
  assert.equal(
    repairs.map((one) => `${one.node} ${one.receipt().state}`),
    ['n1 done', ' done'],
  )
  stage.checkPlaces(bucket, KEYS)
})

for (const [from, to] of [
  [1, 2],
  [2, 1],
]) {
  test(`${to} copies instead of ${from}, also of what is being written`, async () => {
    await using stage = await Stage.open()
    const { engine } = stage
    const bucket = await engine.createBucket('b', { replicas: from })
    const { owner, successors } = bucket.explain('k0')
    stage.hold(successors[0])
    const put = bucket.put('k0', 'v')
    await stage.waiting(successors[0])
    const update = bucket.update({ replicas: to })
    await until(() => bucket.record.replicas === to && stage.node(owner).waiting === 0)
    stage.hold(owner)
    stage.letGo(successors[0])
    await stage.waiting(owner) // the fence has passed, and the owner has not stored it
    await new Promise((resolve) => setTimeout(resolve, 50))
    stage.letGo(owner)
    assert.is(await put, true)
    await update
    await stage.still()
    stage.checkPlaces(bucket, ['k0'])
  })
}

test('more copies: also of what is written meanwhile', async () => {
  await using stage = await Stage.open()
  const { engine } = stage
  const bucket = await engine.createBucket('b')
  await fill(bucket, KEYS)
  const writes = bucket.putMany(KEYS.map((key) => [key, `value of ${key}`]))
  await bucket.update({ replicas: 2 })
  await bucket.deleteMany(KEYS.slice(0, 10))
  await writes
  await stage.still()
  assert.is(bucket.outreach, 2)
  assert.equal(missing(bucket, KEYS), KEYS.slice(0, 10))
  stage.checkPlaces(bucket, KEYS)
})

/** As if the node had run out of memory. */
async function evict(stage: Stage, bucket: Bucket, key: string, id: string): Promise<void> {
  const scratch = new KeyScratch()
  scratch.encode(key)
  const { hash } = bucket.explain(key)
  const held = new HeldKey(bucket, bucket.reads.space, hash, scratch.words, scratch.length)
  const order = orderOf(held, stage.engine['cluster'].fence, OP_RELEASE)
  assert.is((await ask(stage.node(id), order)).outcome, DONE)
}

/** Each copy that is made pushes another one out, of a key that is met again. */
test('copies that have no room do not keep a change of the ring from its end', async () => {
  for (const seed of [26, 47, 50]) {
    await using cache = await openTestEngine({ nodes: 2, seed })
    const bucket = await cache.createBucket('b', { replicas: 1 })
    const chance = new Chance(seed)
    for (let round = 0; round < 20; round++) {
      for (let n = 0; n < 600; n++) {
        const length = chance.below(chance.once(2) ? 300 : 20_000)
        await bucket.put(`k${chance.below(100)}`, 'v'.repeat(length))
      }
      const [{ id }, ...others] = cache.ring.members
      const isFull = others.length === 2
      const change = isFull ? cache.removeNode(id, { force: true }) : cache.addNode()
      const { state, problem, moved } = (await change).receipt()
      assert.is(problem, null, `seed ${seed}`)
      assert.is(state, 'done')
      assert.ok(moved.keys <= 100, `seed ${seed}: ${moved.keys} keys moved, of 100`)
    }
  }
})

test.run()
