import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Tally } from '../../../src/engine/motion/receipt.js'
import { inArc, moves, type Ring } from '../../../src/ring/index.js'
import { codeOf } from '../opened.js'
import { fill, missing, names, Stage } from './stage.js'
import { itemsOf } from './whereabouts.js'

const test = suite('the plan of a change, and what it comes to')
const COUNT = 6_000
const KEYS = names(COUNT)
const big = { memory: '40mb', virtualNodes: 1_024 } as const

for (const replicas of [0, 1]) {
  test(`${COUNT} keys, ${replicas} copies: exactly the planned ones move`, async () => {
    await using stage = await Stage.open({ ...big, nodes: 4 })
    const { engine } = stage
    const bucket = await engine.createBucket('b', { replicas })
    await fill(bucket, KEYS)
    for (const kind of ['join', 'leave'] as const) {
      const before = engine.ring
      const dryRun = await (kind === 'join' ? engine.planAddNode() : engine.planRemoveNode('n2'))
      assert.is(engine.ring, before, 'a dry run changes nothing')
      const migration = await (kind === 'join' ? engine.addNode() : engine.removeNode('n2'))
      const { state, planned, moved, dropped, arcs, share } = await migration.done
      assert.is(state, 'done')
      assert.equal([planned, arcs, share], [dryRun.planned, dryRun.arcs, dryRun.share])
      assert.equal(moved, planned)
      assert.is(dropped.keys, 0)
      assert.equal(moved.digest, digestOf(bucket, inside(bucket, KEYS, before, engine.ring)))
      // 1/5 of the keys, give or take what 1,024 tokens leave uneven.
      assert.ok(moved.keys <= (1.1 / 5) * COUNT || kind === 'leave', `${moved.keys} moved`)
      assert.equal(missing(bucket, KEYS), [])
    }
    stage.checkPlaces(bucket, KEYS)
  })
}

test('one node more, one fifth of the keys, all of them in the arcs that it takes', async () => {
  await using stage = await Stage.open({ ...big, nodes: 4, memory: '64mb' })
  const { engine } = stage
  const bucket = await engine.createBucket('b')
  const keys = names(50_000)
  await fill(bucket, keys)
  const before = engine.ring
  const placed = new Set(itemsOf(engine).keys())
  const { moved } = await (await engine.addNode()).done
  const changed = [...itemsOf(engine).keys()].filter((place) => !placed.has(place))
  assert.is(changed.length, moved.keys)
  assert.ok(moved.keys <= (1.1 / 5) * keys.length, `${moved.keys} of ${keys.length}`)
  for (const place of changed) {
    assert.ok(place.startsWith('n5/'))
  }
  for (const place of changed) {
    const { hash } = bucket.explain(place.slice(3))
    assert.is.not(before.owner(hash), engine.ring.owner(hash))
  }
})

test('economy: what is missed was in a moved arc, and the plan said so', async () => {
  await using stage = await Stage.open({ ...big, nodes: 4 })
  const { engine } = stage
  const bucket = await engine.createBucket('b', { tier: 'economy' })
  await fill(bucket, KEYS)
  const before = engine.ring
  const dryRun = await engine.planAddNode()
  const { planned, moved, dropped } = await (await engine.addNode()).done
  const missed = missing(bucket, KEYS)
  assert.equal(missed, inside(bucket, KEYS, before, engine.ring))
  assert.equal([planned.keys, moved.keys], [0, 0])
  assert.equal(dropped, dryRun.dropped)
  assert.equal([dropped.keys, dropped.digest], [missed.length, digestOf(bucket, missed)])
  const { items, droppedByMove, deletes, evictions } = bucket.usage()
  assert.equal([items, droppedByMove], [COUNT - missed.length, missed.length])
  assert.equal([deletes, evictions], [0, 0])
})

test('economy: what its next owner keeps a copy of stays, and the plan said so', async () => {
  await using stage = await Stage.open({ ...big, nodes: 4 })
  const { engine } = stage
  const bucket = await engine.createBucket('b', { tier: 'economy', replicas: 1 })
  await fill(bucket, KEYS)
  for (const kind of ['leave', 'join'] as const) {
    const dryRun = await (kind === 'join' ? engine.planAddNode() : engine.planRemoveNode('n2'))
    const migration = await (kind === 'join' ? engine.addNode() : engine.removeNode('n2'))
    const { planned, moved, dropped } = await migration.done
    assert.equal([moved, dropped], [dryRun.planned, dryRun.dropped])
    assert.equal(planned, moved)
    assert.is(missing(bucket, KEYS).length, dropped.keys)
    assert.is(moved.keys > 0, kind === 'leave', `${kind}: ${moved.keys} moved`)
    assert.is(dropped.keys > 0, kind === 'join', `${kind}: ${dropped.keys} dropped`)
  }
})

