import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { installLine, skippedRow } from '../../bench/installed.js'
import { parseStats } from '../../bench/memcached.js'
import { parseRedisBenchmark } from '../../bench/programs.js'
import { sectionLines } from '../../bench/table.js'
import { parseWrk, requestBytes } from '../../bench/wrk.js'

const test = suite('bench/outputs')

const WRK = `Running 1s test @ http://127.0.0.1:42001
  1 threads and 32 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency   437.23us  112.10us   6.01ms   92.31%
    Req/Sec    73.12k     2.31k   76.55k    70.00%
  80123 requests in 1.10s, 24.31MB read
Requests/sec:  72841.25
Transfer/sec:     22.10MB
microseconds: 421 803 1590
`

test("wrk's report gives requests a second and percentiles", () => {
  const { perSecond, latency } = parseWrk(WRK)
  assert.is(perSecond, 72_841.25)
  assert.equal(latency, { p50: 421, p99: 803, p999: 1_590 })
})

test('a report with answers that were no success, broken sockets or nothing at all is refused', () => {
  const bad = WRK.replace('Requests/sec', '  Non-2xx or 3xx responses: 12\nRequests/sec')
  assert.throws(() => parseWrk(bad), /wrk: Non-2xx or 3xx responses: 12/)
  const cut = WRK.replace('Requests/sec', '  Socket errors: connect 0, read 3\nRequests/sec')
  assert.throws(() => parseWrk(cut), /Socket errors: connect 0, read 3/)
  assert.throws(() => parseWrk('unable to connect'), /wrk: unable to connect/)
  assert.throws(() => parseWrk(WRK.replace(/^microseconds.*$/m, '')), /wrk:/)
})

test("redis-benchmark's CSV gives requests a second by test, with a command as well", () => {
  const csv = `"test","rps","avg_latency_ms"
"SET","147058.81","0.171"
"MGET key:__rand_int__ key:__rand_int__","32258.06","1.245"
`
  const found = parseRedisBenchmark(csv)
  assert.equal(
    [...found],
    [
      ['set', 147_058.81],
      ['mget key:__rand_int__ key:__rand_int__', 32_258.06],
    ],
  )
  assert.throws(() => parseRedisBenchmark('Could not connect'), /redis-benchmark: Could not/)
})

test("memcached's stats are found by name", () => {
  const stats = parseStats('STAT pid 12\r\nSTAT version 1.6.18 b\r\nSTAT bytes 175000\r\nEND\r\n')
  assert.is(stats.get('bytes'), '175000')
  assert.is(stats.get('version'), '1.6.18 b')
  assert.is(stats.size, 3)
})

test('a request goes over the wire with its length, bytes as they are', () => {
  const put = requestBytes('PUT', '/a', { Authorization: 'Bearer x' }, Buffer.from([0, 255]))
  const head =
    'PUT /a HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer x\r\nContent-Length: 2\r\n\r\n'
  assert.equal(put, Buffer.concat([Buffer.from(head), Buffer.from([0, 255])]))
  assert.is(`${requestBytes('GET', '/a', {})}`, 'GET /a HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n')
})

test('what is missing is skipped with the line that installs it, and is not beaten', () => {
  const line = installLine(['redis-benchmark', 'nginx'])
  assert.is(line, 'apt-get install -y redis-tools nginx-light')
  const path = process.env['PATH']
  try {
    process.env['PATH'] = '/nowhere'
    const row = skippedRow('a', 'webdis + redis', ['webdis', 'redis-server'])
    assert.is(row.skipped, 'apt-get install -y webdis redis-server')
    assert.is(row.met, undefined)
    const [, , shown] = sectionLines([row])
    assert.match(shown, /webdis \+ redis \| skipped \|.*apt-get install -y webdis redis-server/)
  } finally {
    process.env['PATH'] = path
  }
})

test.run()
