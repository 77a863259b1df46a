import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  decodeCount,
  decodeOutcomes,
  decodeValues,
  encodeCount,
  encodeOutcomes,
  encodeValues,
} from '../../src/frames/answers.js'
import { FrameError } from '../../src/frames/frame.js'
import {
  countOf,
  decodeItems,
  decodeKeys,
  decodePrefix,
  encodeItems,
  encodeKeys,
  encodePrefix,
} from '../../src/frames/requests.js'
import { packageFolder } from '../scratch.js'

const test = suite('http/frames')

const text = fc.string({ unit: 'binary', maxLength: 40 })
const bytes = fc.uint8Array({ maxLength: 300 })
const ttlMs = fc.option(fc.integer({ min: 0, max: 2 ** 45 }), { nil: undefined })
const plain = { noNullPrototype: true }
const item = fc.record({ key: text, value: bytes, ttlMs }, plain)
const shared = fc.option(fc.integer({ min: 1, max: 2 ** 45 }), { nil: undefined })
const items = fc.record({ items: fc.array(item, { maxLength: 20 }), ttlMs: shared }, plain)

/** Every kind of frame, and how it is read. */
const frames = fc.oneof(
  fc.array(text, { maxLength: 20 }).map((keys) => [encodeKeys(keys), decodeKeys] as const),
  items.map((all) => [encodeItems(all), decodeItems] as const),
  text.map((prefix) => [encodePrefix(prefix), decodePrefix] as const),
  fc.array(fc.option(bytes, { nil: undefined }), { maxLength: 20 }).map((values) => {
    return [encodeValues(values), decodeValues] as const
  }),
  fc.array(fc.boolean()).map((outcomes) => [encodeOutcomes(outcomes), decodeOutcomes] as const),
  fc.nat().map((count) => [encodeCount(count), decodeCount] as const),
)
const decoders = [
  decodeKeys,
  decodeItems,
  decodePrefix,
  decodeValues,
  decodeOutcomes,
  decodeCount,
] as const

function same<T>(was: T, is: T): void {
  assert.equal(is, was)
}

function refusal(decode: (bytes: Uint8Array) => unknown, frame: Uint8Array): FrameError {
  try {
    decode(frame)
  } catch (error) {
    if (error instanceof FrameError) return error
    throw error
  }
  throw new Error(`not refused: ${Buffer.from(frame).toString('hex')}`)
}

test('what is encoded comes back', () => {
  fc.assert(
    fc.property(fc.array(text, { maxLength: 20 }), items, (keys, all) => {
      same(keys, decodeKeys(encodeKeys(keys)))
      same(all, decodeItems(encodeItems(all)))
      assert.is(countOf(encodeKeys(keys)), keys.length)
      assert.is(countOf(encodeItems(all)), all.items.length)
    }),
  )
  fc.assert(
    fc.property(
      fc.array(fc.option(bytes, { nil: undefined }), { maxLength: 20 }),
      fc.array(fc.boolean(), { maxLength: 40 }),
      fc.nat({ max: 2 ** 32 - 1 }),
      text,
      (values, outcomes, count, prefix) => {
        same(values, decodeValues(encodeValues(values)))
        same(outcomes, decodeOutcomes(encodeOutcomes(outcomes)))
        same(count, decodeCount(encodeCount(count)))
        same(prefix, decodePrefix(encodePrefix(prefix)))
      },
    ),
  )
})

test('a frame that lies somewhere in a larger buffer is read alike', () => {
  const inside = (frame: Uint8Array) => {
    const around = Buffer.alloc(frame.length + 7, 0xaa)
    around.set(frame, 3)
    return around.subarray(3, 3 + frame.length)
  }
  const all = { items: [{ key: 'kate', value: Uint8Array.of(1, 2), ttlMs: 9 }], ttlMs: undefined }
  const [read] = decodeItems(inside(encodeItems(all))).items
  assert.equal([read.key, [...read.value], read.ttlMs], ['kate', [1, 2], 9])
  const [value] = decodeValues(inside(encodeValues([Uint8Array.of(7)])))
  assert.equal([...(value ?? [])], [7])
})

test('an absent value is another than an empty one', () => {
  const values = [undefined, new Uint8Array()]
  assert.equal(decodeValues(encodeValues(values)), values)
})

test('a frame that is cut off anywhere is refused, at a byte that it has', () => {
  fc.assert(
    fc.property(frames, fc.nat(), ([frame, decode], cut) => {
      const length = cut % frame.length
      const { message } = refusal(decode, frame.subarray(0, length))
      const at = Number(/^byte ([0-9]+): /.exec(message)?.[1])
      assert.ok(at <= length, message)
    }),
  )
})

