import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { AnnulusClient } from '../../src/client/index.js'
import { waitMs } from '../../src/dashboard/page/live/backoff.js'
import { Board } from '../../src/dashboard/page/live/board.js'
import { follow, type Pace } from '../../src/dashboard/page/live/follow.js'
import { type Served, serve } from '../http/served.js'

const following = suite('dashboard follow')

/** No time passes; what was slept is noted. */
function pace(slept: number[], after: (times: number) => void): Pace {
  return {
    now: () => 0,
    chance: () => 0.5,
    sleep: async (ms) => {
      slept.push(ms)
      after(slept.length)
    },
  }
}

async function until(board: Board, holds: (board: Board) => boolean): Promise<void> {
  if (holds(board)) return
  await new Promise<void>((resolve) => {
    const end = board.subscribe(() => {
      if (!holds(board)) return
      end()
      resolve()
    })
  })
}

function clientOf(served: Served, key = served.root): AnnulusClient {
  return new AnnulusClient({ url: served.server.url, key, retries: 0 })
}

following('the ring, its figures and its changes arrive', async () => {
  const served = await serve({ engine: { virtualNodes: 1 } })
  const board = new Board()
  const end = new AbortController()
  const run = follow(
    clientOf(served),
    board,
    end.signal,
    pace([], () => {}),
  )
  await until(board, ({ view }) => view.ring !== undefined && view.figures !== undefined)
  assert.is(board.view.link.state, 'live')
  assert.is(board.view.ring?.positions?.length, 2, 'so few tokens are asked for')
  await served.engine.addNode()
  await until(board, ({ view }) => view.migrations[0]?.state === 'done')
  await until(board, ({ view }) => view.ring?.members.length === 3)
  assert.equal(board.view.ring?.moves, [])
  end.abort()
  await run
  await served.close()
})

following('who is refused is told, and does not ask again', async () => {
  const served = await serve()
  const board = new Board()
  const slept: number[] = []
  const stranger = clientOf(served, 'nobody-knows-this')
  await follow(
    stranger,
    board,
    new AbortController().signal,
    pace(slept, () => {}),
  )
  assert.is(board.view.link.state, 'refused')
  assert.equal(slept, [])
  await served.close()
})

following('a server that is gone is tried ever more slowly', async () => {
  const served = await serve()
  const client = clientOf(served)
  await served.close()
  const board = new Board()
  const slept: number[] = []
  const end = new AbortController()
  const stop = (times: number) => {
    if (times === 8) end.abort()
  }
  await follow(client, board, end.signal, pace(slept, stop))
  assert.is(board.view.link.state, 'lost')
  assert.equal(slept, [500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000, 10_000])
})

following('pages that lost one server together do not come back together', () => {
  assert.equal([waitMs(1, 0), waitMs(1, 1)], [375, 625])
  assert.ok(waitMs(1_000, 1) <= 12_500)
})

following.run()
