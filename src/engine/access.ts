import { CacheError } from '../errors.js'
import type { Bucket } from './bucket.js'
import type { Principal } from './credentials.js'

const RANK = { read: 1, write: 2, admin: 3 } as const

/** Throws `forbidden` where the principal may not use the bucket in this role. */
export function checkAccess(principal: Principal, bucket: Bucket, role: keyof typeof RANK): void {
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
