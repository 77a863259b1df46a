import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { z } from 'zod'
import { Engine } from '../../../src/engine/engine.js'
import { LiveFigures } from '../../../src/http/figures/live-figures.js'
import { Meters } from '../../../src/http/metrics/meter.js'
import { Monitor } from '../../../src/http/metrics/monitor.js'
import { figuresEvent } from '../../../src/http/schemas.js'
import { type Listener, listen } from '../listener.js'
import { ROOT_KEY, type Served, serve } from '../served.js'

const test = suite('live figures')
const calls = [{ method: 'GET', path: '/a' }]
const NO_FIGURES = {
  ...{ acceptors: 1, acceptorDeaths: 0, connections: 0, heldBytes: 0, listeners: 0 },
}

/** Figures of an engine in this thread, by a clock that is moved by hand. */
async function stage(memory = '8mb') {
  const engine = await Engine.open({ kind: 'inline', nodes: 2, memory, maxValue: '64kb' })
  const meters = Meters.create(1, calls.length)
  const monitor = new Monitor({ engine, meters, calls, figures: () => NO_FIGURES })
  let nowMs = 0
  const figures = new LiveFigures({ engine, monitor }, () => nowMs)
  return {
    engine,
    meter: meters.of(0),
    after: (ms: number) => {
      nowMs += ms
      return figures.interval()
    },
    async [Symbol.asyncDispose]() {
      monitor.close()
      await engine.close()
    },
  }
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)

test('rates are by the second, of the interval alone', async () => {
  await using at = await stage()
  const bucket = await at.engine.createBucket('b')
  at.after(1_000)
  for (let n = 0; n < 60; n++) await bucket.put(`k${n}`, 'v')
  for (let n = 0; n < 80; n++) await bucket.get(`k${n}`)
  for (let n = 0; n < 10; n++) await bucket.delete(`k${n}`)
  const busy = at.after(2_000)
  assert.is(sum(busy.nodes.map(({ puts }) => puts)), 30)
  assert.is(sum(busy.nodes.map(({ gets }) => gets)), 40)
  assert.is(sum(busy.nodes.map(({ hits }) => hits)), 30)
  assert.is(sum(busy.nodes.map(({ deletes }) => deletes)), 5)
  assert.is(sum(busy.nodes.map(({ items }) => items)), 50)
  const [shown] = busy.buckets.shown
  assert.equal([shown.gets, shown.hits, shown.puts, shown.items], [40, 30, 30, 50])
  const idle = at.after(500)
  assert.is(sum(idle.nodes.map(({ puts, gets }) => puts + gets)), 0)
  assert.equal([idle.buckets.shown[0].gets, idle.buckets.shown[0].items], [0, 50])
})

test('requests, their errors and latencies', async () => {
  await using at = await stage()
  at.meter.record(0, 200, 1)
  at.after(1_000)
  for (let n = 0; n < 98; n++) at.meter.record(0, 200, 0.1)
  at.meter.record(0, 503, 5)
  at.meter.record(0, 404, 5)
  at.meter.loopDelay.record(7_000)
  const { requests, loopDelayUs } = at.after(1_000)
  assert.equal([requests.rate, requests.errorRate], [100, 1])
  assert.ok((requests.latency?.p50Us ?? 0) >= 100 && (requests.latency?.p50Us ?? 0) <= 125)
  assert.ok((requests.latency?.p99Us ?? 0) >= 5_000)
  assert.ok(loopDelayUs >= 7_000)
  assert.is(at.after(1_000).requests.latency, null)
})

test('nodes come and go', async () => {
  await using at = await stage()
  const bucket = await at.engine.createBucket('b')
  for (let n = 0; n < 100; n++) await bucket.put(`k${n}`, 'v')
  at.after(1_000)
  const joining = await at.engine.addNode({ pace: 1 })
  await joining.done
  const { nodes } = at.after(1_000)
  assert.equal(
    nodes.map(({ id }) => id),
    ['n1', 'n2', 'n3'],
  )
  for (const { gets, puts } of nodes) assert.ok(gets >= 0 && puts >= 0)
  await (await at.engine.removeNode('n1', { pace: 1 })).done
  assert.is(at.after(1_000).nodes.length, 2)
})

