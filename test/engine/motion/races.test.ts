import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { FAILED, OP_COPY } from '../../../src/store/order.js'
import { codeOf } from '../opened.js'
import { fill, missing, moving, names, Stage, until } from './stage.js'

const test = suite('what can come between')
const KEYS = names(300)

test('a put that waits its turn outlives a flush', async () => {
  await using stage = await Stage.open()
  const { engine } = stage
  const bucket = await engine.createBucket('b')
  await fill(bucket, KEYS)
  const migration = await engine.addNode()
  await moving(engine, migration)
  stage.hold('n4')
  const moved = KEYS.filter((key) => bucket.explain(key).owner === 'n4')
  const puts = Promise.all(moved.map((key) => bucket.put(key, 'new')))
  await stage.waiting('n4')
  const flush = bucket.flush()
  await new Promise((resolve) => setTimeout(resolve, 20))
  stage.letGo('n4')
  await flush
  assert.ok((await puts).every(Boolean))
  assert.is((await migration.done).state, 'done')
  await bucket.flush()
  assert.is(bucket.usage().items, 0)
})

test('a write that waits its turn reaches no other bucket, nor a deleted one', async () => {
  await using stage = await Stage.open()
  const { engine } = stage
  const bucket = await engine.createBucket('b')
  await fill(bucket, KEYS)
  const migration = await engine.addNode()
  await moving(engine, migration)
  stage.hold('n4')
  const moved = KEYS.filter((key) => bucket.explain(key).owner === 'n4')
  const puts = moved.map((key) => codeOf(() => bucket.put(key, 'new')))
  await stage.waiting('n4')
  const gone = engine.deleteBucket(bucket.id)
  await new Promise((resolve) => setTimeout(resolve, 20))
  stage.letGo('n4')
  await gone
  const codes = new Set(await Promise.all(puts))
  assert.ok([...codes].every((code) => code === 'bucket_not_found' || code === 'no error'))
  assert.is((await migration.done).state, 'done')
})

test('a full queue delays a change of the ring, and breaks nothing', async () => {
  await using stage = await Stage.open()
  const { engine } = stage
  const bucket = await engine.createBucket('b')
  await fill(bucket, KEYS)
  stage.node('n1').room = 0
  const migration = await engine.addNode()
  await moving(engine, migration)
  for (let turn = 0; turn < 25_000; turn++) {
    await new Promise((resolve) => setImmediate(resolve))
  }
  stage.node('n1').room = 100
  assert.is((await migration.done).state, 'done')
  assert.equal(missing(bucket, KEYS), [])
  await fill(bucket, KEYS)
  stage.checkPlaces(bucket, KEYS)
})

test('a small queue at the target: the keys come one by one', async () => {
  await using stage = await Stage.open()
  const { engine } = stage
  const bucket = await engine.createBucket('b')
  await fill(bucket, KEYS)
  const migration = await engine.addNode()
  await stage.waiting('n4')
  stage.node('n4').room = 1
  assert.is((await migration.done).state, 'done')
  assert.equal(missing(bucket, KEYS), [])
  stage.node('n4').room = 100
  stage.checkPlaces(bucket, KEYS)
})

test('a limit is the share of the ring that comes before the first key does', async () => {
  await using stage = await Stage.open()
  const { engine } = stage
  for (const name of names(12)) await engine.createBucket(name, { maxBytes: 200_000 })
  const bucket = await engine.createBucket('b', { maxBytes: 200_000 })
  await fill(bucket, KEYS)
  const held: Promise<boolean>[] = []
  engine.watch((event) => {
    if (event.type !== 'ring' || event.epoch !== 2) return
    for (const key of KEYS) held.push(bucket.put(key, `value of ${key}`))
  })
  const migration = await engine.addNode()
  assert.is((await migration.done).state, 'done')
  assert.ok((await Promise.all(held)).every(Boolean))
  assert.equal(missing(bucket, KEYS), [])
  assert.is(bucket.usage().evictions, 0)
  stage.checkPlaces(bucket, KEYS)
})

