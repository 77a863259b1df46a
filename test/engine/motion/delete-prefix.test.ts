import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { openTestEngine } from '../../../src/testing.js'
import { fill, missing, names, Stage, until } from './stage.js'
import { itemsOf } from './whereabouts.js'

const test = suite('what was deleted by its prefix does not come back')
const KEYS = names(400)

/** An economy bucket's change looks away from the keys that it is about to let go. */
for (const end of ['cancelled', 'failed', 'of the standard tier'] as const) {
  test(`where the change on the way is ${end}`, async () => {
    await using stage = await Stage.open()
    const { engine } = stage
    const bucket = await engine.createBucket('b', { tier: 'economy' })
    await fill(bucket, KEYS)
    await bucket.put('other', 'stays')
    const join = await engine.addNode({ pace: 0.01 })
    await until(() => engine['cluster'].before !== undefined)
    const shown = KEYS.length - missing(bucket, KEYS).length
    const count = await bucket.deletePrefix('k')
    assert.ok(count > 0 && count <= shown, `${count} of ${shown} keys that were shown`)
    if (end === 'cancelled') join.cancel()
    if (end === 'failed') await engine.failNode('n4')
    if (end === 'of the standard tier') await bucket.update({ tier: 'standard' })
    await join.done
    assert.is(missing(bucket, KEYS).length, KEYS.length)
    assert.equal(
      [...itemsOf(engine).keys()].filter((place) => place.includes('/k')),
      [],
    )
  })
}

/** Owner and keeper evict apart: what only a keeper has is in no list. */
for (const change of ['fail', 'leave'] as const) {
  test(`where memory was full of copies, and nodes ${change}`, async () => {
    await using cache = await openTestEngine({ nodes: 3, seed: 4 })
    const bucket = await cache.createBucket('b', { replicas: 1 })
    for (let n = 0; n < 3_000; n++) {
      const name = `${n % 2 === 0 ? 'x' : 'k'}:${(n * 7_919) % 1_500}`
      await bucket.put(name, Buffer.alloc(500 + ((n * 37) % 3_000)))
    }
    await bucket.deletePrefix('k:')
    for (const id of ['n2', 'n3']) {
      if (change === 'fail') await cache.failNode(id)
      else await cache.removeNode(id, { force: true })
      assert.equal((await bucket.list({ prefix: 'k:' })).keys, [])
    }
  })
}

test.run()
