import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { FiguresEvent, Receipt, Ring } from '../../src/client/index.js'
import { sorted } from '../../src/dashboard/page/buckets/sorting.js'
import { Board, isCounting, nodesOf, progressOf } from '../../src/dashboard/page/live/board.js'
import { History, Series } from '../../src/dashboard/page/live/history.js'
import { LEFT } from '../../src/engine/events.js'

const board = suite('dashboard board')

const NOTHING = { keys: 0, bytes: 0, digest: '00000000' }

function receipt(id: string, more: Partial<Receipt> = {}): Receipt {
  return {
    ...{ id, kind: 'join', node: 'n3', state: 'running', planned: NOTHING, moved: NOTHING },
    ...{ returned: NOTHING, dropped: NOTHING, copies: 0, arcs: 10, share: 0.3, epochs: [2] },
    ...{ cancelling: false, queuedAt: '2026-01-01T00:00:00.000Z', startedAt: null, endedAt: null },
    ...{ durationMs: null, problem: null },
    ...more,
  }
}

function ring(migrations: readonly Receipt[] = []): Ring {
  const node = { state: 'serving', weight: 1, share: 0.5, items: 1, bytes: 10 } as const
  const nodes = ['n1', 'n2'].map((id) => ({ ...node, id, memoryBytes: 100, incarnation: 1 }))
  const members = nodes.map(({ id }) => id)
  return { epoch: 1, nodes, tokens: 2, migrations, members, circle: [0, 1], moves: [] }
}

function figures(gets: number, hits: number): FiguresEvent {
  const rates = { puts: 2, deletes: 1, evictions: 0, expirations: 0, queue: 0 }
  const node = { state: 'serving', items: 7, bytes: 70, memoryBytes: 100, ...rates } as const
  return {
    type: 'figures',
    at: '2026-01-01T00:00:00.000Z',
    intervalMs: 1_000,
    requests: { rate: 40, errorRate: 0, latency: { p50Us: 50, p99Us: 900 } },
    loopDelayUs: 10,
    nodes: ['n1', 'n2'].map((id) => ({ ...node, id, gets, hits, latency: null })),
    buckets: { count: 0, shown: [] },
  }
}

board('figures take the place of what the ring said, and go into the histories', () => {
  const one = new Board()
  one.see(ring(), 0)
  assert.equal(
    nodesOf(one.view).map(({ items, live }) => [items, live]),
    [
      [1, undefined],
      [1, undefined],
    ],
  )
  one.hear(figures(10, 9), 1_000)
  one.hear(figures(0, 0), 2_000)
  assert.equal(
    nodesOf(one.view).map(({ items, share, live }) => [items, share, live?.gets]),
    [
      [7, 0.5, 0],
      [7, 0.5, 0],
    ],
  )
  assert.equal(one.whole.columns('rate', 'hits'), [
    [1, 2],
    [40, 40],
    [0.9, null],
  ])
  assert.equal(one.nodeHistory('n1')?.columns('rate'), [
    [1, 2],
    [13, 3],
  ])
})

board('the history of a node that has gone goes with it', () => {
  const one = new Board()
  one.hear(figures(10, 9), 1_000)
  one.hear({ ...figures(1, 1), nodes: figures(1, 1).nodes.slice(0, 1) }, 2_000)
  assert.is(one.nodeHistory('n2'), undefined)
})

board('lines break off where the server was away', () => {
  const one = new Board()
  one.setLink({ state: 'live' }, 0)
  one.hear(figures(10, 9), 1_000)
  one.setLink({ state: 'lost', why: 'gone', retryAtMs: 3_000 }, 2_000)
  one.setLink({ state: 'lost', why: 'gone', retryAtMs: 9_000 }, 4_000)
  one.setLink({ state: 'live' }, 9_000)
  one.hear(figures(10, 9), 10_000)
  assert.equal(one.whole.columns('rate'), [
    [1, 2, 10],
    [40, null, 40],
  ])
  assert.equal(
    one.view.news.map(({ text }) => text),
    ['connected', 'disconnected: gone', 'connected'],
  )
})

