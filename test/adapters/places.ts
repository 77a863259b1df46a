import { AnnulusClient, type ClientBucket } from '../../src/client/index.js'
import { ManualClock } from '../../src/clock.js'
import type { Bucket } from '../../src/engine/bucket.js'
import type { BucketOptions } from '../../src/engine/bucket-options.js'
import { Engine } from '../../src/engine/engine.js'
import { ROOT_KEY, serve } from '../http/served.js'

/** A bucket in one of the two places where an adapter meets it. */
export interface Place {
  readonly bucket: Bucket | ClientBucket
  /** Of the nodes: a TTL is over when it is moved. */
  readonly clock: ManualClock
  /** The same bucket as another process would have it. */
  another(): Bucket | ClientBucket
  /** From here on whatever is written fails; over HTTP also what is read. */
  close(): Promise<void>
}

/** Over an engine in this thread and over a server's HTTP. */
export const places: readonly (readonly [
  name: string,
  open: (options?: BucketOptions) => Promise<Place>,
])[] = [
  ['engine', overEngine],
  ['HTTP', overHttp],
]

let buckets = 0

async function overEngine(options: BucketOptions = {}): Promise<Place> {
  const clock = new ManualClock()
  const engine = await Engine.open({ kind: 'inline', nodes: 2, memory: '64mb', clock })
  const bucket = await engine.createBucket(`bucket-${++buckets}`, options)
  return { bucket, clock, another: () => bucket, close: () => engine.close() }
}

async function overHttp(options: BucketOptions = {}): Promise<Place> {
  const clock = new ManualClock()
  const served = await serve({ engine: { clock } })
  const url = `http://127.0.0.1:${served.server.port}`
  const client = new AnnulusClient({ url, key: ROOT_KEY, retries: 0 })
  const made = await client.createBucket(`bucket-${++buckets}`, options)
  return {
    bucket: client.bucket(made),
    clock,
    another: () => new AnnulusClient({ url, key: ROOT_KEY, retries: 0 }).bucket(made.id),
    close: served.close,
  }
}
