import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { serve } from './served.js'

const worker = suite('http over worker threads')

worker('keys and batches work when nodes are threads', async () => {
  const served = await serve({ engine: { kind: 'worker' } })
  try {
    const { path, key } = await served.bucket()
    const keys = Array.from({ length: 100 }, (_, i) => `key-${i}`)
    const puts = await Promise.all(
      keys.map((name) => served.call('PUT', `${path}/keys/${name}`, { key, body: name })),
    )
    assert.ok(puts.every((answer) => answer.status === 201))
    for (const name of keys) {
      assert.is((await served.call('GET', `${path}/keys/${name}`, { key })).text, name)
    }
    const got = await served.call('POST', `${path}/batch/get`, { key, body: { keys } })
    assert.equal(got.json.values, keys)
    const etag = String(puts[0].headers.etag)
    const path0 = `${path}/keys/key-0`
    const headers = { 'If-Match': etag }
    assert.is((await served.call('PUT', path0, { key, body: 'x', headers })).status, 204)
    assert.is((await served.call('PUT', path0, { key, body: 'y', headers })).status, 412)
    assert.is((await served.call('DELETE', path0, { key })).status, 204)
    assert.is((await served.call('GET', path0, { key })).status, 404)
  } finally {
    await served.close()
  }
})

worker.run()
