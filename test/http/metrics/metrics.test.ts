import { spawnSync } from 'node:child_process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ManualClock } from '../../../src/clock.js'
import { skip } from '../../skip.js'
import { message, raw, type Served, type ServedOptions, serve } from '../served.js'
import { samplesOf, scrape, sumOf } from './exposition.js'

const test = suite('http metrics')
const KEYS = '/v1/buckets/{id}/keys/{key}'
let served: Served

async function start(options: ServedOptions = {}): Promise<void> {
  served = await serve(options)
}

test.after.each(() => served.close())

test('root alone is told', async () => {
  await start()
  const bucket = await served.bucket()
  assert.is((await served.call('GET', '/metrics')).status, 401)
  assert.is((await served.call('GET', '/metrics', { key: bucket.key })).status, 403)
  const { status, headers } = await served.call('GET', '/metrics', { key: served.root })
  assert.is(status, 200)
  assert.match(headers['content-type'] ?? '', /^text\/plain; version=0\.0\.4/)
})

test('requests by route and status, once each', async () => {
  await start()
  const { key, path } = await served.bucket()
  const before = await scrape(served)
  for (let n = 0; n < 5; n++) {
    await served.call('PUT', `${path}/keys/k${n}`, { key, body: 'v' })
  }
  for (let n = 0; n < 8; n++) await served.call('GET', `${path}/keys/k${n}`, { key })
  await served.call('GET', `${path}/keys/k0`, { key: 'nobody' })
  const after = await scrape(served)
  const grown = (name: string, labels: Record<string, string>) =>
    sumOf(after, name, labels) - sumOf(before, name, labels)
  const requests = 'annulus_http_requests_total'
  assert.is(grown(requests, { method: 'PUT', route: KEYS, status: '201' }), 5)
  assert.is(grown(requests, { method: 'GET', route: KEYS, status: '200' }), 5)
  assert.is(grown(requests, { method: 'GET', route: KEYS, status: '404' }), 3)
  assert.is(grown(requests, { method: 'GET', route: KEYS, status: '401' }), 1)
  assert.is(grown('annulus_http_request_duration_seconds_count', { method: 'GET', route: KEYS }), 9)
  assert.is(grown('annulus_hits_total', {}), 5)
  assert.is(grown('annulus_misses_total', {}), 3)
  assert.is(grown('annulus_puts_total', {}), 5)
  assert.is(sumOf(after, 'annulus_items'), 5)
})

test('what a client makes up adds no series', async () => {
  await start()
  const { key, path } = await served.bucket()
  const once = async (n: number) => {
    await served.call('GET', `/nowhere/${n}`, { key: served.root })
    await served.call('GET', `${path}/keys/k${n}`, { key })
    await served.call('DELETE', `/v1/nodes/n${n}0`, { key: served.root })
    await raw(served.server.port, message(`BREW${n} / HTTP/1.1`, []))
    await raw(served.server.port, message('GET / HTTP/1.1', [`Host: x${n}`]))
    await raw(served.server.port, 'nonsense\r\n\r\n')
  }
  await once(1)
  const before = await scrape(served)
  for (let n = 2; n < 10; n++) await once(n)
  const after = await scrape(served)
  // What the library tells of the process, kinds of garbage collection among it, is no client's doing.
  const series = (samples: typeof before) =>
    [...samples.keys()].filter((one) => !/^annulus_(?:nodejs|process)_/.test(one))
  assert.equal(
    series(after).filter((one) => !before.has(one)),
    series(after).filter((one) => one.includes('route="/metrics"') && !before.has(one)),
  )
  const none = { method: 'none', route: 'none', status: '400' }
  assert.ok(sumOf(after, 'annulus_http_requests_total', none) >= 16)
})

test('evictions by cause, and slab classes', async () => {
  await start({ engine: { nodes: 1, memory: '8mb', maxValue: '64kb' } })
  const limited = await served.bucket({ maxBytes: '128kb' })
  const value = 'v'.repeat(4_000)
  for (let n = 0; n < 100; n++) {
    await served.call('PUT', `${limited.path}/keys/k${n}`, { key: limited.key, body: value })
  }
  const first = await scrape(served)
  assert.ok(sumOf(first, 'annulus_evictions_total', { cause: 'quota' }) > 50)
  assert.is(sumOf(first, 'annulus_evictions_total', { cause: 'memory' }), 0)
  const open = await served.bucket()
  const keys = Array.from({ length: 1_000 }, (_, n) => `k${n}`)
  for (let round = 0; round < 4; round++) {
    const body = { keys: keys.map((one) => `${one}-${round}`), values: keys.map(() => value) }
    await served.call('POST', `${open.path}/batch/put`, { key: open.key, body })
  }
  const second = await scrape(served)
  assert.ok(sumOf(second, 'annulus_evictions_total', { cause: 'memory' }) > 1_000)
  const inSlabs = sumOf(second, 'annulus_slab_items')
  assert.ok(inSlabs >= sumOf(second, 'annulus_items'), 'each item has a chunk')
  assert.ok(sumOf(second, 'annulus_slab_bytes') >= sumOf(second, 'annulus_bytes'))
  const pages = sumOf(second, 'annulus_slab_pages')
  assert.ok(pages * 65_536 <= sumOf(second, 'annulus_memory_bytes'))
})

