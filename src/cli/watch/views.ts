import type { Receipt } from '../../client/index.js'
import { grouped } from '../../units.js'
import type { RingView } from '../ring-shapes.js'
import { headline, isPlanning, percent, standing } from '../ring-text.js'
import { Board } from './board.js'
import type { Follower } from './follow.js'
import { clockTime, frame } from './frame.js'
import { type Output, printable, Screen } from './screen.js'

export interface View extends Follower {
  resize(): void
  end(): void
}

/** Events come in bursts: the picture is not drawn more often than eyes follow. */
const DRAW_EVERY_MS = 60

/** On a terminal: the whole ring as one picture, drawn over the one before. */
export function wholeView(name: string, output: Output, hasColors: boolean): View {
  const board = new Board()
  const screen = new Screen(output, hasColors)
  let trouble: string | undefined
  let pending: NodeJS.Timeout | undefined
  const draw = () => {
    pending = undefined
    const { columns = 80, rows = 24 } = output
    screen.draw(frame(name, board, { columns, rows }, trouble))
  }
  const soon = () => {
    pending ??= setTimeout(draw, DRAW_EVERY_MS)
  }
  return {
    see(ring) {
      if (trouble !== undefined) board.note('connected again', Date.now())
      trouble = undefined
      board.see(ring, Date.now())
      soon()
    },
    hear(event) {
      board.hear(event, Date.now())
      soon()
    },
    lose(error, attempt, attempts) {
      trouble = lost(error, attempt, attempts)
      soon()
    },
    resize() {
      screen.clear()
      soon()
    },
    end() {
      clearTimeout(pending)
      if (board.ring !== undefined) draw()
      screen.end()
    },
  }
}

/** Into a file or a pipe: a line for each change, and how a migration goes once an interval. */
export function lineView(output: Output, intervalMs: number): View {
  const board = new Board()
  const saidAt = new Map<string, number>()
  let isLost = false
  const say = (text: string) => output.write(`${clockTime(Date.now())}  ${printable(text)}\n`)
  const sayProgress = (receipt: Receipt) => {
    if (receipt.state !== 'running' || isPlanning(receipt)) return
    const now = Date.now()
    if (now - (saidAt.get(receipt.id) ?? 0) < intervalMs) return
    saidAt.set(receipt.id, now)
    const { rate, part } = board.progress(receipt)
    const speed = rate === undefined ? '' : `, ${grouped(rate)} keys/s`
    const progress = receipt.kind === 'repair' ? '' : `, ${percent(part)}${speed}`
    say(`${headline(receipt)}: ${standing(receipt)}${progress}`)
  }
  return {
    see(ring) {
      const isFirst = board.ring === undefined
      board.see(ring, Date.now())
      if (isFirst || isLost) say(summary(ring))
      isLost = false
      for (const receipt of ring.migrations) sayProgress(receipt)
    },
    hear(event) {
      const text = board.hear(event, Date.now())
      if (text !== undefined) say(text)
      else if (event.type === 'migration') sayProgress(event.migration)
    },
    lose(error, attempt, attempts) {
      isLost = true
      say(lost(error, attempt, attempts))
    },
    resize() {},
    end() {},
  }
}

function lost(error: Error, attempt: number, attempts: number): string {
  return `${error.message.replace(/^--url: /, '')}; attempt ${attempt} of ${attempts} to connect again`
}

function summary({ epoch, nodes }: RingView): string {
  const items = nodes.reduce((sum, node) => sum + node.items, 0)
  const list = nodes.map(({ id, state, share }) => `${id} ${state} ${percent(share)}`)
  return `ring epoch ${epoch}, ${grouped(items)} items: ${list.join(', ')}`
}
