// Keyv's own suite over this build's adapter; run by test/adapters/keyv-suite.test.ts.
import keyvTestSuite, { keyvIteratorTests } from '@keyv/test-suite'
import Keyv from 'keyv'
import * as test from 'vitest'
import { KeyvAnnulus } from '../../dist/src/adapters/keyv.js'
import { AnnulusClient } from '../../dist/src/client/index.js'
import { Engine } from '../../dist/src/index.js'
import { ROOT_KEY, serve } from '../../dist/test/http/served.js'

const places = {
  engine: async () => {
    const engine = await Engine.open({ kind: 'inline', nodes: 2, memory: '64mb' })
    const bucket = await engine.createBucket('keyv')
    return { bucket, close: () => engine.close() }
  },
  HTTP: async () => {
    const { server, close } = await serve()
    const client = new AnnulusClient({ url: `http://127.0.0.1:${server.port}`, key: ROOT_KEY })
    return { bucket: client.bucket(await client.createBucket('keyv')), close }
  },
}

for (const [name, open] of Object.entries(places)) {
  test.describe(`over ${name}:`, () => {
    let place
    test.beforeAll(async () => {
      place = await open()
    })
    test.afterAll(() => place.close())

    const store = () => new KeyvAnnulus(place.bucket)
    keyvTestSuite(test, Keyv, store)
    keyvIteratorTests(test, Keyv, store)
  })
}
