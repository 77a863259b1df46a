import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Clock } from '../../../bench/policy/clock.js'
import { type Peer, peers } from '../../../bench/policy/compare.js'
import { missesOf, type Policy } from '../../../bench/policy/policy.js'
import { tracesFolder } from '../../../bench/policy/trace-file.js'
import { openTrace, type TraceSource, traceSources } from '../../../bench/policy/traces.js'
import { skip } from '../../skip.js'

const test = suite('bench/policy/published')
const PEERS: readonly Peer[] = ['LRU', 'CLOCK', 'SIEVE', 'S3-FIFO', 'ARC']
const MIB = 2 ** 20

/** Hit ratios in percent with items of equal size, in the order of PEERS. */
const equal: readonly (readonly [string, number, readonly number[]])[] = [
  ['gli', 500, [0.95, 1.18, 1.38, 16.13, 1.38]],
  ['gli', 1_000, [11.21, 11.31, 31.34, 35.05, 21.31]],
  ['multi3', 1_000, [37.7, 37.78, 39.16, 45.37, 44.41]],
  ['sprite', 1_000, [90.64, 90.3, 86.97, 89.35, 89.7]],
  ['corda', 512, [33.33, 33.33, 0.38, 33.33, 33.3]],
]
const HAIR = 0.03

/** libCacheSim's misses on cloudPhysicsIO by bytes, at 128 and 512 MiB. */
const byBytes: Readonly<Record<string, readonly [number, number]>> = {
  LRU: [93_374, 81_722],
  CLOCK: [93_313, 81_328],
  SIEVE: [91_699, 76_707],
  'S3-FIFO': [89_307, 76_791],
  ARC: [90_252, 74_297],
}
const FIFO_MISSES = [93_403, 84_025] as const

function sourceOf(name: string): TraceSource {
  const found = traceSources.find((source) => source.name === name)
  if (found === undefined) throw new Error(`no trace is called ${name}`)
  return found
}

const folder = tracesFolder()
const traceTest = (name: string, body: () => Promise<void>) =>
  folder === undefined ? skip(test, name, 'no traces here') : test(name, body)

for (const [name, items, published] of equal) {
  traceTest(`${name} with ${items} items has the published hit ratios`, async () => {
    const trace = await openTrace(sourceOf(name))
    if (trace === undefined) throw new Error(`${name} is not there`)
    for (const [i, peer] of PEERS.entries()) {
      const misses = missesOf(peers[peer](items, trace), trace)
      const percent = 100 - (100 * misses) / trace.keys.length
      assert.ok(Math.abs(percent - published[i]) < HAIR, `${peer}: ${percent}, not ${published[i]}`)
    }
  })
}

traceTest('weighed by bytes, misses are those of libCacheSim', async () => {
  const trace = await openTrace(sourceOf('cloudPhysicsIO-bytes'))
  if (trace === undefined) throw new Error('cloudPhysicsIO is not there')
  const at = (make: (capacity: number) => Policy) =>
    [128, 512].map((mebibytes) => missesOf(make(mebibytes * MIB), trace))
  for (const peer of PEERS) {
    assert.equal(
      at((capacity) => peers[peer](capacity, trace)),
      byBytes[peer],
      peer,
    )
  }
  assert.equal(
    at((capacity) => new Clock(capacity, trace.distinct, 0)),
    FIFO_MISSES,
  )
})

test('a trace whose file is not here is not opened', async () => {
  const source: TraceSource = { name: 'x', kind: 'further', sizes: [500], file: 'nowhere.gz' }
  assert.is(await openTrace(source), undefined)
})

test.run()
