import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { N_BELL, N_SLEEPING, nap, ring, sleep } from '../../src/node/bell.js'

const bell = suite('bell')

function fresh(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(1024))
}

bell('nobody sleeps: ringing costs one look and changes nothing', () => {
  const words = fresh()
  ring(words, true)
  assert.is(words[N_BELL], 0)
  assert.is(words[N_SLEEPING], 0)
})

bell('a sleeper is rung once, however many ring', () => {
  const words = fresh()
  words[N_SLEEPING] = 1
  ring(words, false)
  ring(words, true)
  assert.is(words[N_BELL], 1)
  assert.is(words[N_SLEEPING], 0)
})

bell('an order that comes after the bell is armed is not slept through', () => {
  const words = fresh()
  sleep(words, 600_000, () => {
    assert.is(words[N_SLEEPING], 1, 'armed before the last look')
    ring(words, false)
    return true
  })
  sleep(words, 600_000, () => false)
  nap(words, 600_000, () => {
    ring(words, true)
    return true
  })
  assert.is(words[N_SLEEPING], 0)
})

bell('who naps is rung by those alone who are in a hurry', () => {
  const words = fresh()
  nap(words, 1, () => {
    ring(words, false)
    assert.is(words[N_BELL], 0)
    ring(words, true)
    assert.is(words[N_BELL], 1)
    return true
  })
  assert.is(words[N_SLEEPING], 0)
})

bell('sleep ends by itself', () => {
  const words = fresh()
  sleep(words, 1, () => true)
  assert.is(words[N_SLEEPING], 0)
})

bell.run()
