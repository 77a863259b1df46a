import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Bucket } from '../../../src/engine/bucket.js'
import { ask } from '../../../src/engine/motion/ask.js'
import { HeldKey, orderOf } from '../../../src/engine/motion/held.js'
import { KeyScratch } from '../../../src/key.js'
import { DONE, OP_RELEASE } from '../../../src/store/order.js'
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

test('fewer copies: the surplus ones are gone, also where another repair ends meanwhile', async () => {
  await using stage = await Stage.open({ nodes: 4 })
  const { engine } = stage
  const a = await engine.createBucket('a', { replicas: 2 })
  const b = await engine.createBucket('b', { replicas: 2 })
  await fill(a, names(120, 'a'))
  await fill(b, names(120, 'b'))
  await a.update({ replicas: 1 })
  const [repair] = engine.migrations()
  await until(() => engine['membership'].changes.running === repair)
  stage.hold('n1')
  await stage.waiting('n1')
  const update = b.update({ replicas: 0 })
  await until(() => b.record.replicas === 0)
  stage.letGo('n1')
  await update
  await stage.still()
  const items = [...itemsOf(engine).keys()]
  assert.is(items.filter((item) => item.includes('/a')).length, 240)
  assert.is(items.filter((item) => item.includes('/b')).length, 120)
  assert.equal([a.outreach, b.outreach], [1, 0])
})

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
  const order = orderOf(held, stage.engine.ring.epoch, OP_RELEASE)
  assert.is((await ask(stage.node(id), order)).outcome, DONE)
}

test.run()
