import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { countRead, Tallies } from '../../src/engine/tallies.js'
import { NOTHING, usageOf } from '../../src/engine/usage.js'

const test = suite('tallies of reads')
const LOOKS = 200_000

test('while another thread counts, no count steps back, and hits and misses are all gets', async () => {
  const tallies = new Tallies(1)
  const tally = tallies.add()
  const stop = new Int32Array(new SharedArrayBuffer(4))
  const url = new URL('./tallies-thread.js', import.meta.url)
  const worker = new Worker(url, { workerData: { tally, stop } })
  while (tallies.of(0).hits === 0) await new Promise((resolve) => setImmediate(resolve))
  let last = { hits: 0, misses: 0 }
  const copies = { wanted: 1, kept: 1 }
  for (let looks = 0; looks < LOOKS; looks++) {
    const { gets, hits, misses } = usageOf('standard', NOTHING, tallies.of(0), copies)
    if (hits < last.hits || misses < last.misses || gets !== hits + misses) {
      assert.equal({ gets, hits, misses }, last, 'it has stepped back')
    }
    last = { hits, misses }
  }
  Atomics.store(stop, 0, 1)
  await once(worker, 'exit')
  assert.ok(last.misses > last.hits)
})

test('a slot begins anew, and keeps what threads counted that are gone', () => {
  const tallies = new Tallies(2)
  const [one, other] = [tallies.add(), tallies.add()]
  countRead(one, 1, false)
  countRead(other, 1, true)
  tallies.fold(one)
  assert.equal(tallies.of(1), { hits: 1, misses: 1 })
  assert.equal(tallies.of(0), { hits: 0, misses: 0 })
  tallies.restart(1)
  countRead(other, 1, true)
  assert.equal(tallies.of(1), { hits: 0, misses: 1 })
})

test.run()
