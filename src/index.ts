export { type Clock, ManualClock, systemClock } from './clock.js'
export { AttachedBucket, AttachedEngine, type EngineHandle } from './engine/attached.js'
export {
  Bucket,
  type BucketDescription,
  type Entry,
  type EntryHead,
  type Explanation,
  type PutOptions,
  type WriteOptions,
} from './engine/bucket.js'
export type { BucketOptions, BucketPatch } from './engine/bucket-options.js'
export type { Principal } from './engine/credentials.js'
export { Engine, type RingStatus } from './engine/engine.js'
export type { KeyPage, ListOptions } from './engine/listing.js'
export type { EngineOptions } from './engine/options.js'
export type { Condition, RemoveResult, WriteResult } from './engine/outcomes.js'
export type { Usage } from './engine/usage.js'
export type { Value } from './engine/writes.js'
export { CacheError, type ErrorCode } from './errors.js'
export type { JsonValue, Key } from './key.js'
