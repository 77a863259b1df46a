import { CacheError } from '../../errors.js'
import { Migration } from './migration.js'
import type { MigrationKind, Receipt } from './receipt.js'

/** Changes that may wait, and ended ones that are remembered. */
const MAX_QUEUED = 64
const MAX_ENDED = 256

/** Changes of the ring, one at a time, in the order in which they were asked for. */
export class Changes {
  private readonly migrations = new Map<string, Migration>()
  private readonly now: () => number
  private readonly told: (receipt: Receipt) => void
  private last: Promise<void> = Promise.resolve()
  private number: number
  /** The one under way. */
  running: Migration | undefined

  /** `epoch`, of now: numbers go on from it, so that those of before a restart do not come again. */
  constructor(now: () => number, told: (receipt: Receipt) => void, epoch: number) {
    this.now = now
    this.told = told
    this.number = epoch - 1
  }

  get(id: string): Migration | undefined {
    return this.migrations.get(id)
  }

  /** Newest first. */
  list(): Migration[] {
    return [...this.migrations.values()].reverse()
  }

  /**
   * Queues a change. `run` ends the migration; where it throws, the migration has failed. Throws
   * `overloaded`, but not for a repair: what made it necessary has happened.
   */
  add(
    what: { readonly kind: MigrationKind; readonly node: string; readonly pace: number },
    run: (migration: Migration) => Promise<void>,
  ): Migration {
    const open = this.list().filter((one) => !one.hasEnded)
    if (what.kind !== 'repair' && open.length >= MAX_QUEUED) {
      throw new CacheError('overloaded', `${MAX_QUEUED} changes of the ring wait: let some end`)
    }
    const id = `m${++this.number}`
    const migration = new Migration(id, what, this.now, (one) => this.told(one.receipt()))
    this.migrations.set(id, migration)
    this.forgetOld()
    this.told(migration.receipt())
    this.last = this.last.then(() => this.take(migration, run))
    return migration
  }

  /** Resolves when all that was asked for until now has ended. */
  idle(): Promise<void> {
    return this.last
  }

  private async take(
    migration: Migration,
    run: (migration: Migration) => Promise<void>,
  ): Promise<void> {
    if (migration.hasEnded) {
      return // cancelled while it waited
    }
    this.running = migration
    migration.start()
    try {
      await run(migration)
    } catch (error) {
      migration.end('failed', error instanceof Error ? error.message : String(error))
    } finally {
      this.running = undefined
    }
  }

  private forgetOld(): void {
    for (const [id, { hasEnded }] of this.migrations) {
      if (this.migrations.size <= MAX_ENDED) {
        return
      }
      if (hasEnded) {
        this.migrations.delete(id)
      }
    }
  }
}
