export type NodeState = 'joining' | 'serving' | 'recovering' | 'draining' | 'down'
export type MigrationKind = 'join' | 'leave' | 'repair'
export interface Amount {
  readonly keys: number
  readonly bytes: number
  readonly digest: string
}
export interface Move {
  readonly from: number
  readonly to: number
  readonly source: string
  readonly target: string
}
export interface Plan {
  readonly kind: MigrationKind
  readonly node: string
  readonly arcs: number
  readonly share: number
  readonly planned: Amount
  readonly dropped: Amount
  readonly fits: boolean
  readonly targets: readonly {
    readonly id: string
    readonly incomingBytes: number
    readonly freeBytes: number
  }[]
  readonly moves?: readonly Move[]
}
export interface Receipt {
  readonly id: string
  readonly kind: MigrationKind
  readonly node: string
  readonly state: 'queued' | 'running' | 'done' | 'cancelled' | 'failed'
  readonly planned: Amount
  readonly moved: Amount
  readonly returned: Amount
  readonly dropped: Amount
  readonly copies: number
  readonly arcs: number
  readonly share: number
  readonly epochs: readonly number[]
  readonly cancelling: boolean
  readonly queuedAt: string
  readonly startedAt: string | null
  readonly endedAt: string | null
  readonly durationMs: number | null
  readonly problem: string | null
}
export interface RingNode {
  readonly id: string
  readonly state: NodeState
  readonly weight: number
  readonly share: number
  readonly items: number
  readonly bytes: number
  readonly memoryBytes: number
  readonly incarnation: number
}
export interface Ring {
  readonly epoch: number
  readonly nodes: readonly RingNode[]
  readonly tokens: number
  readonly migrations: readonly Receipt[]
  readonly members: readonly string[]
  readonly circle: readonly number[]
  readonly moves: readonly Move[]
  readonly positions?: readonly number[]
  readonly owners?: readonly number[]
}
export interface RingEvent
  extends Partial<Omit<Ring, 'epoch' | 'members' | 'circle' | 'moves' | 'positions' | 'owners'>> {
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
export type Latency = { readonly p50Us: number; readonly p99Us: number } | null
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
  readonly queue: number
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
export interface FiguresEvent {
  readonly type: 'figures'
  readonly at: string
  readonly intervalMs: number
  readonly requests: {
    readonly rate: number
    readonly errorRate: number
    readonly latency: Latency
  }
  readonly loopDelayUs: number
  readonly nodes: readonly NodeFigures[]
  readonly buckets: { readonly count: number; readonly shown: readonly BucketFigures[] }
}
export type ServerEvent = RingEvent | MigrationEvent | NodeEvent | FiguresEvent
export interface Bucket {
  readonly id: string
  readonly name: string
}
export interface Placement {
  readonly key: string
  readonly hash: number
  readonly angle: number
  readonly token: number
  readonly owner: string
  readonly successors: readonly string[]
  readonly epoch: number
}
