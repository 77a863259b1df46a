import { CacheError } from '../errors.js'
import type { Key } from '../key-rules.js'
import { authorized } from './access.js'
import type { Engine } from './engine.js'
import type { Value } from './writes.js'

type Found = Buffer | undefined

/** A get, single or many, with the credential checked, as the HTTP API makes it. */
export async function checkedGet(
  engine: Engine,
  key: Key | readonly Key[],
  bucketId: string,
  credentialKey: string,
): Promise<Found | Found[]> {
  const bucket = authorized(engine, bucketId, credentialKey, 'read')
  return Array.isArray(key) ? bucket.getMany(key) : bucket.get(key as Key)
}

/** A put, single or many, with the credential checked, as the HTTP API makes it. */
export async function checkedPut(
  engine: Engine,
  key: Key | readonly Key[],
  bucketId: string,
  value: Value | readonly Value[],
  ttl: string | number | undefined,
  credentialKey: string,
): Promise<boolean | boolean[]> {
  const bucket = authorized(engine, bucketId, credentialKey, 'write')
  if (!Array.isArray(key)) {
    return bucket.put(key as Key, value as Value, { ttl })
  }
  if (!Array.isArray(value) || value.length !== key.length) {
    throw new CacheError('invalid_body', 'keys and values must be arrays of one length')
  }
  return bucket.putMany(
    key.map((one: Key, i) => [one, value[i]]),
    { ttl },
  )
}
