import { getEventListeners } from 'node:events'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { onAbort } from '../../src/client/on-abort.js'

const test = suite('client on abort')

test('many follow one signal by one listener, and all are told', () => {
  const stop = new AbortController()
  const told: number[] = []
  const forgets = [0, 1, 2].map((n) => onAbort(stop.signal, () => told.push(n)))
  assert.is(getEventListeners(stop.signal, 'abort').length, 1)
  forgets[1]()
  stop.abort()
  assert.equal(told, [0, 2])
  for (const forget of forgets) forget()
})

test('when all have ended nothing is left at the signal, and it can be followed anew', () => {
  const stop = new AbortController()
  const told: string[] = []
  const forgets = ['a', 'b'].map((name) => onAbort(stop.signal, () => told.push(name)))
  for (const forget of [...forgets, ...forgets]) forget()
  assert.is(getEventListeners(stop.signal, 'abort').length, 0)
  onAbort(stop.signal, () => told.push('c'))
  forgets[0]()
  stop.abort()
  assert.equal(told, ['c'])
})

test('without a signal there is nothing to follow', () => {
  onAbort(undefined, () => assert.unreachable())()
})

test.run()
