import { Counter, collectDefaultMetrics, Gauge, type Histogram, Registry } from 'prom-client'
import type { Counts } from '../../histogram.js'
import { counters, gauges, type HistogramFamily, histograms } from './families.js'
import type { Snapshot } from './snapshot.js'

const PREFIX = 'annulus_'
/** Bounds in our units, 16 to 2^24 by octaves: 16 µs to 17 s, or 16 ms to 4.7 hours. */
const BOUNDS = Array.from({ length: 21 }, (_, octave) => 2 ** (octave + 4))

/**
 * A histogram whose counts we keep ourselves. The library's own takes single observations alone; all that
 * its registry asks of a metric is `get`. Told in whole octaves: each of our buckets lies within one, so
 * nothing is guessed.
 */
class KeptHistogram {
  readonly name: string
  private readonly family: HistogramFamily
  private readonly read: () => Snapshot

  constructor(family: HistogramFamily, read: () => Snapshot) {
    this.name = PREFIX + family.name
    this.family = family
    this.read = read
  }

  async get() {
    const { name, family } = this
    const values = [...family.read(this.read())].flatMap(([labels, counts]) =>
      this.told(labels, counts),
    )
    return { name, help: family.help, type: 'histogram', aggregator: 'sum', values }
  }

  private told(labels: object, counts: Counts) {
    const { name } = this
    const { unitsPerBase } = this.family
    const bucket = (le: number | '+Inf', value: number) => ({
      metricName: `${name}_bucket`,
      labels: { le, ...labels },
      value,
    })
    return [
      // What is below 2^n is at most 2^n - 1 in whole units.
      ...BOUNDS.map((bound) => bucket(bound / unitsPerBase, counts.upTo(bound - 1))),
      bucket('+Inf', counts.total),
      { metricName: `${name}_sum`, labels, value: counts.sum / unitsPerBase },
      { metricName: `${name}_count`, labels, value: counts.total },
    ]
  }
}

/** What `GET /metrics` answers: the library writes it, the figures are taken when it is asked for. */
export class Prometheus {
  readonly contentType: string
  private readonly registry = new Registry()
  private readonly take: () => Snapshot
  private snapshot: Snapshot

  constructor(take: () => Snapshot, version: string) {
    this.take = take
    this.snapshot = take()
    const { registry } = this
    this.contentType = registry.contentType
    const registers = [registry]
    new Gauge({
      ...{
        name: `${PREFIX}build_info`,
        help: '1; the version that runs, and its Node.',
        registers,
      },
      labelNames: ['version', 'node_version'],
    }).set({ version, node_version: process.version }, 1)
    for (const { name, help, labels, read } of counters) {
      const counter = new Counter({
        ...{ name: PREFIX + name, help, labelNames: [...labels], registers },
        collect: () => {
          counter.reset()
          for (const [at, value] of read(this.snapshot)) counter.inc({ ...at }, value)
        },
      })
    }
    for (const { name, help, labels, read } of gauges) {
      const gauge = new Gauge({
        ...{ name: PREFIX + name, help, labelNames: [...labels], registers },
        collect: () => {
          gauge.reset()
          for (const [at, value] of read(this.snapshot)) gauge.set({ ...at }, value)
        },
      })
    }
    for (const family of histograms) {
      const kept = new KeptHistogram(family, () => this.snapshot)
      registry.registerMetric(kept as unknown as Histogram<string>) // see above
    }
    // Of the process: CPU, memory, heap, garbage collection.
    collectDefaultMetrics({ register: registry, prefix: PREFIX })
    // Gauges that are named like counters; each has a sibling that tells more.
    for (const kind of ['handles', 'requests', 'resources']) {
      registry.removeSingleMetric(`${PREFIX}nodejs_active_${kind}_total`)
    }
  }

  text(): Promise<string> {
    this.snapshot = this.take()
    return this.registry.metrics()
  }
}