test('expirations and how late they were', async () => {
  const clock = new ManualClock()
  await start({ acceptors: 1, engine: { clock, kind: 'inline' } })
  const { key, path } = await served.bucket()
  for (let n = 0; n < 10; n++) {
    await served.call('PUT', `${path}/keys/k${n}?ttl=1s`, { key, body: 'v' })
  }
  clock.advance(1_400)
  await served.engine.settle()
  const samples = await scrape(served)
  const lag = 'annulus_expiration_lag_seconds'
  assert.is(sumOf(samples, 'annulus_expirations_total'), 10)
  assert.is(sumOf(samples, `${lag}_count`), 10)
  assert.ok(Math.abs(sumOf(samples, `${lag}_sum`) - 4) < 1e-6, '0.4 s each')
  assert.is(sumOf(samples, `${lag}_bucket`, { le: '0.256' }), 0)
  assert.is(sumOf(samples, `${lag}_bucket`, { le: '0.512' }), 10)
})

test('counts of a flushed bucket stay, those of nodes only grow', async () => {
  await start({ engine: { nodes: 1 } })
  const { key, path } = await served.bucket()
  let puts = 0
  for (let round = 0; round < 300; round++) {
    await served.call('PUT', `${path}/keys/k`, { key, body: 'v' })
    await served.call('POST', `${path}/flush`, { key })
    const now = sumOf(await scrape(served), 'annulus_puts_total')
    assert.is(now, ++puts, `round ${round}`)
  }
})

test('a node that joins and one that leaves', async () => {
  await start()
  const { key, path } = await served.bucket()
  const keys = Array.from({ length: 500 }, (_, n) => `k${n}`)
  const body = { keys, values: keys.map(() => 'v') }
  await served.call('POST', `${path}/batch/put`, { key, body })
  const { json } = await served.call('POST', '/v1/nodes?pace=1', { key: served.root })
  await served.engine.migration(json.migration ?? '')?.done
  const samples = await scrape(served)
  assert.is(sumOf(samples, 'annulus_migrations_total', { kind: 'join', state: 'done' }), 1)
  const moved = served.engine.migration(json.migration ?? '')?.receipt().moved
  assert.is(sumOf(samples, 'annulus_migrated_keys_total'), moved?.keys)
  assert.is(sumOf(samples, 'annulus_migrated_bytes_total'), moved?.bytes)
  assert.is(sumOf(samples, 'annulus_node_state', { state: 'serving' }), 3)
  assert.is(sumOf(samples, 'annulus_ring_epoch'), served.engine.ring.epoch)
  assert.ok(Math.abs(sumOf(samples, 'annulus_ring_share') - 1) < 1e-9)
})

test('a node that goes bad is counted, one that leaves is not', async () => {
  await start({ engine: { nodes: 3 } })
  await served.engine.removeNode('n1', { pace: 1 }).then(({ done }) => done)
  assert.is(sumOf(await scrape(served), 'annulus_lost_nodes_total'), 0)
  await served.engine.failNode('n2')
  assert.is(sumOf(await scrape(served), 'annulus_lost_nodes_total'), 1)
})

test('reads and latencies of worker nodes, written from several acceptors', async () => {
  await start({ acceptors: 2 })
  const { key, path } = await served.bucket()
  const writes = 400
  for (let n = 0; n < writes; n++) {
    await served.call('PUT', `${path}/keys/k${n}`, { key, body: 'v' })
    await served.call('GET', `${path}/keys/k${n}`, { key })
  }
  const samples = await scrape(served)
  assert.is(sumOf(samples, 'annulus_acceptors'), 2)
  assert.is(sumOf(samples, 'annulus_hits_total'), writes)
  const byNode = [sumOf(samples, 'annulus_hits_total', { node: 'n1' })]
  byNode.push(sumOf(samples, 'annulus_hits_total', { node: 'n2' }))
  assert.ok(Math.min(...byNode) > 0, 'each node has a part of them')
  const timed = sumOf(samples, 'annulus_write_duration_seconds_count')
  assert.ok(timed > 0 && timed < writes, `${timed} of ${writes} writes are timed`)
  assert.is(sumOf(samples, 'annulus_queued_writes'), 0)
  const labels = { method: 'PUT', route: KEYS, status: '201' }
  assert.is(sumOf(samples, 'annulus_http_requests_total', labels), writes)
  assert.ok(sumOf(samples, 'annulus_event_loop_delay_seconds_count', { acceptor: '1' }) > 0)
})

const promtool = spawnSync('promtool', ['--version'])
const LINT = 'Prometheus itself finds nothing to complain of'
if (promtool.error === undefined) {
  test(LINT, async () => {
    await start()
    const { text } = await served.call('GET', '/metrics', { key: served.root })
    assert.ok(samplesOf(text).size > 50)
    const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input: text })
    assert.is(`${stdout}${stderr}`, '')
    assert.is(status, 0)
  })
} else {
  skip(test, LINT, 'promtool is not installed: apt-get install prometheus')
}

test.run()
