import type { Receipt, RingNode } from '../../client/index.js'
import { counted, formatDuration, formatSize, grouped } from '../../units.js'
import { headline, isPlanning, percent, standing } from '../ring-text.js'
import type { Board, News } from './board.js'
import type { Line, Span, Style } from './screen.js'

export interface Room {
  readonly columns: number
  readonly rows: number
}

const FULL = '█'
const EMPTY = '░'
const NEWS_SHOWN = 6
const LEAST_NODES = 3

const COLORS: Readonly<Record<string, Style>> = {
  serving: 'green',
  joining: 'yellow',
  draining: 'yellow',
  recovering: 'red',
  down: 'red',
  queued: 'dim',
  running: 'yellow',
  done: 'green',
  cancelled: 'dim',
  failed: 'red',
}

/** The whole picture, as lines that fit the room. `trouble`: why it may be out of date. */
export function frame(name: string, board: Board, room: Room, trouble?: string): Line[] {
  const { ring } = board
  const lines: Line[] = []
  if (ring === undefined) return [[name, '  ', ['dim', trouble ?? 'connecting']]]
  const items = ring.nodes.reduce((sum, node) => sum + node.items, 0)
  const bytes = ring.nodes.reduce((sum, node) => sum + node.bytes, 0)
  const memory = ring.nodes.reduce((sum, node) => sum + node.memoryBytes, 0)
  const count = ring.nodes.length
  lines.push([
    ['bold', name],
    `  epoch ${ring.epoch}  ${count} ${count === 1 ? 'node' : 'nodes'}  ${grouped(items)} items`,
    `  ${formatSize(bytes)} of ${formatSize(memory)}`,
  ])
  if (trouble !== undefined) lines.push([['red', trouble]])
  lines.push([])
  const { migrations } = board
  const others = lines.length + 2 + (migrations.length > 0 ? migrations.length + 2 : 0)
  const shown = Math.max(LEAST_NODES, room.rows - others - NEWS_SHOWN - 2)
  lines.push(...nodeLines(ring.nodes, shown, room.columns))
  if (migrations.length > 0) {
    lines.push([], [['dim', 'migrations']])
    for (const receipt of migrations) lines.push(migrationLine(receipt, board, room.columns))
  }
  const news = board.news.slice(-Math.max(0, Math.min(NEWS_SHOWN, room.rows - lines.length - 2)))
  if (news.length > 0) lines.push([], [['dim', 'last events']], ...news.map(newsLine))
  return lines
}

function nodeLines(nodes: readonly RingNode[], shown: number, columns: number): Line[] {
  const visible = nodes.length > shown ? nodes.slice(0, shown - 1) : nodes
  const ids = Math.max(4, ...visible.map(({ id }) => id.length))
  const items = Math.max(9, ...visible.map((node) => grouped(node.items).length))
  // What is left beside the words is for the two bars; the memory's is worth twice the share's.
  const free = Math.max(0, columns - ids - items - 56)
  const shareBar = Math.min(12, Math.floor(free / 3))
  const memoryBar = Math.min(24, free - shareBar)
  const top = Math.max(...nodes.map(({ share }) => share), 0.001)
  const head = [
    'node'.padEnd(ids),
    'state'.padEnd(10),
    'weight',
    `${'share'.padStart(7)} ${' '.repeat(shareBar)}`,
    'items'.padStart(items),
    'memory',
  ].join('  ')
  const lines: Line[] = [[['dim', head]]]
  for (const node of visible) {
    const { id, state, weight, share, bytes, memoryBytes } = node
    const full = memoryBytes === 0 ? 0 : bytes / memoryBytes
    lines.push([
      `${id.padEnd(ids)}  `,
      [COLORS[state] ?? 'plain', state.padEnd(10)],
      `  ${weight.toString().padStart(6)}  ${percent(share).padStart(7)} `,
      ...bar(share / top, shareBar, 'cyan', ' '),
      `  ${grouped(node.items).padStart(items)}  `,
      ...bar(full, memoryBar, full > 0.9 ? 'yellow' : 'cyan', EMPTY),
      `${memoryBar > 0 ? ' ' : ''}${formatSize(bytes)} of ${formatSize(memoryBytes)}`,
    ])
  }
  const hidden = nodes.length - visible.length
  if (hidden > 0) lines.push([['dim', `and ${hidden} more`]])
  return lines
}

function migrationLine(receipt: Receipt, board: Board, columns: number): Line {
  const color = COLORS[receipt.state] ?? 'plain'
  const name = `${headline(receipt)}  `
  const hasBar = receipt.state === 'running' && receipt.kind !== 'repair' && !isPlanning(receipt)
  if (!hasBar) return [name, [color, standing(receipt)]]
  const { part, rate, leftMs } = board.progress(receipt)
  const { planned, moved, returned, cancelling } = receipt
  const texts = [`${grouped(moved.keys - returned.keys)} of ${counted(planned.keys, 'key')}`]
  if (cancelling) texts.unshift('going back')
  if (rate !== undefined) texts.push(`${grouped(rate)}/s`)
  if (leftMs !== undefined) texts.push(`${leftText(leftMs)} left`)
  const text = ` ${percent(part).padStart(7)}  ${texts.join('  ')}`
  const width = Math.min(32, columns - name.length - text.length - 1)
  return [name, ...bar(part, width, color, EMPTY), text]
}

function leftText(ms: number): string {
  const s = Math.ceil(ms / 1_000)
  return s < 120 ? `${s} s` : formatDuration(Math.ceil(s / 60) * 60_000)
}

function newsLine({ atMs, text }: News): Line {
  return [['dim', `${clockTime(atMs)}  `], text]
}

/** `14:05:09`, by the clock on the wall here. */
export function clockTime(atMs: number): string {
  const at = new Date(atMs)
  return [at.getHours(), at.getMinutes(), at.getSeconds()]
    .map((number) => String(number).padStart(2, '0'))
    .join(':')
}

function bar(part: number, width: number, style: Style, rest: string): Span[] {
  if (width <= 0) return []
  const filled = Math.round(Math.min(1, Math.max(0, part)) * width)
  // Something is not nothing, and nearly all is not all.
  const shown = part > 0 && filled === 0 ? 1 : part < 1 && filled === width ? width - 1 : filled
  return [
    [style, FULL.repeat(Math.max(0, shown))],
    ['dim', rest.repeat(width - Math.max(0, shown))],
  ]
}
