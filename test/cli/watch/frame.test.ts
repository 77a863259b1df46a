import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Board } from '../../../src/cli/watch/board.js'
import { frame, type Room } from '../../../src/cli/watch/frame.js'
import { type Output, paint, Screen } from '../../../src/cli/watch/screen.js'
import type { Receipt } from '../../../src/client/index.js'
import { amount, node, receipt, ring } from './rings.js'

const frames = suite('cli watch frame')
const ROOM: Room = { columns: 100, rows: 40 }

function text(board: Board, room: Room = ROOM, trouble?: string): string[] {
  return frame('http://here', board, room, trouble).map((line) => paint(line, room.columns, false))
}

function busy(): Board {
  const board = new Board()
  const nodes = [
    node('n1', { share: 0.4, items: 12_345, bytes: 3 * 2 ** 20 }),
    node('n2', { share: 0.2, state: 'draining', weight: 0.5 }),
    node('n3', { share: 0.4, state: 'joining', items: 0, bytes: 0 }),
  ]
  const half = receipt('m2', { moved: amount(500) })
  const done = receipt('m1', { state: 'done', moved: amount(7), durationMs: 1_500 })
  board.see(ring({ nodes, epoch: 9, migrations: [receipt('m2', { moved: amount(300) }), done] }), 0)
  board.see(ring({ nodes, epoch: 9, migrations: [half, done] }), 2_000)
  board.note('ring epoch 9: join of n3', 0)
  return board
}

frames('shows the ring, its nodes, migrations and the last events', () => {
  const lines = text(busy())
  assert.is(lines[0], 'http://here  epoch 9  3 nodes  13,345 items  4mb of 12mb')
  assert.match(lines[2], /^node {2}state +weight +share +items +memory$/)
  assert.match(lines[3], /^n1 +serving +1 +40\.0 % █+ +12,345 +█+░+ 3mb of 4mb$/)
  assert.match(lines[4], /^n2 +draining +0\.5 +20\.0 % █+ +1,000 +█+░+ 1mb of 4mb$/)
  assert.match(lines[5], /^n3 +joining +1 +40\.0 % █+ +0 +░+ 0b of 4mb$/)
  assert.is(lines[7], 'migrations')
  assert.match(
    lines[8],
    /^m2: joining of n3 {2}█+░+ +50\.0 % {2}500 of 1,000 keys {2}100\/s {2}5 s left$/,
  )
  assert.is(lines[9], 'm1: joining of n3  done, 7 keys moved (7kb), in 1.5s')
  assert.is(lines[11], 'last events')
  assert.match(lines[12], /^[0-9:]{8} {2}ring epoch 9: join of n3$/)
  const filled = (line: string) => line.split('█').length - 1
  assert.is(filled(lines[8]), Math.round((filled(lines[8]) + lines[8].split('░').length - 1) / 2))
})

frames('fits any window', () => {
  for (const columns of [20, 40, 60, 80, 100, 200]) {
    for (const line of text(busy(), { columns, rows: 40 })) assert.ok(line.length <= columns, line)
  }
  const board = new Board()
  const nodes = Array.from({ length: 100 }, (_, i) => node(`n${i + 1}`))
  board.see(ring({ nodes }), 0)
  for (const rows of [10, 24, 50]) {
    const lines = text(board, { columns: 80, rows })
    assert.ok(lines.length <= Math.max(rows, 8), `${lines.length} lines in ${rows} rows`)
    assert.match(lines.join('\n'), /and \d+ more/)
  }
})

frames('says so where the picture may be old, and before there is one', () => {
  assert.equal(text(new Board()), ['http://here  connecting'])
  assert.is(text(busy(), ROOM, 'no answer')[1], 'no answer')
})

frames('a repair has no bar: nobody knows beforehand how many copies are missing', () => {
  const board = new Board()
  const repair: Partial<Receipt> = { kind: 'repair', planned: amount(0), epochs: [], copies: 1_234 }
  const receipts = [receipt('m2', repair), receipt('m1', { ...repair, node: '', state: 'done' })]
  board.see(ring({ migrations: receipts }), 0)
  const lines = text(board)
  assert.is(lines[7], 'm2: repair after n3  running, 1,234 copies made')
  assert.is(lines[8], 'm1: copies anew  done, 1,234 copies made, in 100ms')
})

frames('a join has none until its plan is made', () => {
  const board = new Board()
  const planning = receipt('m1', { planned: amount(0), epochs: [] })
  board.see(ring({ migrations: [planning] }), 0)
  assert.is(text(board)[7], 'm1: joining of n3  planning')
})

frames('something is never shown as nothing, nearly all never as all', () => {
  const board = new Board()
  const nodes = [
    node('n1', { bytes: 1, memoryBytes: 10_000 }),
    node('n2', { bytes: 9_999, memoryBytes: 10_000 }),
  ]
  board.see(ring({ nodes }), 0)
  const lines = text(board)
  assert.match(lines[3], / █░+ 1b of /)
  assert.match(lines[4], / █+░ 9\.8kb of /)
})

/** A terminal of its own: what stands on it after all that was written. */
function terminal(columns: number, rows: number): Output & { lines(): string[] } {
  let screen: string[] = ['']
  let at = 0
  return {
    isTTY: true,
    columns,
    rows,
    write(text: string) {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is read
      for (const [token] of text.matchAll(/\x1b\[[?0-9;]*[a-zA-Z]|\n|\r|[^\x1b\n\r]+/g)) {
        const up = /^.\[(\d+)A$/.exec(token)
        if (up !== null) at -= Number(up[1])
        else if (token === '\n') at++
        else if (token === '\x1b[J') screen = screen.slice(0, at)
        else if (token === '\x1b[K') continue
        else if (token === '\x1b[2J') screen = []
        else if (token === '\x1b[H') at = 0
        else if (!token.startsWith('\x1b') && token !== '\r') screen[at] = token
        assert.ok(at >= 0 && at < rows, `line ${at} of ${rows}`)
      }
    },
    lines: () => [...screen],
  }
}

frames('each picture takes the place of the one before', () => {
  const output = terminal(20, 6)
  const screen = new Screen(output, false)
  screen.draw([['one'], ['two'], ['three']])
  assert.equal(output.lines(), ['one', 'two', 'three'])
  screen.draw([['1'], [['red', '2']]])
  assert.equal(output.lines(), ['1', '2'])
  screen.draw(Array.from({ length: 9 }, (_, i) => [`line ${i}`]))
  assert.equal(output.lines(), ['line 0', 'line 1', 'line 2', 'line 3', 'line 4'])
  screen.draw([['x'.repeat(50)]])
  assert.equal(output.lines(), ['x'.repeat(19)])
  screen.clear()
  screen.draw([['anew']])
  assert.equal(output.lines(), ['anew'])
})

frames('colours are cut by what is seen, and nothing steers the terminal', () => {
  assert.is(paint([['red', 'abc'], 'def'], 4, true), '\x1b[31mabc\x1b[0md')
  assert.is(
    paint(
      [
        ['red', 'abc'],
        ['green', 'def'],
      ],
      3,
      true,
    ),
    '\x1b[31mabc\x1b[0m',
  )
  assert.is(paint(['a\x1b[2Jb\n\x9bc'], 20, true), 'a?[2Jb??c')
})

frames.run()
