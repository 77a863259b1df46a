import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ManualClock } from '../../src/clock.js'
import { Cluster, type ClusterOptions } from '../../src/engine/cluster.js'
import { codeOf, opened } from './opened.js'

const test = suite('cluster')

function options(grantVersions: () => Promise<number>): ClusterOptions {
  return {
    kind: 'worker',
    spaces: 8,
    maxValueBytes: 65_536,
    clock: new ManualClock(),
    grantVersions,
    onDeath: () => {},
    onDown: () => {},
  }
}

const nodes = ['n1', 'n2'].map((id) => ({ id, weight: 1, memoryBytes: 2 ** 21 }))
const record = { epoch: 1, virtualNodes: 64, nodes }

test('each node has versions of its own, and gets more before they run out', async () => {
  let range = 0
  const cluster = await Cluster.start(
    record,
    options(async () => ++range),
  )
  try {
    assert.is(range, 2)
    const before = cluster.nodes.map((node) => node.versionsLeft())
    assert.ok(before.every((left) => left > 1_000_000))
    await cluster.topUp()
    assert.is(range, 2, 'nobody needs more yet')
  } finally {
    await cluster.close()
  }
})

test('a start that fails leaves no thread behind', async () => {
  const failing = options(async () => {
    throw new Error('the disk is full')
  })
  let message = ''
  await Cluster.start(record, failing).catch((error: Error) => {
    message = error.message
  })
  assert.is(message, 'the disk is full')
})

test('close ends what is under way on every node', async () => {
  await using opening = await opened({ kind: 'worker', nodes: 3, memory: '12mb' })
  const bucket = await opening.engine.createBucket('b')
  const puts = Array.from({ length: 1_000 }, (_, n) => bucket.put(`k${n}`, 'v'))
  await opening.engine.close()
  assert.equal(new Set(await Promise.all(puts)), new Set([true]))
  assert.is(await codeOf(() => bucket.put('k', 'v')), 'closed')
  assert.equal(
    opening.engine.ringStatus().nodes.map(({ state }) => state),
    ['down', 'down', 'down'],
  )
})

test.run()