test('bytes behind a frame are refused', () => {
  fc.assert(
    fc.property(frames, fc.uint8Array({ minLength: 1, maxLength: 9 }), ([frame, decode], more) => {
      const longer = Buffer.concat([frame, more])
      const { message } = refusal(decode, longer)
      assert.is(message, `byte ${frame.length}: ${more.length} more than the frame should have`)
    }),
  )
})

test('whatever the bytes are, they are read or refused as a frame', () => {
  const mutated = fc.tuple(frames, fc.nat(), fc.nat({ max: 255 })).map(([[frame], at, byte]) => {
    frame[at % frame.length] = byte
    return frame
  })
  fc.assert(
    fc.property(fc.oneof(mutated, bytes), (noise) => {
      for (const decode of decoders) {
        try {
          decode(noise)
        } catch (error) {
          assert.instance(error, FrameError, String(error))
        }
      }
    }),
    { numRuns: 2_000 },
  )
})

test('counts and lengths beyond the frame are refused before anything is made of them', () => {
  const most = [0xff, 0xff, 0xff, 0xff]
  for (const [decode, frame, what] of [
    [decodeKeys, [1, ...most], 'byte 5: the length of a key takes 2, of which 0 are there'],
    [decodeKeys, [1, 1, 0, 0, 0, 255, 255, 0], 'byte 7: a key takes 65535, of which 1 are there'],
    [decodePrefix, [3, ...most, 0], 'byte 5: the prefix takes 4294967295, of which 1 are there'],
    [
      decodeOutcomes,
      [0x82, ...most],
      'byte 5: the list of outcomes takes 536870912, of which 0 are there',
    ],
    [decodeValues, [0x81, ...most], 'byte 5: the length of a value takes 4, of which 0 are there'],
  ] as const) {
    assert.is(refusal(decode, Uint8Array.from(frame)).message, what)
  }
})

test('the item that is wrong is named', () => {
  const wrong = encodeKeys(['one', 'two'])
  wrong[12] = 0xff
  const notUtf8 = refusal(decodeKeys, wrong)
  assert.equal([notUtf8.message, notUtf8.index], ['byte 12: a key is no UTF-8', 1])
  const value = new Uint8Array()
  const flagged = encodeItems({ items: [{ key: 'a', value }], ttlMs: 1 })
  flagged[13] = 2
  const flags = refusal(decodeItems, flagged)
  assert.equal([flags.message, flags.index], ['byte 13: no such flags: 2; 0 or 1 is known', 0])
})

test('another frame than the one that is wanted is named', () => {
  const { message } = refusal(decodeKeys, encodeValues([]))
  assert.is(message, 'byte 0: the frame holds values (129), not keys (1)')
  assert.match(refusal(decodeKeys, Buffer.from('{"keys":[]}')).message, 'kind 123')
})

test('bits beyond the last outcome are refused', () => {
  const frame = encodeOutcomes([true, false, true])
  assert.is(frame[5], 0b101)
  frame[5] |= 0b1000
  assert.is(refusal(decodeOutcomes, frame).message, 'byte 5: bits are set beyond the last outcome')
})

test('the example of the documentation is what it says', () => {
  const document = readFileSync(join(packageFolder, 'docs/http-api.md'), 'utf8')
  const lines = document.split('\n')
  const from = lines.findIndex((line) => /^put {5}02 /.test(line))
  const to = lines.indexOf('```', from)
  const named = new Map<string, Buffer>()
  let name = ''
  for (const line of lines.slice(from, to)) {
    name = line.slice(0, 8).trim() || name
    const hex = Buffer.from(line.slice(8).replaceAll(' ', ''), 'hex')
    named.set(name, Buffer.concat([named.get(name) ?? Buffer.alloc(0), hex]))
  }
  const kate = { key: 'kate', value: Buffer.from('5/12'), ttlMs: undefined }
  const jim = { key: 'jim', value: Buffer.from([255, 0]), ttlMs: 5_000 }
  const keys = ['kate', 'nobody', 'jim']
  const wanted: [string, Uint8Array][] = [
    ['put', encodeItems({ items: [kate, jim], ttlMs: 60_000 })],
    ['stored', encodeOutcomes([true, true])],
    ['get', encodeKeys(keys)],
    ['values', encodeValues([kate.value, undefined, jim.value])],
    ['delete', encodeKeys(keys)],
    ['deleted', encodeOutcomes([true, false, true])],
    ['prefix', encodePrefix('ji')],
    ['count', encodeCount(0)],
  ]
  for (const [what, frame] of wanted) {
    assert.is(named.get(what)?.toString('hex'), Buffer.from(frame).toString('hex'), what)
  }
  assert.is(named.size, wanted.length)
  assert.equal(decodeItems(named.get('put') ?? Buffer.alloc(0)), {
    items: [kate, jim],
    ttlMs: 60_000,
  })
})

test.run()
