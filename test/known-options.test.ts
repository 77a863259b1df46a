import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { AnnulusClient } from '../src/client/index.js'
import { Engine } from '../src/engine/engine.js'
import { CacheError } from '../src/errors.js'
import { checkKnown } from '../src/known-options.js'
import { codeOf } from './engine/opened.js'
import { serve } from './http/served.js'

const test = suite('known options')
const url = 'http://127.0.0.1:1'

test('a name that is none is refused, and the right ones are told', async () => {
  const known = { nodes: true, memory: true } as const
  checkKnown({ nodes: 1 }, known)
  checkKnown({ memory: undefined }, known)
  for (const name of ['nodez', 'toString', '__proto__ ']) {
    const says = `${name}: there is no such option, only nodes, memory`
    assert.throws(
      () => checkKnown({ [name]: 1 }, known),
      (error: unknown) => error instanceof CacheError && error.message === says,
    )
  }
})

test('engine and client look at the names of theirs', async () => {
  const isRefused = (error: unknown) =>
    error instanceof CacheError && /^\w+: there is no such option, only /.test(error.message)
  const misspelled = { nodes: 1, kind: 'inline', memry: '64mb' } as const
  assert.ok(await Engine.open(misspelled).then(() => false, isRefused))
  const cased = { url, Key: 'secret' }
  assert.throws(() => new AnnulusClient(cased), isRefused)
})

test('a put with a misspelled TTL is refused, and nothing is stored', async () => {
  const served = await serve()
  const client = new AnnulusClient({ url: served.server.url, key: served.root })
  const embedded = await served.engine.createBucket('embedded')
  const misspelled = { tll: 1_000 } as { ttl?: number }
  try {
    for (const bucket of [embedded, client.bucket(await client.createBucket('remote'))]) {
      const calls: (() => Promise<unknown>)[] = [
        () => bucket.put('k', 'v', misspelled),
        () => bucket.putMany([['k', 'v']], misspelled),
        () => bucket.getOrSet('k', () => 'v', misspelled),
      ]
      for (const call of calls) assert.is(await codeOf(call), 'invalid_option')
      assert.is(await bucket.get('k'), undefined)
    }
  } finally {
    await served.close()
  }
})

test.run()
