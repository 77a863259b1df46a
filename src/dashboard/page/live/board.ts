import type { FiguresEvent, Receipt, Ring, RingNode, ServerEvent } from '../../../client/index.js'
import { History } from './history.js'
import { type News, NewsList, newsOf, newsOfMigration } from './news.js'

/** How the page stands with the server. */
export type Link =
  | { readonly state: 'connecting' }
  | { readonly state: 'live' }
  | { readonly state: 'lost'; readonly why: string; readonly retryAtMs: number }
  | { readonly state: 'refused'; readonly why: string }

export const WHOLE = ['rate', 'errors', 'hits', 'p50', 'p99'] as const
export const OF_NODE = ['rate', 'hits', 'p99'] as const
export type WholeHistory = History<(typeof WHOLE)[number]>
export type NodeHistory = History<(typeof OF_NODE)[number]>

/** Everything that is shown, as it is now. */
export interface View {
  readonly link: Link
  readonly ring: Ring | undefined
  readonly figures: FiguresEvent | undefined
  /** When they came, by this machine's clock. */
  readonly figuresAtMs: number
  /** Newest first. */
  readonly migrations: readonly Receipt[]
  readonly news: readonly News[]
}

const ENDED_KEPT = 8
const NOTHING: View = {
  link: { state: 'connecting' },
  ring: undefined,
  figures: undefined,
  figuresAtMs: 0,
  migrations: [],
  news: [],
}

/** What the page knows of a server, and who is to be told when that changes. */
export class Board {
  view: View = NOTHING
  readonly whole: WholeHistory = new History(WHOLE)
  private readonly nodes = new Map<string, NodeHistory>()
  private readonly log = new NewsList()
  private readonly listeners = new Set<() => void>()

  /** Returns what ends it. */
  subscribe(listener: () => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  nodeHistory(id: string): NodeHistory | undefined {
    return this.nodes.get(id)
  }

  setLink(link: Link, atMs: number): void {
    const before = this.view.link.state
    if (link.state === 'lost' && before !== 'lost') {
      this.log.add({ kind: 'link', tone: 'bad', text: `disconnected: ${link.why}` }, atMs)
      this.gap(atMs)
    }
    if (link.state === 'live' && before !== 'live') {
      this.log.add({ kind: 'link', tone: 'good', text: 'connected' }, atMs)
    }
    this.change({ link })
  }

  /** The ring as it is now. */
  see(ring: Ring, atMs: number): void {
    // What had happened before anybody looked is no news.
    if (this.view.ring !== undefined) this.tell(ring.migrations, atMs)
    this.change({ ring, migrations: bounded(ring.migrations) })
  }

  hear(event: ServerEvent, atMs: number): void {
    if (event.type === 'figures') {
      this.keep(event, atMs)
      this.change({ figures: event, figuresAtMs: atMs })
    } else if (event.type === 'migration') this.hearOf(event.migration, atMs)
    else {
      this.log.add(newsOf(event), atMs)
      const { ring } = this.view
      if (event.type === 'ring' || ring === undefined) this.change({})
      else {
        const { node, state } = event
        const nodes = ring.nodes.map((one) => (one.id === node ? { ...one, state } : one))
        this.change({ ring: { ...ring, nodes } })
      }
    }
  }

  private hearOf(receipt: Receipt, atMs: number): void {
    const { migrations } = this.view
    const known = this.receipt(receipt.id)
    // The whole ring was asked for meanwhile, and knew how it ended.
    if (known !== undefined && isOver(known)) return
    this.tell([receipt], atMs)
    this.change({ migrations: withReceipt(migrations, receipt) })
  }

  private tell(receipts: readonly Receipt[], atMs: number): void {
    for (const receipt of receipts) {
      this.log.add(newsOfMigration(receipt, this.receipt(receipt.id)), atMs)
    }
  }

  private receipt(id: string): Receipt | undefined {
    return this.view.migrations.find((one) => one.id === id)
  }

  private keep(figures: FiguresEvent, atMs: number): void {
    const { requests, nodes } = figures
    const sum = (of: (node: FiguresEvent['nodes'][number]) => number) =>
      nodes.reduce((total, node) => total + of(node), 0)
    const gets = sum((node) => node.gets)
    this.whole.push(atMs, {
      rate: requests.rate,
      errors: requests.errorRate,
      hits: gets > 0 ? sum((node) => node.hits) / gets : null,
      p50: requests.latency?.p50Us ?? null,
      p99: requests.latency?.p99Us ?? null,
    })
    for (const id of this.nodes.keys()) {
      if (!nodes.some((node) => node.id === id)) this.nodes.delete(id)
    }
    for (const node of nodes) {
      const history = this.nodes.get(node.id) ?? new History(OF_NODE)
      this.nodes.set(node.id, history)
      history.push(atMs, {
        rate: node.gets + node.puts + node.deletes,
        hits: node.gets > 0 ? node.hits / node.gets : null,
        p99: node.latency?.p99Us ?? null,
      })
    }
  }

  /** Nothing is known of the time while the server was away: lines must not cross it. */
  private gap(atMs: number): void {
    const none = { rate: null, errors: null, hits: null, p50: null, p99: null }
    if (this.whole.times.size > 0) this.whole.push(atMs, none)
    for (const history of this.nodes.values()) history.push(atMs, none)
  }

  private change(part: Partial<View>): void {
    this.view = { ...this.view, ...part, news: this.log.list }
    for (const listener of [...this.listeners]) listener()
  }
}

/** A node of the ring with its figures, where there are any. */
export interface NodeView extends RingNode {
  readonly live: FiguresEvent['nodes'][number] | undefined
}

export function nodesOf({ ring, figures }: View): NodeView[] {
  const live = new Map((figures?.nodes ?? []).map((node) => [node.id, node]))
  return (ring?.nodes ?? []).map((node) => {
    const now = live.get(node.id)
    return now === undefined
      ? { ...node, live: undefined }
      : { ...node, items: now.items, bytes: now.bytes, memoryBytes: now.memoryBytes, live: now }
  })
}

export function isOver({ state }: Receipt): boolean {
  return state === 'done' || state === 'cancelled' || state === 'failed'
}

/** It runs, and does not know yet how much there is to move. */
export function isCounting({ state, epochs, kind }: Receipt): boolean {
  return state === 'running' && kind !== 'repair' && epochs.length === 0
}

/** How much of it is done, 0 to 1; while it goes back, less and less. */
export function progressOf(receipt: Receipt): number {
  const { planned, moved, returned, state } = receipt
  if (state === 'done') return 1
  if (planned.keys === 0) return 0
  return Math.min(1, Math.max(0, moved.keys - returned.keys) / planned.keys)
}

function withReceipt(migrations: readonly Receipt[], receipt: Receipt): readonly Receipt[] {
  const at = migrations.findIndex(({ id }) => id === receipt.id)
  return bounded(at < 0 ? [receipt, ...migrations] : migrations.with(at, receipt))
}

/** All that wait or are under way, and the last few that ended. */
function bounded(migrations: readonly Receipt[]): readonly Receipt[] {
  let ended = 0
  return migrations.filter((receipt) => !isOver(receipt) || ++ended <= ENDED_KEPT)
}
