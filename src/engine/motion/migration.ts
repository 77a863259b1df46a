import { CacheError } from '../../errors.js'
import type { HeldKey } from './held.js'
import type { MigrationKind, MigrationState, Plan, Receipt } from './receipt.js'
import { Tally } from './receipt.js'
import type { Fate } from './settler.js'

/** Progress is told so often, at most. */
const PROGRESS_MS = 250
const NOTHING = new Tally().amount

/** A change of the ring on its way: what was asked, how far it is, and how it ended. */
export class Migration {
  readonly id: string
  readonly kind: MigrationKind
  readonly node: string
  readonly pace: number
  /** Resolves with the receipt when it has ended, however it did. */
  readonly done: Promise<Receipt>
  isCancelling = false
  private state: MigrationState = 'queued'
  private plan: Plan | undefined
  private problem: string | undefined
  private readonly moved = new Tally()
  private readonly returned = new Tally()
  private isReturning = false
  private isConcluding = false
  private readonly dropped = new Tally()
  private copies = 0
  private readonly epochs: number[] = []
  private readonly now: () => number
  private readonly queuedMs: number
  private toldMs = 0
  private startedMs: number | undefined
  private endedMs: number | undefined
  private settle!: (receipt: Receipt) => void
  private readonly changed: (migration: Migration) => void

  constructor(
    id: string,
    what: { readonly kind: MigrationKind; readonly node: string; readonly pace: number },
    now: () => number,
    changed: (migration: Migration) => void,
  ) {
    this.id = id
    this.kind = what.kind
    this.node = what.node
    this.pace = what.pace
    this.now = now
    this.changed = changed
    this.queuedMs = now()
    this.done = new Promise((resolve) => {
      this.settle = resolve
    })
  }

  get hasEnded(): boolean {
    return this.endedMs !== undefined
  }

  get isQueued(): boolean {
    return this.state === 'queued'
  }

  /** No key is lost by it: what was moved goes back. Throws `migration_ended`. */
  cancel(): void {
    if (this.hasEnded) {
      const text = `migration ${this.id} has ended already: it is ${this.state}`
      throw new CacheError('migration_ended', text)
    }
    if (this.kind === 'repair') {
      const text = 'copies that a lost node took with it are made again: this cannot be cancelled'
      throw new CacheError('migration_ended', text)
    }
    if (this.isConcluding && !this.isCancelling) {
      const text = `migration ${this.id} is about to end: all keys have moved`
      throw new CacheError('migration_ended', text)
    }
    this.isCancelling = true
    if (this.isQueued) {
      this.end('cancelled')
    } else {
      this.changed(this)
    }
  }

  start(): void {
    this.state = 'running'
    this.startedMs = this.now()
    this.changed(this)
  }

  planAs(plan: Plan): void {
    this.plan = plan
    this.changed(this)
  }

  enter(epoch: number): void {
    this.epochs.push(epoch)
    this.changed(this)
  }

  /** From now on it cannot be cancelled. */
  conclude(): void {
    this.isConcluding = true
  }

  /** From now on what was moved is on its way back. */
  turnBack(): void {
    this.isReturning = true
  }

  count({ hash }: HeldKey, { settled, sizeBytes, copies }: Fate): void {
    this.copies += copies
    if (settled === 'moved') {
      const tally = this.isReturning ? this.returned : this.moved
      tally.add(hash, sizeBytes)
    } else if (settled === 'dropped' || settled === 'lost') {
      this.dropped.add(hash, sizeBytes)
    }
    if (this.now() - this.toldMs >= PROGRESS_MS) {
      this.toldMs = this.now()
      this.changed(this)
    }
  }

  end(state: 'done' | 'cancelled' | 'failed', problem?: string): void {
    if (this.hasEnded) {
      return
    }
    this.state = state
    this.problem = problem
    this.endedMs = this.now()
    this.changed(this)
    this.settle(this.receipt())
  }

  receipt(): Receipt {
    const { plan, startedMs, endedMs } = this
    return {
      id: this.id,
      kind: this.kind,
      node: this.node,
      state: this.state,
      planned: plan?.planned ?? NOTHING,
      moved: this.moved.amount,
      returned: this.returned.amount,
      dropped: this.dropped.amount,
      copies: this.copies,
      arcs: plan?.arcs ?? 0,
      share: plan?.share ?? 0,
      epochs: [...this.epochs],
      cancelling: this.isCancelling && !this.hasEnded,
      queuedAt: iso(this.queuedMs),
      startedAt: startedMs === undefined ? null : iso(startedMs),
      endedAt: endedMs === undefined ? null : iso(endedMs),
      durationMs: startedMs === undefined ? null : (endedMs ?? this.now()) - startedMs,
      problem: this.problem ?? null,
    }
  }
}

function iso(ms: number): string {
  return new Date(ms).toISOString()
}
