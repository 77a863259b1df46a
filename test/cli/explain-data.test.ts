import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { explanationLines } from '../../src/cli/explain.js'
import { explainFromData } from '../../src/cli/explain-data.js'
import { openCatalogue } from '../../src/engine/open-catalogue.js'
import { xxh32 } from '../../src/hash.js'
import { Ring } from '../../src/ring/index.js'
import { type Scratch, scratch } from '../scratch.js'
import { start } from './command.js'

const explaining = suite('cli explain data')

const NODES = ['node-1', 'node-2', 'node-3'].map((id) => ({ id, weight: 1, memoryBytes: 2 ** 20 }))
const RING = { epoch: 5, virtualNodes: 64, nodes: NODES }
const KEY = 'schlüssel/🦊'

let place: Scratch

explaining.before.each(() => {
  place = scratch('explain')
})
explaining.after.each(() => place.remove())

/** A data directory with one bucket, open as a server would have it. */
async function served(ring = true) {
  const data = join(place.folder, 'data')
  const { catalogue } = await openCatalogue({ data, clock: Date.now, random: randomBytes })
  if (ring) await catalogue.setRing(RING)
  const { bucket } = await catalogue.createBucket('birthdays')
  return { data, bucket, close: () => catalogue.close() }
}

explaining('works out hash, token, owner and successors beside a running server', async () => {
  const { data, bucket, close } = await served()
  try {
    const bytes = Buffer.from(KEY)
    const hash = xxh32(bytes, 0, bytes.length, bucket.seed)
    const ring = Ring.of(NODES, { virtualNodes: 64 })
    const explanation = {
      hash,
      angle: (hash / 2 ** 32) * 360,
      token: ring.token(hash),
      owner: ring.owner(hash),
      successors: ring.successors(hash, 2),
      epoch: 5,
    }
    assert.equal(await explainFromData(data, bucket.id, KEY), explanation)

    const run = start(['ring', 'explain', KEY, '--bucket', bucket.id, '--data', data])
    assert.is(await run.exit, 0, run.stderr())
    assert.is(run.stdout(), `${explanationLines(KEY, explanation).join('\n')}\n`)
  } finally {
    await close()
  }
})

explaining('says what the directory lacks', async () => {
  const { data, bucket, close } = await served(false)
  await close()
  const missing = join(place.folder, 'nowhere')
  for (const [args, word, status] of [
    [['k', '--bucket', bucket.id, '--data', missing], '--data', 2],
    [['k', '--bucket', '1', '--data', data], '--bucket', 1],
    [['k', '--bucket', bucket.id, '--data', data], 'no ring', 1],
  ] as const) {
    const run = start(['ring', 'explain', ...args])
    assert.is(await run.exit, status, run.stderr())
    assert.is(run.stderr().trimEnd().split('\n').length, 1)
    assert.match(run.stderr(), word)
  }
})

explaining.run()
