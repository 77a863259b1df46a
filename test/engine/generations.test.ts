import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ManualClock } from '../../src/clock.js'
import { Cluster } from '../../src/engine/cluster.js'
import { Generations } from '../../src/engine/generations.js'
import { Memory } from '../../src/store/layout.js'
import { S_QUOTA_BYTES, Spaces } from '../../src/store/spaces.js'
import { codeOf } from './opened.js'

const test = suite('generations')
const SPACES = 8

async function cluster(): Promise<Cluster> {
  let range = 1
  const nodes = ['n1', 'n2'].map((id) => ({ id, weight: 1, memoryBytes: 2 ** 21 }))
  return Cluster.start(
    { epoch: 1, virtualNodes: 64, nodes },
    {
      kind: 'inline',
      spaces: SPACES,
      maxValueBytes: 65_536,
      clock: new ManualClock(),
      grantVersions: async () => range++,
      onDeath: () => {},
      onDown: () => {},
    },
  )
}

test('a number is given to one generation at a time, never 0', async () => {
  const generations = new Generations(await cluster(), SPACES)
  const open = await Promise.all(
    Array.from({ length: SPACES - 1 }, () => generations.open(7, undefined)),
  )
  assert.equal(
    open.sort((a, b) => a - b),
    [1, 2, 3, 4, 5, 6, 7],
  )
  assert.is(await codeOf(() => generations.open(7, undefined)), 'overloaded')
  await generations.kill(4)
  assert.is(await generations.open(7, undefined), 4)
})

test('a number comes back last, so that late readers of it find nothing', async () => {
  const generations = new Generations(await cluster(), SPACES)
  const first = await generations.open(7, undefined)
  await generations.kill(first)
  const next = []
  for (let n = 0; n < SPACES - 2; n++) {
    next.push(await generations.open(7, undefined))
  }
  assert.is(next.includes(first), false)
})

test('each node gets its share of a limit; one beyond all memory takes nothing', async () => {
  const nodes = await cluster()
  const generations = new Generations(nodes, SPACES)
  const quotas = (space: number) =>
    nodes.nodes.map(({ memory }) => new Spaces(Memory.attach(memory)).float(space, S_QUOTA_BYTES))
  const space = await generations.open(7, 1_000_000)
  const shares = nodes.ring.shares()
  assert.equal(
    quotas(space),
    nodes.nodes.map(({ id }) => Math.floor(1_000_000 * (shares.get(id) ?? 0))),
  )
  await generations.configure(space, 7, undefined)
  assert.equal(quotas(space), [0, 0], 'no limit')
  await generations.configure(space, 7, 1)
  assert.equal(quotas(space), [1, 1], 'not taken for none')
  await generations.configure(space, 7, Number.MAX_SAFE_INTEGER)
  assert.ok(quotas(space).every((bytes) => bytes >= 2 ** 30))
})

test.run()
