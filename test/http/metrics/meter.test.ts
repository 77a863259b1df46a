import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ABORTED, Meters, STATUSES } from '../../../src/http/metrics/meter.js'
import { loopDelays, reportRoutes } from '../../../src/http/metrics/snapshot.js'
import { problemKinds } from '../../../src/http/problem.js'

const test = suite('http meters')
const calls = [
  { method: 'GET', path: '/a' },
  { method: 'PUT', path: '/b' },
]

test('every status that a problem has is counted apart', () => {
  const meter = Meters.create(1, 1).of(0)
  const statuses = [...new Set(Object.values(problemKinds).map(({ status }) => status))]
  for (const status of statuses) meter.count(0, status)
  for (const status of statuses) assert.is(meter.answers(0, status), 1, `${status}`)
  assert.is(meter.answers(0, ABORTED), 0)
  assert.is(new Set(STATUSES).size, STATUSES.length)
})

test('acceptors count for themselves, and are told together', () => {
  const meters = Meters.create(2, calls.length)
  meters.of(0).record(0, 200, 0.1)
  meters.of(1).record(0, 200, 0.3)
  meters.of(1).record(0, 404, 0.2)
  meters.of(1).record(1, 201, 5)
  meters.of(0).count(meters.of(0).none, 400)
  const [get, put, none] = reportRoutes(meters, calls)
  assert.equal(get.answers, [
    { status: 200, count: 2 },
    { status: 404, count: 1 },
  ])
  assert.equal([get.duration.total, Math.round(get.duration.sum)], [3, 600])
  assert.equal(put.answers, [{ status: 201, count: 1 }])
  assert.equal(
    [none.method, none.path, none.answers],
    ['none', 'none', [{ status: 400, count: 1 }]],
  )
})

test('another thread sees the same counts', () => {
  const meters = Meters.create(3, 1)
  const there = new Meters(meters.buffer, 1)
  assert.is(there.acceptors, 3)
  meters.of(2).record(0, 200, 1)
  meters.of(2).loopDelay.record(9)
  assert.is(there.of(2).answers(0, 200), 1)
  assert.equal(
    loopDelays(there).map((delay) => delay.total),
    [0, 0, 1],
  )
})

test.run()
