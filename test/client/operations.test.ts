import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { ServerEvent } from '../../src/client/index.js'
import { AnnulusClient } from '../../src/client/index.js'
import { type Served, serve } from '../http/served.js'

const test = suite('client of the operators')
let served: Served
let client: AnnulusClient

test.before(async () => {
  served = await serve()
  client = new AnnulusClient({ url: served.server.url, key: served.root })
})
test.after(() => served.close())

test('metrics are text, the API a document', async () => {
  assert.match(await client.metrics(), /^annulus_ring_epoch 1$/m)
  const document = (await client.openapi()) as { readonly openapi: string }
  assert.match(document.openapi, /^3\.1\./)
})

test('live figures come where they are asked for', async () => {
  const { id, credentialKey } = await client.createBucket('b')
  await client.bucket(id, { key: credentialKey }).put('k', 'v')
  const seen: ServerEvent['type'][] = []
  for await (const event of client.events({ figures: true })) {
    seen.push(event.type)
    if (event.type !== 'figures') continue
    assert.equal(
      event.buckets.shown.map(({ name, items }) => [name, items]),
      [['b', 1]],
    )
    break
  }
  assert.equal(seen, ['ring', 'figures'])
})

test.run()
