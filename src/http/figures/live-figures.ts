import type { z } from 'zod'
import type { Engine } from '../../engine/engine.js'
import type { NodeReport } from '../../engine/statistics.js'
import { Counts } from '../../histogram.js'
import type { Snapshot } from '../metrics/snapshot.js'
import type { figuresEvent } from '../schemas.js'
import { BucketFigures } from './bucket-figures.js'

export type Figures = z.infer<typeof figuresEvent>

export interface FiguresSource {
  readonly engine: Pick<Engine, 'buckets' | 'bucketCount'>
  readonly monitor: { snapshot(): Snapshot }
}

interface Sample {
  readonly snapshot: Snapshot
  readonly atMs: number
}

/** What an interval was like, from what was counted at its two ends. Rates are by the second. */
export class LiveFigures {
  private readonly source: FiguresSource
  private readonly now: () => number
  private readonly buckets: BucketFigures
  private last: Sample

  /** `now`: a clock that never goes back, in ms. */
  constructor(source: FiguresSource, now: () => number = () => performance.now()) {
    this.source = source
    this.now = now
    this.buckets = new BucketFigures(source.engine)
    this.last = this.sample()
    this.buckets.look(this.last.atMs)
  }

  /** Of the time since this was last asked, or since the beginning. */
  interval(): Figures {
    const before = this.last
    const now = this.sample()
    this.last = now
    const intervalMs = Math.max(1, now.atMs - before.atMs)
    const perSecond = (amount: number) => (Math.max(0, amount) * 1_000) / intervalMs
    const former = new Map(before.snapshot.nodes.map((node) => [node.id, node]))
    return {
      type: 'figures',
      at: new Date().toISOString(),
      intervalMs,
      requests: requestsOf(now.snapshot, before.snapshot, perSecond),
      loopDelayUs: loopDelayOf(now.snapshot, before.snapshot),
      nodes: now.snapshot.nodes.map((node) => nodeOf(node, former.get(node.id), perSecond)),
      buckets: this.buckets.look(now.atMs),
    }
  }

  private sample(): Sample {
    return { snapshot: this.source.monitor.snapshot(), atMs: this.now() }
  }
}

type PerSecond = (amount: number) => number

function requestsOf(now: Snapshot, before: Snapshot, perSecond: PerSecond): Figures['requests'] {
  const sum = (snapshot: Snapshot, from: number) =>
    snapshot.routes
      .flatMap(({ answers }) => answers)
      .reduce((total, { status, count }) => (status >= from ? total + count : total), 0)
  const durations = (snapshot: Snapshot) =>
    snapshot.routes.reduce((all, { duration }) => all.add(duration), new Counts())
  return {
    rate: perSecond(sum(now, 0) - sum(before, 0)),
    errorRate: perSecond(sum(now, 500) - sum(before, 500)),
    latency: latencyOf(durations(now).since(durations(before))),
  }
}

function loopDelayOf(now: Snapshot, before: Snapshot): number {
  const delays = now.loopDelays.map((delay, acceptor) => {
    return delay.since(before.loopDelays[acceptor]).quantile(0.99) ?? 0
  })
  return Math.max(0, ...delays)
}

function latencyOf(counts: Counts): Figures['requests']['latency'] {
  const [p50Us, p99Us] = [counts.quantile(0.5), counts.quantile(0.99)]
  return p50Us === undefined || p99Us === undefined ? null : { p50Us, p99Us }
}

/** A node that was not there before, or is another one of the same name, begins with what it has. */
function nodeOf(
  node: NodeReport,
  former: NodeReport | undefined,
  perSecond: PerSecond,
): Figures['nodes'][number] {
  const before = former !== undefined && former.puts <= node.puts ? former : undefined
  const rate = (count: (of: NodeReport) => number) =>
    perSecond(count(node) - (before === undefined ? 0 : count(before)))
  return {
    id: node.id,
    state: node.state,
    items: node.items,
    bytes: node.bytes,
    memoryBytes: node.memoryBytes,
    gets: rate(({ hits, misses }) => hits + misses),
    hits: rate(({ hits }) => hits),
    puts: rate(({ puts }) => puts),
    deletes: rate(({ deletes }) => deletes),
    evictions: rate(({ evictions }) => evictions),
    expirations: rate(({ expirations }) => expirations),
    queue: node.queued,
    latency: latencyOf(before === undefined ? node.latency : node.latency.since(before.latency)),
  }
}
