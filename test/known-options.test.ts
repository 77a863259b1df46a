import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { AnnulusClient } from '../src/client/index.js'
import { Engine } from '../src/engine/engine.js'
import { CacheError } from '../src/errors.js'
import { checkKnown } from '../src/known-options.js'

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

test.run()
