import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { CacheError } from '../src/errors.js'
import { xxh32 } from '../src/hash.js'
import { canonicalKey, KeyScratch } from '../src/key.js'
import { type Key, MAX_KEY_BYTES } from '../src/key-rules.js'

const test = suite('key')
const scratch = new KeyScratch()

function encode(key: string): Buffer {
  scratch.encode(key)
  return Buffer.from(scratch.bytes.subarray(0, scratch.length))
}

function refusal(call: () => unknown): string {
  try {
    call()
  } catch (error) {
    assert.instance(error, CacheError)
    assert.ok((error as CacheError).message.length > 10)
    return (error as CacheError).code
  }
  return 'accepted'
}

const bad: [what: string, key: string, code: string][] = [
  ['empty', '', 'invalid_key'],
  ['a dot', '.', 'invalid_key'],
  ['two dots', '..', 'invalid_key'],
  ['a lone high surrogate', '\ud800', 'invalid_key'],
  ['a lone low surrogate', 'a\udfffb', 'invalid_key'],
  ['surrogates the wrong way round', '\udc00\ud800', 'invalid_key'],
  ['a long key with a lone surrogate', `${'x'.repeat(300)}\ud83d`, 'invalid_key'],
  ['1,025 bytes', 'x'.repeat(1_025), 'key_too_long'],
  ['513 characters of two bytes', 'é'.repeat(513), 'key_too_long'],
  ['342 characters of three bytes', '漢'.repeat(342), 'key_too_long'],
  ['257 characters of four bytes', '🚀'.repeat(257), 'key_too_long'],
  ['a million characters', 'x'.repeat(1_000_000), 'key_too_long'],
]
for (const [what, key, code] of bad) {
  test(`refused: ${what}`, () =>
    assert.is(
      refusal(() => encode(key)),
      code,
    ))
}

const good = [
  '...',
  ' ',
  '\0',
  'a',
  'a/b/../c',
  './x',
  '..a',
  'x'.repeat(64),
  'x'.repeat(65),
  'x'.repeat(MAX_KEY_BYTES),
  'é'.repeat(512),
  '漢'.repeat(341),
  '🚀'.repeat(256),
]
for (const key of good) {
  test(`taken: ${JSON.stringify(key.slice(0, 12))}, ${key.length} characters`, () => {
    assert.ok(encode(key).equals(Buffer.from(key)))
  })
}

test('a key’s bytes are its UTF-8, padded with zeros, and its hash is that of the bytes', () => {
  const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 120 })
  fc.assert(
    fc.property(text, fc.integer({ min: 0, max: 2 ** 32 - 1 }), (key, seed) => {
      if (key === '.' || key === '..') return
      scratch.bytes.fill(0xee)
      const bytes = encode(key)
      assert.ok(bytes.equals(Buffer.from(key)))
      assert.is(scratch.hash(seed), xxh32(bytes, 0, bytes.length, seed))
      const whole = (scratch.length + 3) & ~3
      for (let at = scratch.length; at < whole; at++) assert.is(scratch.bytes[at], 0)
    }),
  )
})

test('after a refusal the next key is as it must be', () => {
  for (const [, key] of bad) {
    assert.is.not(
      refusal(() => encode(key)),
      'accepted',
    )
    assert.is(encode('next').toString(), 'next')
  }
})

const canonical: [Key, string][] = [
  ['text', 'text'],
  [42, '42'],
  [-0, '0'],
  [true, 'true'],
  [null, 'null'],
  [[1, 'a', null], '[1,"a",null]'],
  [{ b: 1, a: { d: 2, c: 3 } }, '{"a":{"c":3,"d":2},"b":1}'],
  [{ a: 1, b: { c: 3, d: 2 } }, '{"a":1,"b":{"c":3,"d":2}}'],
]
for (const [key, expected] of canonical) {
  test(`${JSON.stringify(key)} stands for ${expected}`, () =>
    assert.is(canonicalKey(key), expected))
}

const cycle: { self?: unknown } = {}
cycle.self = cycle
const notJson: Record<string, unknown> = {
  undefined,
  'a function': () => 1,
  'a symbol': Symbol('s'),
  'a big integer': 1n,
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  'a cycle': cycle,
}
for (const [what, key] of Object.entries(notJson)) {
  test(`${what} is no key`, () => {
    assert.is(
      refusal(() => canonicalKey(key as Key)),
      'invalid_key',
    )
  })
}

test('the order of members never matters, and different values differ', () => {
  const json = fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<Key>
  fc.assert(
    fc.property(json, (value) => {
      if (typeof value === 'string') return
      const text = canonicalKey(value)
      assert.equal(JSON.parse(text), JSON.parse(JSON.stringify(value)))
      assert.is(canonicalKey(JSON.parse(text) as Key), text)
    }),
  )
})

test.run()
