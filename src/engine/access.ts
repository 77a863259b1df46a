import { CacheError } from '../errors.js'
import type { Bucket } from './bucket.js'
import type { Principal } from './credentials.js'

interface Keeper {
  authenticate(credentialKey: string): Principal | undefined
  bucket(id: string): Bucket | undefined
}

const RANK = { read: 1, write: 2, admin: 3 } as const

/**
 * The bucket, for the holder of a credential that may use it in this role. Throws `unauthorized` and
 * `forbidden`; that there is no such bucket root alone is told.
 */
export function authorized(
  engine: Keeper,
  bucketId: string,
  credentialKey: string,
  role: keyof typeof RANK,
): Bucket {
  const principal = engine.authenticate(credentialKey)
  if (principal === undefined) {
    throw new CacheError('unauthorized', 'this credential is unknown, or it was revoked')
  }
  const bucket = engine.bucket(bucketId)
  if (bucket === undefined) {
    const code = principal.kind === 'root' ? 'bucket_not_found' : 'forbidden'
    throw new CacheError(code, `there is no bucket ${bucketId} that this credential reaches`)
  }
  checkAccess(principal, bucket, role)
  return bucket
}

/** Throws `forbidden` where the principal may not use the bucket in this role. */
function checkAccess(principal: Principal, bucket: Bucket, role: keyof typeof RANK): void {
  const isAllowed =
    principal.kind === 'root' ||
    (principal.kind === 'account' && principal.accountId === bucket.accountId) ||
    (principal.kind === 'bucket' &&
      principal.bucketId === bucket.id &&
      RANK[principal.role] >= RANK[role])
  if (!isAllowed) {
    throw new CacheError('forbidden', `this credential may not ${role} in this bucket`)
  }
}
