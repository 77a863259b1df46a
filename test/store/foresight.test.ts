import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Foresight, KEYS_AHEAD } from '../../src/store/foresight.js'
import { Pair } from '../node/pair.js'
import { copyBuffer } from './mortal.js'

const test = suite('a look at what is to come')

test('it changes nothing, whatever stands there', () => {
  const pair = new Pair(2 ** 16, 2 ** 21)
  for (let n = 0; n < 30_000; n++) {
    pair.submit(`k${n % 9_000}`, { value: 'v'.repeat(n % 300), deadline: 1_000 + (n % 5_000) })
    if (n % 50 === 0) pair.work()
  }
  pair.work()
  const { memory, store } = pair
  const before = new Int32Array(copyBuffer(memory.buffer))
  const foresight = new Foresight(memory, store.table)
  const hashes = new Int32Array(KEYS_AHEAD)
  for (let round = 0; round < 2_000; round++) {
    for (let i = 0; i < KEYS_AHEAD; i++) hashes[i] = Math.imul(round * KEYS_AHEAD + i, 0x9e3779b1)
    foresight.look(hashes, 1 + (round % KEYS_AHEAD))
  }
  const after = new Int32Array(memory.buffer)
  assert.ok(before.every((word, at) => word === after[at]))
})

test.run()
