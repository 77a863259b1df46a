import type { Engine } from '../../engine/engine.js'
import type { Meters } from './meter.js'
import { MigrationCounts } from './migration-counts.js'
import { loopDelays, reportRoutes, type Snapshot } from './snapshot.js'

/** What is counted of a server beside its requests. */
export interface ServerFigures {
  readonly acceptors: number
  readonly acceptorDeaths: number
  readonly connections: number
  readonly heldBytes: number
  readonly listeners: number
}

export interface MonitorOptions {
  readonly engine: Engine
  readonly meters: Meters
  /** In the order of their numbers. */
  readonly calls: readonly { readonly method: string; readonly path: string }[]
  readonly figures: () => ServerFigures
}

/** Takes together what engine, nodes and acceptors count. Nobody is asked: it is all in shared memory. */
export class Monitor {
  private readonly options: MonitorOptions
  private readonly migrations = new MigrationCounts()
  private readonly unsubscribe: () => void

  constructor(options: MonitorOptions) {
    this.options = options
    this.unsubscribe = options.engine.watch((event) => this.migrations.hear(event))
  }

  snapshot(): Snapshot {
    const { engine, meters, calls, figures } = this.options
    return {
      nodes: engine.nodeReports(),
      ring: engine.ringStatus(),
      migrations: this.migrations.counted(),
      routes: reportRoutes(meters, calls),
      loopDelays: loopDelays(meters),
      buckets: engine.bucketCount,
      ...figures(),
    }
  }

  close(): void {
    this.unsubscribe()
  }
}
