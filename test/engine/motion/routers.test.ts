import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Bucket } from '../../../src/engine/bucket.js'
import { type Answer, ask } from '../../../src/engine/motion/ask.js'
import { HeldKey, orderOf } from '../../../src/engine/motion/held.js'
import { KeyScratch } from '../../../src/key.js'
import { NEVER } from '../../../src/store/item.js'
import { OP_DELETE, OP_PUT, OP_TOUCH, REPLACED, STALE } from '../../../src/store/order.js'
import { fill, missing, moving, names, Stage } from './stage.js'

/** A change of the ring while two routers disagree: github.com/mailgun/groupcache/issues/72. */
const test = suite('two routers disagree for a moment')
const KEYS = names(300)

/** A write by a router that went by routes of that fence. */
function send(
  stage: Stage,
  bucket: Bucket,
  fence: number,
  to: string,
  key: string,
  op: number,
): Promise<Answer> {
  const scratch = new KeyScratch()
  scratch.encode(key)
  const { hash } = bucket.explain(key)
  const held = new HeldKey(bucket, bucket.reads.space, hash, scratch.words, scratch.length)
  return ask(
    stage.node(to),
    orderOf(held, fence, op, { deadline: NEVER, value: 'of the late one' }),
  )
}

test('the old owner refuses what the late one sends, and nothing acknowledged is lost', async () => {
  await using stage = await Stage.open()
  const { engine } = stage
  const bucket = await engine.createBucket('b')
  await fill(bucket, KEYS)
  const owners = new Map(KEYS.map((key) => [key, bucket.explain(key).owner]))
  const migration = await engine.addNode()
  await moving(engine, migration)
  await engine['cluster'].current.fenced
  for (const key of KEYS) {
    const owner = owners.get(key) ?? ''
    for (const op of [OP_PUT, OP_DELETE, OP_TOUCH]) {
      assert.is((await send(stage, bucket, 1, owner, key, op)).outcome, STALE)
    }
  }
  assert.equal(missing(bucket, KEYS), [])
  await migration.done
  assert.equal(missing(bucket, KEYS), [])
  stage.checkPlaces(bucket, KEYS)
})

test('what the late one sent before the fence is acknowledged, and moves along', async () => {
  await using stage = await Stage.open()
  const { engine } = stage
  const bucket = await engine.createBucket('b')
  await fill(bucket, KEYS)
  const moved = KEYS.filter(
    (key) => engine.ring.with({ id: 'n4', weight: 1 }).owner(bucket.explain(key).hash) === 'n4',
  )
  assert.ok(moved.length > 20)
  const sent: Promise<Answer>[] = []
  stage.beforeDisk = ({ epoch }) => {
    if (epoch !== 2) return
    for (const key of moved) {
      sent.push(send(stage, bucket, 1, bucket.explain(key).owner, key, OP_PUT))
    }
  }
  await (await engine.addNode()).done
  for (const { outcome } of await Promise.all(sent)) assert.is(outcome, REPLACED)
  for (const key of moved) assert.is(bucket.getTextSync(key), 'of the late one')
  stage.checkPlaces(bucket, KEYS)
})

test('a write by this router waits for the fence, whoever is slow', async () => {
  await using stage = await Stage.open()
  const { engine } = stage
  const bucket = await engine.createBucket('b')
  await fill(bucket, KEYS)
  stage.hold('n1')
  const first = Promise.all(KEYS.map((key) => bucket.put(key, 'first')))
  const migration = await engine.addNode()
  await moving(engine, migration)
  const second = Promise.all(KEYS.map((key) => bucket.put(key, `value of ${key}`)))
  await new Promise((resolve) => setTimeout(resolve, 20))
  stage.letGo('n1')
  await Promise.all([first, second])
  await migration.done
  assert.equal(missing(bucket, KEYS), [])
  stage.checkPlaces(bucket, KEYS)
})

test.run()
