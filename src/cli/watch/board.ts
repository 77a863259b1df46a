import type { Receipt } from '../../client/index.js'
import { isOver, type RingNews, type RingView } from '../ring-shapes.js'
import { isPlanning, newsOf } from '../ring-text.js'

/** How fast a migration is, from what was seen of it lately. */
export interface Progress {
  /** 0 to 1. */
  readonly part: number
  /** Keys a second; undefined until there is something to go by. */
  readonly rate: number | undefined
  readonly leftMs: number | undefined
}

interface Sample {
  readonly atMs: number
  readonly keys: number
}

export interface News {
  readonly atMs: number
  readonly text: string
}

/** Rates are taken over this long: a batch more or less must not make them jump. */
const WINDOW_MS = 8_000
const LEAST_WINDOW_MS = 400
const NEWS_KEPT = 50
/** What has ended stays in sight for some time. */
const ENDED_SHOWN = 3

/** What is known of a ring that is being watched. */
export class Board {
  ring: RingView | undefined
  readonly news: News[] = []
  private readonly samples = new Map<string, Sample[]>()

  /** The whole ring as it is now. */
  see(ring: RingView, nowMs: number): void {
    this.ring = ring
    for (const receipt of ring.migrations) this.sample(receipt, nowMs)
    for (const id of this.samples.keys()) {
      if (!ring.migrations.some((receipt) => receipt.id === id)) this.samples.delete(id)
    }
  }

  /** One thing that happened. Gives the line that tells it, where it is more than mere progress. */
  hear(event: RingNews, nowMs: number): string | undefined {
    if (event.type === 'migration') {
      const before = this.receipt(event.migration.id)
      this.keep(event.migration, nowMs)
      if (before !== undefined && !differs(before, event.migration)) return undefined
    }
    if (event.type === 'node' && this.ring !== undefined) {
      const { node: id, state } = event
      const nodes = this.ring.nodes.map((node) => (node.id === id ? { ...node, state } : node))
      this.ring = { ...this.ring, nodes }
    }
    const text = newsOf(event)
    this.note(text, nowMs)
    return text
  }

  note(text: string, nowMs: number): void {
    this.news.push({ atMs: nowMs, text })
    if (this.news.length > NEWS_KEPT) this.news.shift()
  }

  /** Those that run or wait, in their order, then the last that ended. */
  get migrations(): Receipt[] {
    const all = this.ring?.migrations ?? []
    const open = all.filter((receipt) => !isOver(receipt))
    open.sort((a, b) => a.queuedAt.localeCompare(b.queuedAt))
    return [...open, ...all.filter(isOver).slice(0, ENDED_SHOWN)]
  }

  progress(receipt: Receipt): Progress {
    const total = receipt.planned.keys
    const done = standingKeys(receipt)
    const part = total === 0 ? (isOver(receipt) ? 1 : 0) : Math.min(1, done / total)
    const samples = this.samples.get(receipt.id) ?? []
    const [first, last] = [samples[0], samples.at(-1)]
    const spanMs = first === undefined || last === undefined ? 0 : last.atMs - first.atMs
    if (first === undefined || last === undefined || spanMs < LEAST_WINDOW_MS || isOver(receipt)) {
      return { part, rate: undefined, leftMs: undefined }
    }
    const rate = ((last.keys - first.keys) * 1_000) / spanMs
    const isGoingOn = rate > 0 && !receipt.cancelling
    const leftMs = isGoingOn ? (Math.max(0, total - done) / rate) * 1_000 : undefined
    return { part, rate: Math.abs(rate), leftMs }
  }

  private receipt(id: string): Receipt | undefined {
    return this.ring?.migrations.find((receipt) => receipt.id === id)
  }

  private keep(receipt: Receipt, nowMs: number): void {
    this.sample(receipt, nowMs)
    if (this.ring === undefined) return
    const { migrations } = this.ring
    const at = migrations.findIndex(({ id }) => id === receipt.id)
    const changed = at < 0 ? [receipt, ...migrations] : migrations.with(at, receipt)
    this.ring = { ...this.ring, migrations: changed }
  }

  private sample(receipt: Receipt, nowMs: number): void {
    const { id } = receipt
    if (receipt.state !== 'running' || isPlanning(receipt)) return
    const samples = this.samples.get(id) ?? []
    this.samples.set(id, samples)
    samples.push({ atMs: nowMs, keys: standingKeys(receipt) })
    while (samples.length > 2 && nowMs - samples[0].atMs > WINDOW_MS) samples.shift()
  }
}

/** Keys that are at their new place: while it is cancelled, fewer and fewer. */
function standingKeys({ moved, returned }: Receipt): number {
  return Math.max(0, moved.keys - returned.keys)
}

function differs(a: Receipt, b: Receipt): boolean {
  return a.state !== b.state || a.cancelling !== b.cancelling
}