test('economy: writes while keys move drop what they find, and the count is the plan', async () => {
  await using stage = await Stage.open()
  const { engine } = stage
  const bucket = await engine.createBucket('b', { tier: 'economy' })
  const keys = names(400)
  await fill(bucket, keys)
  const migration = await engine.addNode()
  const writes: Promise<unknown>[] = []
  engine.watch((event) => {
    if (event.type === 'ring' && event.epoch === 2) {
      for (const key of keys.slice(0, 200)) writes.push(bucket.put(key, `value of ${key}`))
    }
  })
  const { planned, dropped } = await migration.done
  await Promise.all(writes)
  assert.is(planned.keys, 0)
  assert.is(dropped.keys, bucket.usage().droppedByMove)
  const moved = keys.filter((key) => bucket.explain(key).owner === 'n4')
  assert.is(dropped.keys, moved.length)
  assert.equal(
    missing(bucket, keys),
    moved.filter((key) => Number(key.slice(1)) >= 200),
  )
})

test('a ring too small for what it holds is refused, unless forced', async () => {
  await using stage = await Stage.open({ nodes: 2 })
  const { engine } = stage
  const bucket = await engine.createBucket('b')
  const keys = names(3_200)
  const value = 'x'.repeat(900)
  for (const key of keys) await bucket.put(key, value)
  assert.is(bucket.usage().evictions, 0)
  const plan = await engine.planRemoveNode('n2')
  assert.is(plan.fits, false)
  assert.ok(plan.targets[0].incomingBytes > plan.targets[0].freeBytes)
  assert.is(await codeOf(() => engine.removeNode('n2')), 'ring_too_small')
  assert.is(engine.migrations().length, 0)
  const { state, planned, moved } = await (await engine.removeNode('n2', { force: true })).done
  assert.is(state, 'done')
  assert.ok(moved.keys > 0 && moved.keys <= planned.keys)
  assert.ok(bucket.usage().evictions > 0)
  for (const key of keys) assert.ok([value, undefined].includes(bucket.getTextSync(key)))
})

test('what cannot be asked for', async () => {
  await using stage = await Stage.open({ nodes: 2 })
  const { engine } = stage
  const first = await engine.addNode({ id: 'mine' })
  assert.is(await codeOf(() => engine.addNode({ id: 'mine' })), 'node_exists')
  assert.is(await codeOf(() => engine.addNode({ id: 'n1' })), 'node_exists')
  assert.is(await codeOf(() => engine.planAddNode({ id: 'n1' })), 'node_exists')
  assert.is(await codeOf(() => engine.addNode({ id: 'no/name' })), 'invalid_option')
  for (const weight of [0, -1, Number.NaN, 1e9]) {
    assert.is(await codeOf(() => engine.addNode({ weight })), 'invalid_option')
  }
  for (const pace of [0, 2, Number.NaN]) {
    assert.is(await codeOf(() => engine.addNode({ pace })), 'invalid_option')
    assert.is(await codeOf(() => engine.removeNode('n1', { pace })), 'invalid_option')
  }
  assert.is(await codeOf(() => engine.removeNode('n9')), 'node_not_found')
  assert.is(await codeOf(() => engine.planRemoveNode('n9')), 'node_not_found')
  await first.done
  await (await engine.removeNode('mine')).done
  await (await engine.removeNode('n1')).done
  assert.is(await codeOf(() => engine.removeNode('n2')), 'last_node')
  assert.is(await codeOf(() => engine.planRemoveNode('n2')), 'last_node')
  assert.is(await codeOf(() => engine.failNode('n2')), 'last_node')
})

test('64 changes wait, and one more is refused', async () => {
  await using stage = await Stage.open({ nodes: 1 })
  const { engine } = stage
  stage.hold('n2')
  for (let n = 0; n < 64; n++) await engine.addNode()
  assert.is(await codeOf(() => engine.addNode()), 'overloaded')
  for (const migration of engine.migrations().slice(0, -1)) migration.cancel()
  await engine.addNode()
  assert.is(engine.migrations().filter((one) => !one.hasEnded).length, 2)
  await stage.waiting('n2')
  stage.letGo('n2')
  await stage.still()
  assert.equal(
    engine.ring.members.map(({ id }) => id),
    ['n1', 'n2', 'n66'],
  )
})

interface Explains {
  explain(key: string): { readonly hash: number }
}

function digestOf(bucket: Explains, keys: readonly string[]): string {
  const tally = new Tally()
  for (const key of keys) tally.add(bucket.explain(key).hash, 0)
  return tally.amount.digest
}

/** The keys in the arcs that change owner from one ring to the other. */
function inside(bucket: Explains, keys: readonly string[], from: Ring, to: Ring): string[] {
  const arcs = moves(from, to)
  return keys.filter((key) => {
    const { hash } = bucket.explain(key)
    return arcs.some((arc) => inArc(arc, hash))
  })
}

test.run()
