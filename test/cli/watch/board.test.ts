import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Board } from '../../../src/cli/watch/board.js'
import { amount, node, receipt, ring } from './rings.js'

const boards = suite('cli watch board')

boards('rate and time left come from what was seen lately', () => {
  const board = new Board()
  const at = (keys: number) => receipt('m1', { moved: amount(keys) })
  board.see(ring({ migrations: [at(0)] }), 0)
  assert.equal(board.progress(at(0)), { part: 0, rate: undefined, leftMs: undefined })
  board.see(ring({ migrations: [at(100)] }), 1_000)
  assert.equal(board.progress(at(100)), { part: 0.1, rate: 100, leftMs: 9_000 })
  // Slower from here on: in the end only that counts.
  for (let s = 2; s <= 20; s++) {
    board.see(ring({ migrations: [at(100 + 10 * (s - 1))] }), s * 1_000)
  }
  const { rate, part } = board.progress(at(290))
  assert.is(rate, 10)
  assert.is(part, 0.29)
})

boards('while it is cancelled the bar goes back, and nobody knows for how long', () => {
  const board = new Board()
  const back = (keys: number) => {
    return receipt('m1', { moved: amount(400), returned: amount(keys), cancelling: true })
  }
  board.see(ring({ migrations: [back(0)] }), 0)
  board.see(ring({ migrations: [back(200)] }), 1_000)
  assert.equal(board.progress(back(200)), { part: 0.2, rate: 200, leftMs: undefined })
})

boards('a migration without keys is over when it is over', () => {
  const board = new Board()
  const none = receipt('m1', { planned: amount(0) })
  assert.is(board.progress(none).part, 0)
  assert.is(board.progress({ ...none, state: 'done' }).part, 1)
})

boards('events change what is shown; mere progress is no news', () => {
  const board = new Board()
  board.see(ring(), 0)
  const told = [
    board.hear({ type: 'ring', epoch: 2, cause: 'join of n3' }, 1),
    board.hear({ type: 'node', node: 'n2', state: 'recovering', cause: 'its worker died' }, 2),
    board.hear({ type: 'migration', migration: receipt('m1') }, 3),
    board.hear({ type: 'migration', migration: receipt('m1', { moved: amount(5) }) }, 4),
    board.hear({ type: 'migration', migration: receipt('m1', { cancelling: true }) }, 5),
  ]
  assert.is(told[0], 'ring epoch 2: join of n3')
  assert.is(told[1], 'node n2 recovering: its worker died')
  assert.match(told[2] ?? '', /^m1: joining of n3: running, 0 of 1,000 keys moved/)
  assert.is(told[3], undefined)
  assert.match(told[4] ?? '', 'going back')
  assert.equal(
    board.news.map(({ atMs }) => atMs),
    [1, 2, 3, 5],
  )
  assert.is(board.ring?.nodes[1].state, 'recovering')
  assert.equal(
    board.migrations.map(({ id }) => id),
    ['m1'],
  )
})

boards('what runs and waits stands first, in its order; of what ended the last few', () => {
  const board = new Board()
  const ended = ['m9', 'm8', 'm7', 'm6', 'm5'].map((id) => receipt(id, { state: 'done' }))
  const second = receipt('m11', { state: 'queued', queuedAt: '2026-01-01T00:00:09.000Z' })
  const first = receipt('m10', { queuedAt: '2026-01-01T00:00:08.000Z' })
  board.see(ring({ nodes: [node('n1')], migrations: [second, first, ...ended] }), 0)
  assert.equal(
    board.migrations.map(({ id }) => id),
    ['m10', 'm11', 'm9', 'm8', 'm7'],
  )
})

boards.run()
