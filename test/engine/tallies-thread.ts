/** Counts reads, nine of ten misses, until the word is set. */
import { workerData } from 'node:worker_threads'
import { countRead } from '../../src/engine/tallies.js'

const { tally, stop } = workerData as { tally: Float64Array; stop: Int32Array }

for (let n = 0; Atomics.load(stop, 0) === 0; n++) countRead(tally, 0, n % 10 !== 0)
