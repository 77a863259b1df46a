export { type Clock, ManualClock, systemClock } from './clock.js'
export type { EngineHandle, HandleOptions } from './engine/announcer.js'
export { AttachedEngine } from './engine/attached.js'
export { AttachedBucket } from './engine/attached-bucket.js'
export {
  Bucket,
  type BucketDescription,
  type Explanation,
} from './engine/bucket.js'
export type { BucketOptions, BucketPatch } from './engine/bucket-options.js'
export type { Principal } from './engine/credentials.js'
export { Engine } from './engine/engine.js'
export type { RingEvent } from './engine/events.js'
export {
  type Entry,
  type EntryHead,
  Keys,
  type Loader,
  type PutOptions,
  type WriteOptions,
} from './engine/keys.js'
export type { KeyPage, ListOptions } from './engine/listing.js'
export type { RemoveNodeOptions } from './engine/membership.js'
export type { Migration } from './engine/motion/migration.js'
export type { Amount, Plan, Receipt } from './engine/motion/receipt.js'
export type { AddNodeOptions } from './engine/new-members.js'
export type { EngineOptions } from './engine/options.js'
export type { Condition, RemoveResult, WriteResult } from './engine/outcomes.js'
export type { RingStatus } from './engine/ring-status.js'
export type { Copies, Usage } from './engine/usage.js'
export type { Value } from './engine/writes.js'
export { CacheError, type ErrorCode } from './errors.js'
export type { JsonValue, Key } from './key-rules.js'
