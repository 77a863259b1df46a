import { LEFT, type RingEvent } from '../../engine/events.js'
import type { Receipt } from '../../engine/motion/receipt.js'

type Ended = Exclude<Receipt['state'], 'queued' | 'running'>
const ENDED: readonly string[] = ['done', 'cancelled', 'failed'] satisfies readonly Ended[]

/** What has become of migrations, and of nodes, since the server began. */
export interface Counted {
  readonly queued: number
  readonly running: number
  readonly ended: readonly {
    readonly kind: Receipt['kind']
    readonly state: Receipt['state']
    readonly count: number
  }[]
  /** Nodes that went bad, or of which no worker lived long enough. */
  readonly lostNodes: number
  readonly movedKeys: number
  readonly movedBytes: number
}

/** Counts by what the engine tells of the ring. Keys under way are counted as they move. */
export class MigrationCounts {
  private readonly open = new Map<string, Receipt>()
  private readonly ended = new Map<
    string,
    { kind: Receipt['kind']; state: Receipt['state']; count: number }
  >()
  private lostNodes = 0
  private movedKeys = 0
  private movedBytes = 0

  hear(event: RingEvent): void {
    if (event.type === 'node' && event.state === 'down' && event.cause !== LEFT) this.lostNodes++
    if (event.type !== 'migration') return
    const { migration } = event
    if (!ENDED.includes(migration.state)) {
      this.open.set(migration.id, migration)
      return
    }
    if (!this.open.delete(migration.id)) return // told of before
    this.movedKeys += migration.moved.keys
    this.movedBytes += migration.moved.bytes
    const { kind, state } = migration
    const known = this.ended.get(`${kind} ${state}`)
    this.ended.set(`${kind} ${state}`, { kind, state, count: (known?.count ?? 0) + 1 })
  }

  counted(): Counted {
    const open = [...this.open.values()]
    const running = open.filter(({ state }) => state === 'running')
    return {
      queued: open.length - running.length,
      running: running.length,
      ended: [...this.ended.values()],
      lostNodes: this.lostNodes,
      movedKeys: running.reduce((sum, { moved }) => sum + moved.keys, this.movedKeys),
      movedBytes: running.reduce((sum, { moved }) => sum + moved.bytes, this.movedBytes),
    }
  }
}
