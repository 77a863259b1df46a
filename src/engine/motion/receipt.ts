/** A set of keys: how many, the memory that they take, and a digest in which order does not count. */
export interface Amount {
  readonly keys: number
  readonly bytes: number
  readonly digest: string
}

/** Counts up an Amount. The digest is the sum of the keys' hashes mod 2^32, in hex. */
export class Tally {
  private keys = 0
  private bytes = 0
  private sum = 0

  add(hash: number, bytes: number): void {
    this.keys++
    this.bytes += bytes
    this.sum = (this.sum + hash) >>> 0
  }

  get amount(): Amount {
    return {
      keys: this.keys,
      bytes: this.bytes,
      digest: this.sum.toString(16).padStart(8, '0'),
    }
  }
}

export type MigrationKind = 'join' | 'leave' | 'repair'
export type MigrationState = 'queued' | 'running' | 'done' | 'cancelled' | 'failed'

/** What a change of the ring moves, before it does. */
export interface Plan {
  readonly kind: MigrationKind
  readonly node: string
  readonly arcs: number
  /** The part of the circle that changes owner, 0 to 1. */
  readonly share: number
  readonly planned: Amount
  /** Keys of economy buckets, which are let go. */
  readonly dropped: Amount
  /** Whether every node that takes keys over has room for them without evicting. */
  readonly fits: boolean
  readonly targets: readonly {
    readonly id: string
    readonly incomingBytes: number
    readonly freeBytes: number
  }[]
}

/** The account of a migration, while it lasts and afterwards. Times are ISO 8601. */
export interface Receipt {
  readonly id: string
  readonly kind: MigrationKind
  readonly node: string
  readonly state: MigrationState
  readonly planned: Amount
  readonly moved: Amount
  /** What went back to where it was, because the migration was cancelled. */
  readonly returned: Amount
  readonly dropped: Amount
  /** Further copies of keys that were made anew. */
  readonly copies: number
  readonly arcs: number
  readonly share: number
  /** Every epoch of the ring that it brought about. */
  readonly epochs: readonly number[]
  readonly cancelling: boolean
  readonly queuedAt: string
  readonly startedAt: string | null
  readonly endedAt: string | null
  readonly durationMs: number | null
  readonly problem: string | null
}