test('of many buckets the fullest are shown; all come round in a few turns', async () => {
  await using at = await stage('64mb')
  for (let n = 0; n < 520; n++) await at.engine.createBucket(`b${n}`)
  const last = at.engine.buckets()[519]
  await last.put('k', 'v'.repeat(1_000))
  await at.engine.buckets()[300].put('k', 'v'.repeat(100))
  at.after(1_000)
  at.after(1_000)
  const { buckets } = at.after(1_000)
  assert.is(buckets.count, 520)
  assert.is(buckets.shown.length, 50)
  assert.equal(
    buckets.shown.slice(0, 4).map(({ name }) => name),
    ['b519', 'b300', 'b0', 'b1'],
  )
  assert.is(buckets.shown[49].name, 'b140', 'those of one size by their names')
  await at.engine.deleteBucket(last.id)
  at.after(1_000)
  at.after(1_000)
  assert.is(at.after(1_000).buckets.shown.filter(({ name }) => name === 'b519').length, 0)
})

let served: Served | undefined
let listeners: Listener[] = []
test.after.each(async () => {
  for (const listener of listeners) listener.leave()
  listeners = []
  await served?.close()
  served = undefined
})

test('a stream has them where it asks for them, as the schema says', async () => {
  served = await serve()
  const { port } = served.server
  const plain = await listen(port, ROOT_KEY)
  const wanting = await listen(port, ROOT_KEY, '/v1/events?figures=true')
  listeners.push(plain, wanting)
  const bucket = await served.bucket()
  await served.call('PUT', `${bucket.path}/keys/k`, { key: bucket.key, body: 'v' })
  const heard = await wanting.until(({ type, data }) => {
    return type === 'figures' && JSON.stringify(data).includes(bucket.id)
  })
  z.strictObject(figuresEvent.shape).parse(heard.data)
  assert.not.ok(plain.heard.some(({ type }) => type === 'figures'))
  const odd = await listen(port, ROOT_KEY, '/v1/events?figures=maybe')
  assert.is(odd.status, 400)
})

test('whoever comes between two times is told the last figures at once', async () => {
  served = await serve()
  const { port } = served.server
  const isFigures = ({ type }: { type: string }) => type === 'figures'
  const first = await listen(port, ROOT_KEY, '/v1/events?figures=true')
  listeners.push(first)
  await first.until(isFigures)
  for (let tries = 1; ; tries++) {
    const last = first.heard.filter(isFigures).at(-1)
    const next = await listen(port, ROOT_KEY, '/v1/events?figures=true')
    listeners.push(next)
    const { data } = await next.until(isFigures)
    assert.is(next.heard[0].type, 'ring')
    if (JSON.stringify(data) === JSON.stringify(last?.data)) break
    assert.ok(tries < 5, 'it is always the next figures that come')
  }
})

test('an event stream that ends is no slow request', async () => {
  served = await serve({ acceptors: 1 })
  const { port } = served.server
  const wanting = await listen(port, ROOT_KEY, '/v1/events?figures=true')
  listeners.push(wanting)
  const other = await listen(port, ROOT_KEY)
  await wanting.until(({ type }) => type === 'figures') // the other stream lasts a while
  other.leave()
  const ended = /annulus_http_requests_total\{method="GET",route="\/v1\/events",status="200"\} 1/
  let text = ''
  do {
    text = (await served.call('GET', '/metrics', { key: ROOT_KEY })).text
  } while (!ended.test(text))
  assert.match(text, /request_duration_seconds_count\{method="GET",route="\/v1\/events"\} 0/)
})

test.run()
