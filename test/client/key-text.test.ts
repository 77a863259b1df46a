import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { textOfKey } from '../../src/client/key-text.js'
import { CacheError } from '../../src/errors.js'
import { canonicalKey, KeyScratch } from '../../src/key.js'
import type { Key } from '../../src/key-rules.js'

const test = suite('client key text')
const scratch = new KeyScratch()

/** The string that a key stands for, or the code and words of its refusal. */
function outcome(make: () => string): string {
  try {
    return make()
  } catch (error) {
    if (error instanceof CacheError) return `${error.code}: ${error.message}`
    throw error
  }
}

const ofClient = (key: Key) => outcome(() => textOfKey(key))
const ofServer = (key: Key) => {
  return outcome(() => {
    const text = canonicalKey(key)
    scratch.encode(text)
    return text
  })
}

const units = fc.string({ unit: 'binary', maxLength: 1_100 })
const short = fc.stringMatching(/^[.%/é🎂a]{0,3}$/u)
const broken = fc.array(fc.integer({ min: 0xd7f0, max: 0xe010 })).map((codes) => {
  return String.fromCharCode(...codes)
})
const json = fc.jsonValue({ maxDepth: 4, stringUnit: 'binary' }) as fc.Arbitrary<Key>

test('what a key stands for, and what is refused, is what the engine says', () => {
  fc.assert(
    fc.property(fc.oneof(units, short, broken, json), (key) => {
      assert.is(ofClient(key), ofServer(key))
    }),
    { numRuns: 2_000 },
  )
})

const odd: [what: string, key: unknown][] = [
  ['a date', new Date(0)],
  ['dates within', { at: [new Date(0)] }],
  ['what JSON leaves out', { a: undefined, b: () => 1, c: Symbol('c'), d: [undefined, () => 1] }],
  ['undefined', undefined],
  ['a function', () => 1],
  ['a symbol', Symbol('x')],
  ['a bigint', 1n],
  ['a bigint within', { a: 1n }],
  ['minus zero', -0],
  ['no number', Number.NaN],
  ['infinity', Number.POSITIVE_INFINITY],
  ['infinity within', [Number.POSITIVE_INFINITY]],
  ['names that sort by code unit', { '\ue000': 1, '😀': 2, Z: 3, a: 4, '10': 5, '9': 6 }],
  ['one object twice', ((one) => [one, one])({ a: 1 })],
  ['toJSON that gives nothing', { toJSON: () => undefined }],
  ['a prototype', Object.create({ inherited: 1 })],
  ['a Map', new Map([[1, 2]])],
  ['bytes', Uint8Array.of(1, 2)],
]

for (const [what, key] of odd) {
  test(`the same of ${what}`, () => {
    assert.is(ofClient(key as Key), ofServer(key as Key))
  })
}

test('an object that holds itself is no JSON', () => {
  const ring: Record<string, Key> = {}
  ring['self'] = ring
  assert.is(ofClient(ring), ofServer(ring))
  assert.match(ofClient(ring), /^invalid_key: a key must be JSON: /)
  const list: Key[] = []
  list.push(list)
  assert.match(ofClient(list), /^invalid_key: a key must be JSON: /)
})

test.run()
