import type { Clock } from '../clock.js'
import type { Catalogue } from './catalogue.js'
import type { Cluster } from './cluster.js'
import type { RingRecord } from './records.js'

/** What an engine is made of, once its catalogue and its nodes are open. */
export interface EngineParts {
  readonly catalogue: Catalogue
  readonly cluster: Cluster
  readonly record: RingRecord
  readonly movePace: number
  readonly clock: Clock
  readonly maxBuckets: number
  readonly maxValueBytes: number
  readonly writers: number
  readonly newRootKey: string | undefined
  readonly notices: readonly string[]
  readonly spaces: number
}
