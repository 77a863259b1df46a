import type { Clock } from '../clock.js'
import type { CacheError } from '../errors.js'
import type { Counts } from '../histogram.js'
import type { KeyBytes } from '../key.js'
import type { Reader } from '../store/reader.js'
import type { Scanner } from '../store/scan.js'
import type { Events, SpaceCounts } from '../store/spaces.js'

export type NodeState = 'joining' | 'serving' | 'recovering' | 'draining' | 'down'

/** Told how each order of a call went, in the order of submission. */
export interface Sink {
  /** `outcome`: one of order.ts; `version`: what is stored now, or stood in the way. */
  settle(index: number, outcome: number, version: number): void
  fail(index: number, error: CacheError): void
}

/**
 * A write on its way to a node, filled anew for each: the node copies what it needs before `submit`
 * returns. Deadlines in ms since the node's base.
 */
export interface Write {
  op: number
  space: number
  hash: number
  condition: number
  version: number
  deadline: number
  key: KeyBytes
  type: string
  value: Uint8Array | string
  /** Of the routes that it went by: a node refuses those of a lower one, see OP_FENCE. */
  fence?: number
  /** One of many callers' in this turn, as a server's requests are: it can wait for the turn's end. */
  isShared?: boolean
}

export interface NodeOptions {
  readonly id: string
  readonly memoryBytes: number
  /** Space numbers, 0 included: see spaces.ts. */
  readonly spaces: number
  readonly clock: Clock
  /** 0 where absent. */
  readonly lane?: number | undefined
  /** Where the node's time begins, in ms since the epoch; the same for all nodes of an engine. */
  readonly baseMs: number
}

/** What a node tells of itself. Bytes are those of chunks. */
export interface NodeFigures {
  readonly items: number
  readonly bytes: number
  readonly memoryBytes: number
}

/** Pages and chunks of one slab class. */
export interface ClassFigures {
  readonly chunkBytes: number
  readonly pages: number
  readonly usedChunks: number
  readonly freeChunks: number
}

/** What a node counts for its operators, since it began. */
export interface NodeStatistics extends Events {
  /** The evictions, by their cause: a bucket over its own limit, or no memory. */
  readonly quotaEvictions: number
  readonly memoryEvictions: number
  /** Milliseconds from deadlines to memory given back. */
  readonly lag: Counts
  /** Those that have pages. */
  readonly classes: readonly ClassFigures[]
  /** Orders of all writers that wait or are being carried out. */
  readonly queued: number
  /** Microseconds from an order's way out to its answer, of a sample; nothing where no thread is asked. */
  readonly latency: Counts
}

/**
 * A member of the ring: the seam between the engine and wherever the memory is. Reads never ask a
 * thread; writes are orders, settled in the order in which they were submitted.
 */
export interface Node {
  readonly id: string
  readonly state: NodeState
  readonly memory: SharedArrayBuffer
  readonly baseMs: number
  /** Its place in the tallies of reads; no other node that is up has the same. */
  readonly lane: number
  /** For writers in further threads, one each: see far-node.ts. */
  readonly mailboxes: readonly SharedArrayBuffer[]
  readonly reader: Reader
  readonly scanner: Scanner
  /** Queues a write. Throws `overloaded` or `closed` where it cannot; `sink` may be told at once. */
  submit(write: Write, sink: Sink, index: number): void
  counts(space: number): SpaceCounts
  /** Whether the space holds nothing and may be used for another bucket. */
  isUnused(space: number): boolean
  figures(): NodeFigures
  statistics(): NodeStatistics
  /** Versions left before the node needs another grant. */
  versionsLeft(): number
  /** Bounded upkeep of a node that has no thread of its own. */
  tick(): void
  /** The host went bad: the memory is gone at once, and what is under way fails. */
  fail(): Promise<void>
  /** Resolves when everything submitted is settled and the writer has ended. */
  close(): Promise<void>
}