test('a source whose writer is dead between copy and release', async () => {
  await using stage = await Stage.open()
  const { engine } = stage
  const bucket = await engine.createBucket('b')
  await fill(bucket, KEYS)
  const migration = await engine.addNode()
  await moving(engine, migration)
  for (const id of ['n1', 'n2', 'n3']) stage.node(id).die()
  await until(() => stage.node('n1').waiting > 0)
  const moved = KEYS.filter((key) => bucket.explain(key).owner === 'n4')
  assert.equal(missing(bucket, KEYS), [], 'both have it')
  const deletes = Promise.all(moved.map((key) => bucket.delete(key)))
  await new Promise((resolve) => setTimeout(resolve, 20))
  for (const id of ['n1', 'n2', 'n3']) stage.node(id).recover()
  assert.ok((await deletes).every(Boolean))
  await migration.done
  assert.equal(missing(bucket, KEYS), moved)
  stage.checkPlaces(bucket, KEYS)
})

test('a target that goes bad between copy and release: the source has everything', async () => {
  await using stage = await Stage.open({ nodes: 1 })
  const { engine } = stage
  const bucket = await engine.createBucket('b')
  await fill(bucket, KEYS)
  const migration = await engine.addNode()
  await moving(engine, migration)
  stage.node('n1').die()
  await until(() => stage.node('n2').waiting === 0 && stage.node('n1').waiting > 0)
  const failing = engine.failNode('n2')
  await new Promise((resolve) => setTimeout(resolve, 20))
  stage.node('n1').recover()
  await failing
  assert.is((await migration.done).state, 'failed')
  const kept = KEYS.length - missing(bucket, KEYS).length
  assert.ok(kept >= KEYS.length - migration.receipt().moved.keys, `${kept} kept`)
  await fill(bucket, KEYS)
  stage.checkPlaces(bucket, KEYS)
})

test('an item that its new owner dies of is let go, and counted', async () => {
  await using stage = await Stage.open()
  const { engine } = stage
  const bucket = await engine.createBucket('b')
  await fill(bucket, KEYS)
  const after = engine.ring.with({ id: 'n4', weight: 1 })
  const [poison, ...others] = KEYS.filter((key) => after.owner(bucket.explain(key).hash) === 'n4')
  const migration = await engine.addNode()
  await stage.waiting('n4')
  const target = stage.node('n4')
  const submit = target.submit.bind(target)
  let deaths = 0
  target.submit = (write, sink, index) => {
    if (write.op === OP_COPY && write.hash === bucket.explain(poison).hash) {
      deaths++
      setImmediate(() => sink.settle(index, FAILED, 0))
    } else {
      submit(write, sink, index)
    }
  }
  const { state, moved, dropped } = await migration.done
  assert.equal([state, moved.keys, dropped.keys], ['done', others.length, 1])
  assert.is(deaths, 1, 'once is enough: each try costs three workers')
  assert.equal(missing(bucket, KEYS), [poison])
  stage.checkPlaces(bucket, KEYS)
})

test('two keys with one hash move both', async () => {
  await using stage = await Stage.open({ nodes: 1 })
  const { engine } = stage
  const bucket = await engine.createBucket('b')
  const twins = twinsOf(bucket)
  await fill(bucket, twins)
  assert.is((await (await engine.addNode()).done).state, 'done')
  await (await engine.removeNode('n1', { force: true })).done
  assert.equal(missing(bucket, twins), [])
  await Promise.all(twins.map((key) => bucket.put(key, `value of ${key}`)))
  stage.checkPlaces(bucket, twins)
})

/** Two keys of the bucket with the same hash: a birthday among 2^32. */
function twinsOf(bucket: { explain(key: string): { hash: number } }): string[] {
  const seen = new Map<number, string>()
  for (let n = 0; n < 500_000; n++) {
    const key = `twin-${n * 7_919}-${n}-${n % 1_009}`
    const { hash } = bucket.explain(key)
    const other = seen.get(hash)
    if (other !== undefined) return [other, key]
    seen.set(hash, key)
  }
  throw new Error('no two keys with one hash')
}

test.run()
