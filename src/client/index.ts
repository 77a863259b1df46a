export { CacheError, type ErrorCode } from '../errors.js'
export type { JsonValue, Key } from '../key-rules.js'
export type {
  Account,
  BucketDescription,
  BucketOptions,
  BucketPatch,
  ChangedBucket,
  Copies,
  CreatedBucket,
  CreatedCredential,
  CredentialDescription,
  Explanation,
  KeyPage,
  Role,
  RotatedCredential,
  Tier,
  Usage,
} from './answers.js'
export { ClientBucket, type KeysOptions, type ListOptions } from './bucket.js'
export type { CacheBucket, PutOptions, Value } from './cache-bucket.js'
export {
  type AddNodeOptions,
  AnnulusClient,
  type BucketHandle,
  type KnownBucket,
  type PlanOptions,
  type RemoveNodeOptions,
  type RingOptions,
} from './client.js'
export { ClientError } from './client-error.js'
export type { Conditions, WriteOptions } from './conditions.js'
export type { EventOptions } from './events.js'
export {
  ClientKeys,
  type Entry,
  type EntryHead,
  type Loader,
  type PutCallOptions,
  type PutManyOptions,
} from './keys.js'
export type { CallOptions, ClientOptions, Fetch } from './options.js'
export type {
  AddedNode,
  Amount,
  BucketFigures,
  ConnectedEvent,
  FailedNode,
  FiguresEvent,
  Latency,
  MigrationEvent,
  MigrationKind,
  Move,
  NodeEvent,
  NodeFigures,
  NodeState,
  Plan,
  Receipt,
  RemovedNode,
  Ring,
  RingEvent,
  RingNode,
  ServerEvent,
} from './ring-answers.js'
