import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { credentialOf } from '../../src/cli/remote.js'
import { codeOf } from '../engine/opened.js'

const test = suite<{ former: string | undefined }>('credential of a command')

test.before.each((context) => {
  context.former = process.env['ANNULUS_ROOT_KEY']
})
test.after.each(({ former }) => {
  if (former === undefined) delete process.env['ANNULUS_ROOT_KEY']
  else process.env['ANNULUS_ROOT_KEY'] = former
})

test('what is given comes before the root key, and an empty one counts as not given', () => {
  process.env['ANNULUS_ROOT_KEY'] = 'root'
  assert.is(credentialOf('given', ''), 'given')
  assert.is(credentialOf('', ''), 'root')
  assert.is(credentialOf(undefined, ''), 'root')
})

test('a missing one says how to come by one, and one that no header can hold is refused', async () => {
  delete process.env['ANNULUS_ROOT_KEY']
  const missing = () => credentialOf('', 'the first start printed it')
  assert.throws(missing, /^--key: missing; the first start printed it \(ANNULUS_KEY/)
  assert.is(await codeOf(async () => missing()), 'invalid_option')
  for (const bad of ['two words', 'a\nline', 'ä']) {
    assert.is(await codeOf(async () => credentialOf(bad, '')), 'invalid_option')
  }
})

test.run()
