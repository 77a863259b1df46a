import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Ring } from '../../src/ring/index.js'
import { packageFolder } from '../scratch.js'
import { skip } from '../skip.js'

/** Weighted ketama has known answers: with its tokens our ring must find its servers. */
interface Vectors {
  readonly servers: Readonly<Record<string, number>>
  readonly cases: readonly { key: string; hash: number; point: number; server: string }[]
}

const ketama = suite('ring ketama')
const file = join(packageFolder, '../shared/vectors/libmemcached-ketama-weighted.json')
const POINTS_A_SERVER = 160
const POINTS_A_LABEL = 4

function point(label: string, at: number): number {
  return createHash('md5').update(label).digest().readUInt32LE(at)
}

/** libmemcached gives each server as many labels as its weight deserves of 40 for each server. */
function ketamaRing(servers: Readonly<Record<string, number>>): Ring {
  const entries = Object.entries(servers)
  const total = entries.reduce((sum, [, weight]) => sum + weight, 0)
  const labels = (POINTS_A_SERVER / POINTS_A_LABEL) * entries.length
  const members = entries.map(([id, weight]) => ({
    id,
    weight: Math.floor((weight / total) * labels + 1e-10),
  }))
  return Ring.of(members, {
    virtualNodes: POINTS_A_LABEL,
    tokensEach: 1,
    hash: (id, index) => point(`${id}-${Math.floor(index / POINTS_A_LABEL)}`, (index % 4) * 4),
  })
}

if (existsSync(file)) {
  ketama('99 known answers of libmemcached', () => {
    const { servers, cases }: Vectors = JSON.parse(readFileSync(file, 'utf8'))
    const ring = ketamaRing(servers)
    assert.is(cases.length, 99)
    for (const { key, hash, point: token, server } of cases) {
      assert.is(point(key, 0), hash, key)
      assert.is(ring.token(hash), token, key)
      assert.is(ring.owner(hash), server, key)
    }
  })
} else {
  skip(ketama, '99 known answers of libmemcached', `${file} is not there`)
}

ketama('a key behind the last point wraps to the first', () => {
  const ring = ketamaRing({ '10.0.1.1': 600, '10.0.1.2': 300, '10.0.1.3': 200 })
  const hash = point('VDEAAAAA', 0)
  assert.is(hash, 0xfffcd1b5)
  assert.is(ring.token(hash), ring.tokens[0])
})

ketama.run()
