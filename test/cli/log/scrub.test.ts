import { randomBytes } from 'node:crypto'
import * as fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { scrubber } from '../../../src/cli/log/scrub.js'
import { makeKey } from '../../../src/engine/credential-key.js'

const test = suite('log scrubber')

/** What an operator may choose: quotes and backslashes among it. */
const chosen = fc
  .array(fc.integer({ min: 0x21, max: 0x7e }), { minLength: 16, maxLength: 64 })
  .map((codes) => String.fromCharCode(...codes))

test('a credential appears nowhere, whatever stands around it', () => {
  fc.assert(
    fc.property(chosen, fc.string(), fc.string(), (rootKey, before, after) => {
      const { key, id } = makeKey((count) => randomBytes(count))
      const scrub = scrubber([rootKey])
      const line = scrub(
        JSON.stringify({
          url: `/v1/buckets?key=${encodeURIComponent(rootKey)}&other=${key}`,
          err: { message: `${before} ${key} ${after}`, stack: `${before}${rootKey}${after}` },
          authorization: `Bearer ${rootKey}`,
        }),
      )
      assert.not.ok(line.includes(key))
      assert.ok(line.includes(`ann_${id}_[redacted]`), 'the id stays: it is no secret')
      assert.not.ok(line.includes(JSON.stringify(rootKey).slice(1, -1)), line)
      assert.not.ok(line.includes(encodeURIComponent(rootKey)), line)
    }),
  )
})

test('whatever stands before it, and however it is spelled', () => {
  const { key, id } = makeKey((count) => randomBytes(count))
  const chosen = 'root/key+root/key"q"=='
  const scrub = scrubber([chosen])
  for (const before of ['%20', '%3D', '%22', 'x_', '\\n', 'A']) {
    const line = scrub(`${before}${key}`)
    assert.not.ok(line.includes(key.slice(-43)), line)
    assert.ok(line.includes(id))
  }
  const secret = key.slice(-43)
  for (const spelled of [key.replaceAll('_', '%5F'), key.slice(0, 40)]) {
    assert.not.ok(scrub(spelled).includes(secret.slice(0, 12)), scrub(spelled))
  }
  for (const spelled of [
    'root%2fkey%2broot%2fkey%22q%22%3d%3d',
    'root/key+root/key%22q%22==',
    'root%2Fkey+root/key\\"q\\"==',
  ]) {
    assert.is(scrub(`?k=${spelled}&x`), '?k=[redacted]&x', spelled)
  }
  assert.is(scrub('sent:\\nBearer x.y'), 'sent:\\nBearer [redacted]')
  assert.is(scrub('Bearer%09abc'), 'Bearer [redacted]')
  assert.is(scrub('Basic dXNlcjpwYXNz'), 'Basic [redacted]')
})

test('a bearer token of anybody else goes as well', () => {
  const scrub = scrubber([])
  assert.is(
    scrub('{"a":"Authorization: Bearer abc.def"}'),
    '{"a":"Authorization: Bearer [redacted]"}',
  )
  assert.is(scrub('{"a":"bearer%20abc"}'), '{"a":"bearer [redacted]"}')
})

test('other lines stay as they are', () => {
  const scrub = scrubber([''])
  const line = '{"level":30,"msg":"ring: n3 joins","epoch":2,"id":"ann_0123456789abcdef"}\n'
  assert.is(scrub(line), line)
})

test.run()
