export type { JsonValue, Key } from '../key-rules.js'
export type { CacheBucket, PutOptions, Value } from './cache-bucket.js'
