import { Arc } from './arc.js'
import { Clock } from './clock.js'
import { Lru } from './lru.js'
import { Opt } from './opt.js'
import { playBytes, playEqual } from './play-store.js'
import { missesOf, type Policy } from './policy.js'
import { S3Fifo } from './s3-fifo.js'
import { Sieve } from './sieve.js'
import type { Trace } from './trace-file.js'
import type { Kind, TraceSource } from './traces.js'
import { WTinyLfu } from './w-tinylfu.js'

/** What an ordinary cache could use; the optimum, which knows the future, is none of them. */
export const peers = {
  LRU: (capacity, { distinct }) => new Lru(capacity, distinct),
  CLOCK: (capacity, { distinct }) => new Clock(capacity, distinct),
  SIEVE: (capacity, { distinct }) => new Sieve(capacity, distinct),
  'S3-FIFO': (capacity, { distinct }) => new S3Fifo(capacity, distinct),
  ARC: (capacity, { distinct }) => new Arc(capacity, distinct),
  'W-TinyLFU': (capacity, trace) => {
    return new WTinyLfu(capacity, trace.distinct, capacity / meanSize(trace))
  },
} as const satisfies Record<string, (capacity: number, trace: Trace) => Policy>

export type Peer = keyof typeof peers
export const peerNames = Object.keys(peers) as Peer[]

/** Hit ratios in percent of one trace at one size. */
export interface ComparedRow {
  readonly trace: string
  readonly kind: Kind
  /** The row's size: items, or MiB of kind `bytes`. */
  readonly size: number
  /** What the store held, and so what each policy had: items or bytes. */
  readonly capacity: number
  readonly requests: number
  readonly distinct: number
  readonly peers: Readonly<Record<Peer, number>>
  /** Where items are of one size: else it is too hard to find. */
  readonly opt: number | undefined
  /** Measured in the store, once for each seed. */
  readonly ours: readonly number[]
}

/** A difference that two decimals of a percentage do not show. */
const HAIR = 0.005

/** Plays one trace at one size through the store, seed by seed, and through each policy. */
export function compareRow(
  { name, kind }: TraceSource,
  trace: Trace,
  size: number,
  seeds: number,
): ComparedRow {
  const { keys, distinct } = trace
  const percent = (misses: number) => 100 - (100 * misses) / keys.length
  const play = kind === 'bytes' ? playBytes : playEqual
  const played = Array.from({ length: seeds }, (_, i) => play(trace, size, i + 1))
  const capacity = Math.max(...played.map(({ held }) => held))
  const ratioOf = (peer: Peer) => percent(missesOf(peers[peer](capacity, trace), trace))
  const ratios = peerNames.map((peer) => [peer, ratioOf(peer)])
  const optimum = () => percent(missesOf(new Opt(capacity, distinct, keys), trace))
  return {
    trace: name,
    kind,
    size,
    capacity,
    requests: keys.length,
    distinct,
    peers: Object.fromEntries(ratios) as ComparedRow['peers'],
    opt: kind === 'bytes' ? undefined : optimum(),
    ours: played.map(({ misses }) => percent(misses)),
  }
}

export function bestOf({ peers: ratios }: ComparedRow): number {
  return Math.max(...peerNames.map((peer) => ratios[peer]))
}

function meanSize({ sizes }: Trace): number {
  return sizes === undefined ? 1 : sizes.reduce((sum, size) => sum + size, 0) / sizes.length
}

export function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** How far the worst seed is below the best of the peers. */
export function gapOf(row: ComparedRow): number {
  return Math.max(0, bestOf(row) - Math.min(...row.ours))
}

/** How far hit ratios stay below the best of the peers, in points, over rows and seeds. */
export interface Shortfall {
  readonly rows: number
  readonly worst: number
  /** The row of the worst. */
  readonly worstAt: string
  /** A row above the best counts as 0. */
  readonly mean: number
  /** Rows with a seed below LRU, and how far the deepest is. */
  readonly belowLru: number
  readonly deepestBelowLru: number
  readonly deepestAt: string
}

/** Of ours, or of what `ratios` takes from a row. */
export function shortfallOf(
  rows: readonly ComparedRow[],
  ratios: (row: ComparedRow) => readonly number[] = ({ ours }) => ours,
): Shortfall {
  const gaps = rows.map((row) => {
    const least = Math.min(...ratios(row))
    const below = ratios(row).map((ratio) => Math.max(0, bestOf(row) - ratio))
    const at = `${row.trace} ${row.size}`
    return { at, worst: bestOf(row) - least, mean: meanOf(below), lru: row.peers.LRU - least }
  })
  const worst = gaps.reduce((a, b) => (b.worst > a.worst ? b : a))
  const deepest = gaps.reduce((a, b) => (b.lru > a.lru ? b : a))
  return {
    rows: rows.length,
    worst: Math.max(0, worst.worst),
    worstAt: worst.at,
    mean: meanOf(gaps.map(({ mean }) => mean)),
    belowLru: gaps.filter(({ lru }) => lru > HAIR).length,
    deepestBelowLru: Math.max(0, deepest.lru),
    deepestAt: deepest.at,
  }
}
