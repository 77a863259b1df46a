import type { Key } from '../key-rules.js'

/** What can be stored; text is stored as UTF-8. */
export type Value = string | Uint8Array

export interface PutOptions {
  /** A duration such as `30s`, or milliseconds; the bucket's default where absent. */
  readonly ttl?: string | number | undefined
}

/**
 * A bucket, whether it is of an engine in this process or of a server somewhere: what an adapter needs
 * to know of it. Every call rejects with a `CacheError` where it cannot be done.
 */
export interface CacheBucket {
  /** The value, or undefined on a miss. */
  get(key: Key): Promise<Uint8Array | undefined>
  getText(key: Key): Promise<string | undefined>
  /** Same order as asked. */
  getMany(keys: readonly Key[]): Promise<(Uint8Array | undefined)[]>
  /** False where the bucket is immutable and the key lives. */
  put(key: Key, value: Value, options?: PutOptions): Promise<boolean>
  /** Same order as asked; one bad item refuses all before anything is stored. */
  putMany(entries: readonly (readonly [Key, Value])[], options?: PutOptions): Promise<boolean[]>
  /** Whether there was such a key. */
  delete(key: Key): Promise<boolean>
  deleteMany(keys: readonly Key[]): Promise<boolean[]>
  /** Deletes every key that begins so and lives throughout; returns how many were deleted. */
  deletePrefix(prefix: string): Promise<number>
  /** Every key that lives throughout comes at least once; in no order. */
  keys(options?: { readonly prefix?: string }): AsyncIterable<string>
  /** Gives a key a new TTL, its value untouched. False: no such key. */
  touch(key: Key, ttl: string | number): Promise<boolean>
  /** Every key is gone at once. */
  flush(): Promise<void>
}