board('progress of a migration is no news, its states are', () => {
  const one = new Board()
  const planned = { ...NOTHING, keys: 200 }
  const told: Receipt[] = [
    receipt('m1', { state: 'queued' }),
    receipt('m1', { planned }),
    receipt('m1', { planned, moved: { ...NOTHING, keys: 50 } }),
    receipt('m1', { planned, moved: { ...NOTHING, keys: 50 }, cancelling: true }),
    receipt('m1', { state: 'cancelled', returned: { ...NOTHING, keys: 50 } }),
  ]
  for (const migration of told) one.hear({ type: 'migration', migration }, 5)
  assert.equal(one.view.news.map(({ text }) => text).reverse(), [
    'm1: n3 joins, queued',
    'm1: n3 joins, under way',
    'm1: n3 joins, going back',
    'm1: n3 joins: cancelled, 50 keys went back',
  ])
  assert.is(one.view.migrations.length, 1)
  assert.is(progressOf(told[2]), 0.25)
  assert.is(progressOf(receipt('m1', { state: 'done' })), 1)
  assert.ok(isCounting(receipt('m2', { epochs: [] })))
  assert.not.ok(isCounting(told[1]))
})

board('how a migration ended is told once, whoever tells it first', () => {
  const one = new Board()
  one.see(ring([receipt('m1', { state: 'done' })]), 0)
  assert.equal(one.view.news, [])
  one.hear({ type: 'migration', migration: receipt('m2') }, 1)
  one.see(ring([receipt('m2', { state: 'done', durationMs: 5 })]), 2)
  one.hear({ type: 'migration', migration: receipt('m2') }, 3)
  one.hear({ type: 'migration', migration: receipt('m2', { state: 'done' }) }, 4)
  assert.equal(
    one.view.news.map(({ text }) => text),
    ['m2: n3 joins: done, 0 keys moved in 5 ms', 'm2: n3 joins, under way'],
  )
  assert.is(one.view.migrations[0].state, 'done')
})

board('a node of an event changes its state; what it is about is told', () => {
  const one = new Board()
  one.see(ring(), 0)
  one.hear({ type: 'node', node: 'n2', state: 'down', cause: 'the host went bad' }, 5)
  assert.equal(
    one.view.ring?.nodes.map(({ state }) => state),
    ['serving', 'down'],
  )
  assert.equal(
    one.view.news.map(({ text, tone }) => [text, tone]),
    [['n2 down: the host went bad', 'bad']],
  )
})

board('a node that has left as it was asked is no bad news', () => {
  const one = new Board()
  one.see(ring(), 0)
  one.hear({ type: 'node', node: 'n2', state: 'down', cause: LEFT }, 5)
  const [{ text, tone }] = one.view.news
  assert.equal([text, tone], ['n2 left the ring', 'plain'])
})

board('nothing grows without end', () => {
  const one = new Board()
  for (let i = 0; i < 1_000; i++) {
    one.hear({ type: 'ring', epoch: i, cause: 'a test' }, i)
    one.hear({ type: 'migration', migration: receipt(`m${i}`, { state: 'done' }) }, i)
    one.hear(figures(1, 1), i)
  }
  assert.is(one.view.news.length, 200)
  assert.ok(one.view.migrations.length <= 8)
  assert.is(one.view.migrations[0].id, 'm999')
  assert.is(one.whole.times.size, 300)
})

board('a series forgets the oldest first; what is not known is a gap', () => {
  const series = new Series(3)
  assert.is(series.last, null)
  for (const value of [1, 2, null, 4]) series.push(value)
  assert.equal(series.list(), [2, null, 4])
  assert.is(series.last, 4)
  const history = new History(['a', 'b'], 2)
  for (let i = 1; i <= 3; i++) history.push(i * 1_000, { a: i, b: -i })
  assert.equal(history.columns('b', 'a'), [
    [2, 3],
    [-2, -3],
    [2, 3],
  ])
})

board('buckets are sorted by any column, and keep to their names where they are alike', () => {
  const bucket = (name: string, bytes: number, gets: number, hits: number) => {
    const rest = { tier: 'standard', items: 1, maxBytes: null, puts: 0, evictions: 0 } as const
    return { id: name, name, bytes, gets, hits, ...rest }
  }
  const all = [bucket('b', 5, 0, 0), bucket('a', 5, 10, 1), bucket('c', 9, 10, 9)]
  const names = (by: Parameters<typeof sorted>[1], isRising: boolean) =>
    sorted(all, by, isRising).map(({ name }) => name)
  assert.equal(names('bytes', false), ['c', 'a', 'b'])
  assert.equal(names('bytes', true), ['a', 'b', 'c'])
  assert.equal(names('name', false), ['c', 'b', 'a'])
  assert.equal(names('hits', false), ['c', 'a', 'b'])
})

board.run()
