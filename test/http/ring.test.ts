import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { z } from 'zod'
import * as schemas from '../../src/http/schemas.js'
import { movedShare } from '../../src/ring/moves.js'
import { type Answer, type Json, type Served, serve } from './served.js'

const ring = suite('http ring')

let served: Served

ring.before.each(async () => {
  served = await serve()
})
ring.after.each(() => served.close())

function call(method: string, path: string, body?: object): Promise<Answer> {
  return served.call(method, path, { key: served.root, ...(body === undefined ? {} : { body }) })
}

async function refused(answer: Promise<Answer>, status: number, code: string): Promise<Json> {
  const { status: got, json, headers, text } = await answer
  assert.is(got, status, text)
  assert.is(json.code, code)
  assert.is(headers['content-type'], 'application/problem+json')
  return json
}

/** The answer is what its schema says, and nothing else. */
function conforms(schema: z.ZodType, { text }: Answer): void {
  const json: unknown = JSON.parse(text)
  assert.equal(schema.parse(json), json)
}

async function ended(id: string | null): Promise<Json> {
  for (let tries = 0; tries < 2_000; tries++) {
    const { json, status, text } = await call('GET', `/v1/migrations/${id}`)
    assert.is(status, 200, text)
    if (json.state !== 'queued' && json.state !== 'running') return json
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  throw new Error(`migration ${id} does not end`)
}

async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (let tries = 0; tries < 2_000; tries++) {
    const found = await look()
    if (found !== undefined) return found
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  throw new Error('what was waited for does not come')
}

async function states(): Promise<Record<string, string>> {
  const { json } = await call('GET', '/v1/ring')
  return Object.fromEntries(json.nodes.map(({ id, state }) => [id, state]))
}

/** Fills a bucket, and gives what checks that all of it is still there. */
async function filled(count: number, options: object = {}): Promise<() => Promise<void>> {
  const { path, key } = await served.bucket(options)
  const keys = Array.from({ length: count }, (_, i) => `key-${i}`)
  const put = await served.call('POST', `${path}/batch/put`, { key, body: { keys, values: keys } })
  assert.is(put.status, 200, put.text)
  return async () => {
    const got = await served.call('POST', `${path}/batch/get`, { key, body: { keys } })
    assert.equal(got.json.values, keys)
  }
}

ring('a node joins and leaves again, receipts tell of it, and no key is missed', async () => {
  const whole = await filled(600)
  const before = (await call('GET', '/v1/ring')).json
  assert.equal(before.migrations, [])

  const added = await call('POST', '/v1/nodes')
  assert.is(added.status, 202, added.text)
  assert.equal(Object.keys(added.json).sort(), ['migration', 'node'])
  assert.is(added.headers.location, `/v1/migrations/${added.json.migration}`)
  const joined = await ended(added.json.migration)
  assert.is(joined.state, 'done', JSON.stringify(joined))
  assert.is(joined.kind, 'join')
  assert.is(joined.node, added.json.node)
  assert.ok(joined.moved.keys > 100 && joined.moved.keys < 300, `${joined.moved.keys}`)
  assert.equal(joined.moved, joined.planned)
  await whole()

  const grown = (await call('GET', '/v1/ring')).json
  assert.is(grown.epoch, joined.epochs.at(-1))
  assert.ok(grown.epoch > before.epoch)
  assert.equal(await states(), { n1: 'serving', n2: 'serving', [joined.node]: 'serving' })
  assert.equal(
    grown.migrations.map(({ id }) => id),
    [joined.id],
  )

  const removed = await call('DELETE', `/v1/nodes/${joined.node}`)
  assert.is(removed.status, 202, removed.text)
  assert.is(removed.headers.location, `/v1/migrations/${removed.json.migration}`)
  const left = await ended(removed.json.migration)
  assert.is(left.state, 'done', JSON.stringify(left))
  assert.is(left.kind, 'leave')
  assert.equal(await states(), { n1: 'serving', n2: 'serving' })
  await whole()

  const list = await call('GET', '/v1/migrations')
  assert.equal(
    list.json.migrations.map(({ id }) => id),
    [left.id, joined.id],
  )
})

ring('a dry run answers the plan, and nothing moves', async () => {
  await filled(300)
  const join = await call('POST', '/v1/nodes?dryRun=true', { weight: 2 })
  assert.is(join.status, 200, join.text)
  assert.is(join.json.kind, 'join')
  assert.ok(join.json.planned.keys > 80)
  assert.ok(join.json.arcs > 0)
  assert.is(join.json.fits, true)
  const leave = await call('DELETE', '/v1/nodes/n2?dryRun=true')
  assert.is(leave.status, 200, leave.text)
  assert.is(leave.json.kind, 'leave')
  assert.is(leave.json.node, 'n2')
  assert.equal(
    leave.json.targets.map(({ id }) => id),
    ['n1'],
  )
  assert.equal((await call('GET', '/v1/migrations')).json.migrations, [])
  assert.equal(await states(), { n1: 'serving', n2: 'serving' })
})

ring('a plan shows its arcs where it is asked to, and a ring those that move', async () => {
  await filled(900)
  const plan = (await call('POST', '/v1/nodes?dryRun=true&arcs=true', { weight: 2 })).json
  assert.ok(plan.moves.length > 400 && plan.moves.length <= 2_048, `${plan.moves.length}`)
  assert.ok(plan.moves.every(({ target }) => target === plan.node))
  assert.ok(Math.abs(movedShare(plan.moves) - plan.share) < 0.05)
  const leave = (await call('DELETE', '/v1/nodes/n2?dryRun=true&arcs=true')).json
  assert.ok(leave.moves.every(({ source, target }) => source === 'n2' && target === 'n1'))
  assert.equal((await call('GET', '/v1/ring')).json.moves, [])

  const { json: added } = await call('POST', '/v1/nodes?pace=0.01', { weight: 2 })
  const moving = await until(async () => {
    const { json } = await call('GET', '/v1/ring')
    return json.moves.length > 0 ? json : undefined
  })
  assert.equal(moving.moves, plan.moves)
  const back = await call('DELETE', `/v1/migrations/${added.migration}`)
  assert.is(back.status, 202, back.text)
  await ended(added.migration)
  assert.equal((await call('GET', '/v1/ring')).json.moves, [])
})

ring(
  'changes asked at once wait for one another; one that waits or runs can be cancelled',
  async () => {
    const whole = await filled(900)
    const asked = await Promise.all([
      call('POST', '/v1/nodes?pace=0.01', { weight: 1 }),
      call('POST', '/v1/nodes', { weight: 1 }),
    ])
    const [first, second] = asked.map(({ json, status, text }) => {
      assert.is(status, 202, text)
      return json.migration
    })
    for (const id of [second, first]) {
      const cancelled = await call('DELETE', `/v1/migrations/${id}`)
      assert.is(cancelled.status, 202, cancelled.text)
      assert.is(cancelled.json.id, id)
      assert.ok(cancelled.json.cancelling || cancelled.json.state === 'cancelled', cancelled.text)
    }
    for (const id of [first, second]) assert.is((await ended(id)).state, 'cancelled')
    assert.equal(await states(), { n1: 'serving', n2: 'serving' })
    await whole()
    await refused(call('DELETE', `/v1/migrations/${first}`), 409, 'migration_ended')
  },
)

ring('a host goes bad: the ring closes over it, and copies are made again', async () => {
  await call('POST', '/v1/nodes').then(({ json }) => ended(json.migration))
  const whole = await filled(300, { replicas: 1 })
  const { epoch } = (await call('GET', '/v1/ring')).json
  const failed = await call('POST', '/v1/nodes/n1/fail')
  assert.is(failed.status, 202, failed.text)
  assert.ok(failed.json.epoch > epoch)
  await whole()
  const repair = await ended(failed.json.migration)
  assert.is(repair.kind, 'repair')
  assert.is(repair.state, 'done')
  assert.is(failed.headers.location, `/v1/migrations/${repair.id}`)
  assert.not.ok('n1' in (await states()) && (await states())['n1'] === 'serving')
  await whole()

  const back = await call('POST', '/v1/nodes', { id: 'n1' })
  assert.is(back.status, 202, back.text)
  assert.is(back.json.node, 'n1')
  assert.is((await ended(back.json.migration)).state, 'done')
  assert.is((await states())['n1'], 'serving')
  await whole()
})

ring('where nothing has copies, nothing is repaired', async () => {
  const failed = await call('POST', '/v1/nodes/n2/fail', {})
  assert.is(failed.status, 202, failed.text)
  assert.is(failed.json.migration, null)
  assert.is(failed.headers.location, undefined)
  await refused(call('DELETE', '/v1/nodes/n1'), 409, 'last_node')
  await refused(call('POST', '/v1/nodes/n1/fail'), 409, 'last_node')
})

ring('answers are what their schemas say', async () => {
  await filled(50, { replicas: 1 })
  conforms(schemas.plan, await call('POST', '/v1/nodes?dryRun=true'))
  conforms(schemas.plan, await call('POST', '/v1/nodes?dryRun=true&arcs=true'))
  conforms(schemas.plan, await call('DELETE', '/v1/nodes/n1?dryRun=true'))
  const added = await call('POST', '/v1/nodes')
  conforms(schemas.addedNode, added)
  conforms(schemas.receipt, await call('GET', `/v1/migrations/${added.json.migration}`))
  await ended(added.json.migration)
  const removed = await call('DELETE', '/v1/nodes/n2?pace=0.01')
  conforms(schemas.removedNode, removed)
  conforms(schemas.receipt, await call('DELETE', `/v1/migrations/${removed.json.migration}`))
  await ended(removed.json.migration)
  conforms(schemas.failedNode, await call('POST', '/v1/nodes/n1/fail'))
  conforms(schemas.migrationList, await call('GET', '/v1/migrations'))
  conforms(schemas.ring, await call('GET', '/v1/ring'))
  conforms(schemas.ring, await call('GET', '/v1/ring?tokens=true'))
  const made = await call('POST', '/v1/buckets', { name: 'conforms', replicas: 8 })
  conforms(schemas.createdBucket, made)
  conforms(schemas.usage, await call('GET', `/v1/buckets/${made.json.id}/usage`))
  conforms(schemas.bucketList, await call('GET', '/v1/buckets'))
  conforms(
    schemas.changedBucket,
    await call('PATCH', `/v1/buckets/${made.json.id}`, { defaultTtl: '1h' }),
  )
})

ring('what does not exist, or does already, is refused', async () => {
  await refused(call('DELETE', '/v1/nodes/n9'), 404, 'node_not_found')
  await refused(call('DELETE', '/v1/nodes/n9?dryRun=true'), 404, 'node_not_found')
  await refused(call('POST', '/v1/nodes/n9/fail'), 404, 'node_not_found')
  await refused(call('POST', '/v1/nodes', { id: 'n1' }), 409, 'node_exists')
  await refused(call('GET', '/v1/migrations/m9'), 404, 'migration_not_found')
  await refused(call('DELETE', '/v1/migrations/m9'), 404, 'migration_not_found')
})

ring('a ring that would be too small is refused, unless it is forced', async () => {
  const { path, key } = await served.bucket()
  const value = 'v'.repeat(512 * 1_024)
  // Half of the memory and more: one node cannot hold it.
  for (let i = 0; i < 76; i++) {
    const put = await served.call('PUT', `${path}/keys/k${i}`, { key, body: value })
    assert.is(put.status, 201, put.text)
  }
  const plan = await call('DELETE', '/v1/nodes/n2?dryRun=true')
  assert.is(plan.json.fits, false, plan.text)
  await refused(call('DELETE', '/v1/nodes/n2'), 409, 'ring_too_small')
  const forced = await call('DELETE', '/v1/nodes/n2?force=true')
  assert.is(forced.status, 202, forced.text)
  assert.is((await ended(forced.json.migration)).state, 'done')
})

ring('unknown parameters, wrong values and strange bodies are refused', async () => {
  for (const [method, path] of [
    ['POST', '/v1/nodes?dryrun=true'],
    ['POST', '/v1/nodes?dryRun=yes'],
    ['POST', '/v1/nodes?arcs=true'],
    ['POST', '/v1/nodes?dryRun=true&arcs=2'],
    ['DELETE', '/v1/nodes/n1?arcs=true&dryRun=false'],
    ['POST', '/v1/nodes?pace=5&dryRun=true'],
    ['DELETE', '/v1/nodes/n1?pace=5&dryRun=true'],
    ['POST', '/v1/nodes?force=true'],
    ['POST', '/v1/nodes?pace=fast'],
    ['POST', '/v1/nodes?pace=0'],
    ['POST', '/v1/nodes?pace=1.1'],
    ['DELETE', '/v1/nodes/n1?force='],
    ['DELETE', '/v1/nodes/n1?pace=-1'],
    ['POST', '/v1/nodes/n1/fail?dryRun=true'],
    ['GET', '/v1/migrations?limit=1'],
    ['GET', '/v1/migrations/m1?x'],
    ['DELETE', '/v1/migrations/m1?force=true'],
  ] as const) {
    await refused(call(method, path), 400, 'invalid_option')
  }
  for (const body of [{ weigth: 1 }, { weight: '1' }, { id: 1 }, []]) {
    await refused(call('POST', '/v1/nodes', body), 400, 'invalid_body')
  }
  for (const weight of [0, -1, 1e9]) {
    const { status, text } = await call('POST', '/v1/nodes', { weight })
    assert.is(status, 400, `${weight}: ${text}`)
  }
  await refused(call('POST', '/v1/nodes/n1/fail', { now: true }), 400, 'invalid_body')
  await refused(call('DELETE', '/v1/nodes/n1', { x: 1 }), 400, 'invalid_request')
  await refused(call('PUT', '/v1/nodes'), 405, 'method_not_allowed')
  await refused(call('GET', '/v1/nodes/n1/fail'), 405, 'method_not_allowed')
  await refused(call('GET', '/v1/nodes/'), 404, 'not_found')
  assert.equal(await states(), { n1: 'serving', n2: 'serving' })
})

ring('fewer nodes than copies: creation says so, usage and description too', async () => {
  const made = await call('POST', '/v1/buckets', { name: 'copied', replicas: 2 })
  assert.is(made.status, 201, made.text)
  assert.equal(made.json.copies, { wanted: 3, kept: 2 })
  assert.match(made.json.notice ?? '', / 2 further copies .* 1 other node .*POST \/v1\/nodes/)
  const path = `/v1/buckets/${made.json.id}`
  assert.equal((await call('GET', path)).json.copies, { wanted: 3, kept: 2 })
  assert.not.ok('notice' in (await call('GET', path)).json)
  assert.equal((await call('GET', `${path}/usage`)).json.copies, { wanted: 3, kept: 2 })

  await call('POST', '/v1/nodes').then(({ json }) => ended(json.migration))
  assert.equal((await call('GET', `${path}/usage`)).json.copies, { wanted: 3, kept: 3 })
  const more = await call('PATCH', path, { replicas: 5 })
  assert.equal(more.json.copies, { wanted: 6, kept: 3 })
  assert.match(more.json.notice ?? '', '5 further copies')
  const less = await call('PATCH', path, { replicas: 0 })
  assert.not.ok('copies' in less.json || 'notice' in less.json)

  const plain = await call('POST', '/v1/buckets', { name: 'plain' })
  assert.not.ok('copies' in plain.json || 'notice' in plain.json)
  const usage = await call('GET', `/v1/buckets/${plain.json.id}/usage`)
  assert.not.ok('copies' in usage.json)
})

ring.run()
