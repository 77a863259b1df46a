import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Consumers } from '../../src/node/consumers.js'
import {
  M_WAITING,
  MAX_ORDERS,
  Mailbox,
  packRecord,
  RECORD_HEADER_WORDS,
  unpackRecord,
} from '../../src/node/mailbox.js'
import { MAX_VERSION, NEVER } from '../../src/store/item.js'
import { Memory } from '../../src/store/layout.js'
import { Order } from '../../src/store/order.js'
import { Store } from '../../src/store/store.js'

const mailbox = suite('mailbox')

const limits = {
  op: [1, 7, 200, 255],
  space: [0, 1, 0x7fff, 0x8000, 0xffff],
  condition: [0, 4, 0xff],
  hash: [0, 1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff],
  keyBytes: [0, 1, 1024, 0xffff],
  typeBytes: [0, 1, 255],
  valueBytes: [0, 1, 2 ** 22, 32 * 2 ** 20],
  deadline: [0, 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 32 + 1, 2 ** 39, NEVER],
  version: [0, 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 47, MAX_VERSION],
}
type Field = keyof typeof limits
const fields = Object.keys(limits) as Field[]

function roundTrip(order: Order, sequence: number, length: number): Order {
  const words = new Int32Array(64)
  packRecord(words, 16, order, sequence, length)
  assert.is(words[17], sequence)
  assert.is(words[16] & 0xff_ffff, length)
  const back = new Order()
  unpackRecord(words, 16, back)
  assert.is(back.bodyAt, 16 + RECORD_HEADER_WORDS)
  assert.ok(words.subarray(0, 16).every((word) => word === 0))
  assert.ok(words.subarray(16 + RECORD_HEADER_WORDS).every((word) => word === 0))
  return back
}

mailbox('each field survives at its limits, beside neighbours full and empty', () => {
  for (const others of [0, 1]) {
    for (const field of fields) {
      for (const value of limits[field]) {
        const order = new Order()
        for (const name of fields) {
          order[name] = others === 0 ? limits[name][0] : limits[name][limits[name].length - 1]
        }
        order[field] = value
        const back = roundTrip(order, -1, 0xff_ffff)
        for (const name of fields) {
          assert.is(back[name], order[name], `${name} beside ${field} = ${value}`)
        }
      }
    }
  }
})

mailbox('takes two values of the size that it is made for', () => {
  for (const size of [1, 100_000, 3 * 2 ** 20, 8 * 2 ** 20]) {
    const { words, mask, results, control } = Mailbox.create(size)
    assert.ok(words.byteLength >= 2 * size)
    assert.is(mask & (mask + 1), 0, 'a power of two')
    assert.is(words.length, mask + 1)
    assert.is(results.length / 4, MAX_ORDERS)
    assert.ok(control.byteOffset + control.byteLength <= results.byteOffset)
    assert.ok(results.byteOffset + results.byteLength <= words.byteOffset)
    assert.is(words.byteOffset % 8, 0)
  }
})

mailbox('a fresh worker leaves it noted that the producer is about to sleep', () => {
  const memory = Memory.create(2 ** 21, 8, 0)
  const box = Mailbox.create(1_000)
  const consumers = new Consumers([box], new Store(memory))
  Atomics.store(box.control, M_WAITING, 1)
  consumers.recover(0)
  assert.is(box.control[M_WAITING], 1, 'or the first answer would wake nobody')
})

mailbox.run()
