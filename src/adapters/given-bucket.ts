import type { CacheBucket } from '../client/cache-bucket.js'
import { CacheError } from '../errors.js'

/** An adapter without a bucket would answer with misses, or fail far from where it was made. */
export function givenBucket<B extends CacheBucket>(bucket: B): B {
  if (typeof bucket?.put === 'function') return bucket
  const how = 'give a bucket of an engine, or of a client'
  throw new CacheError('invalid_option', `bucket: ${how}`)
}
