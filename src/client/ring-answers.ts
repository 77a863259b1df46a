/** What the server answers about its ring, and tells of it as events; held to its schemas as well. */

export type NodeState = 'joining' | 'serving' | 'recovering' | 'draining' | 'down'
export type MigrationKind = 'join' | 'leave' | 'repair'

export interface Amount {
  readonly keys: number
  readonly bytes: number
  /** Of the set of keys; their order does not count. */
  readonly digest: string
}

export interface AddedNode {
  readonly node: string
  readonly migration: string
}

export interface RemovedNode {
  readonly migration: string
}

export interface FailedNode {
  readonly epoch: number
  /** Makes missing copies again, where buckets have any. */
  readonly migration: string | null
}

/** An arc that changes owner: the positions after `from`, up to and with `to`, clockwise. */
export interface Move {
  readonly from: number
  readonly to: number
  readonly source: string
  readonly target: string
}

/** What a change of the ring would do. */
export interface Plan {
  readonly kind: MigrationKind
  readonly node: string
  readonly arcs: number
  /** Part of the circle, 0 to 1. */
  readonly share: number
  readonly planned: Amount
  /** Of economy buckets: let go. */
  readonly dropped: Amount
  readonly fits: boolean
  readonly targets: readonly {
    readonly id: string
    readonly incomingBytes: number
    readonly freeBytes: number
  }[]
  /** With `arcs`: those that would move, merged to 2,048 where they are more. */
  readonly moves?: readonly Move[]
}

/** How far a migration is, or how it ended. */
export interface Receipt {
  readonly id: string
  readonly kind: MigrationKind
  readonly node: string
  readonly state: 'queued' | 'running' | 'done' | 'cancelled' | 'failed'
  readonly planned: Amount
  readonly moved: Amount
  /** What went back because it was cancelled. */
  readonly returned: Amount
  /** Let go: keys of economy buckets. */
  readonly dropped: Amount
  /** Further copies that were made anew. */
  readonly copies: number
  readonly arcs: number
  readonly share: number
  /** That it made. */
  readonly epochs: readonly number[]
  readonly cancelling: boolean
  /** ISO 8601, as the two below. */
  readonly queuedAt: string
  readonly startedAt: string | null
  readonly endedAt: string | null
  readonly durationMs: number | null
  /** Why it failed. */
  readonly problem: string | null
}

export interface RingNode {
  readonly id: string
  readonly state: NodeState
  readonly weight: number
  /** Part of the circle, 0 to 1. */
  readonly share: number
  readonly items: number
  readonly bytes: number
  readonly memoryBytes: number
  /** The epoch in which it joined. */
  readonly incarnation: number
}

export interface Ring {
  readonly epoch: number
  readonly nodes: readonly RingNode[]
  /** How many there are. */
  readonly tokens: number
  /** Queued, running, and the last that ended, newest first. */
  readonly migrations: readonly Receipt[]
  /** Ids of the nodes that own a part of the circle. */
  readonly members: readonly string[]
  /** Owners, as indexes of `members`, at even distances. */
  readonly circle: readonly number[]
  /** While keys move: the arcs that change owner, merged to 2,048 at most. */
  readonly moves: readonly Move[]
  /** With `tokens`: every token, sorted. */
  readonly positions?: readonly number[]
  /** With `tokens`: their owners. */
  readonly owners?: readonly number[]
}

/** What each stream begins with: the whole ring as it is. */
export interface ConnectedEvent
  extends Omit<Ring, 'members' | 'circle' | 'moves' | 'positions' | 'owners'> {
  readonly type: 'ring'
  readonly cause: 'connected'
}

/** The ring has a new epoch. */
export interface RingEvent {
  readonly type: 'ring'
  readonly epoch: number
  readonly cause: string
}

export interface MigrationEvent {
  readonly type: 'migration'
  readonly migration: Receipt
}

export interface NodeEvent {
  readonly type: 'node'
  readonly node: string
  readonly state: NodeState
  readonly cause: string
}

/** Microseconds; null where there was nothing to measure. */
export type Latency = { readonly p50Us: number; readonly p99Us: number } | null

/** Figures of a node; all but the first four are a second, over the interval. */
export interface NodeFigures {
  readonly id: string
  readonly state: NodeState
  readonly items: number
  readonly bytes: number
  readonly memoryBytes: number
  readonly gets: number
  readonly hits: number
  readonly puts: number
  readonly deletes: number
  readonly evictions: number
  readonly expirations: number
  /** Writes that wait for it. */
  readonly queue: number
  /** From a write on its way to its result. */
  readonly latency: Latency
}

export interface BucketFigures {
  readonly id: string
  readonly name: string
  readonly tier: 'standard' | 'economy'
  readonly items: number
  readonly bytes: number
  readonly maxBytes: number | null
  readonly gets: number
  readonly hits: number
  readonly puts: number
  readonly evictions: number
}

/** What the last interval was like; only where `figures` were asked for. */
export interface FiguresEvent {
  readonly type: 'figures'
  /** ISO 8601. */
  readonly at: string
  readonly intervalMs: number
  readonly requests: {
    /** A second. */
    readonly rate: number
    /** Answered with 5xx. */
    readonly errorRate: number
    readonly latency: Latency
  }
  /** p99 of the longest wait of an event loop, of all acceptors. */
  readonly loopDelayUs: number
  readonly nodes: readonly NodeFigures[]
  readonly buckets: {
    readonly count: number
    /** Those with the most bytes, 50 at most. */
    readonly shown: readonly BucketFigures[]
  }
}

/** `'nodes' in event` tells the first one from later ones of the ring. */
export type ServerEvent = ConnectedEvent | RingEvent | MigrationEvent | NodeEvent | FiguresEvent
