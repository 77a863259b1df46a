import type { Principal } from '../engine/credentials.js'
import type { Keys } from '../engine/keys.js'
import type { Connection } from './connection.js'
import type { Exchange } from './exchange.js'
import type { Front } from './front.js'
import { Problem } from './problem.js'

/**
 * Who may make a call. `read`, `write`, `admin` and `owner` are about one bucket, and each may all
 * that the one before may; owners are the account and root. `account` is any account, or root.
 */
export type Access = 'public' | 'account' | 'root' | BucketAccess
export type BucketAccess = 'read' | 'write' | 'admin' | 'owner'

const RANK: Readonly<Record<BucketAccess, number>> = { read: 1, write: 2, admin: 3, owner: 4 }
const SCHEME = /^Bearer +(\S+)$/i

/** Who the Authorization header names; the answer is remembered while no credential changes. */
export function authenticate(
  engine: Front,
  connection: Connection,
  authorization: string | undefined,
): Principal {
  if (authorization === undefined) throw missing()
  const epoch = engine.credentialEpoch
  if (
    connection.principal !== undefined &&
    connection.credentialEpoch === epoch &&
    connection.authorization === authorization
  ) {
    return connection.principal
  }
  const credentialKey = SCHEME.exec(authorization)?.[1]
  if (credentialKey === undefined) throw missing()
  const principal = engine.authenticate(credentialKey)
  if (principal === undefined) throw unknown()
  connection.authorization = authorization
  connection.principal = principal
  connection.credentialEpoch = epoch
  return principal
}

/** Checks a call that is about no bucket. */
export function authorize(principal: Principal, access: 'account' | 'root'): void {
  if (access === 'root' && principal.kind !== 'root') throw forbidden('Only root may do this.')
  if (access === 'account' && principal.kind === 'bucket') {
    throw forbidden("Only an account's credential or root may do this.")
  }
}

/**
 * The bucket, where the principal may use it so. A stranger learns nothing: 403 comes whether or
 * not the bucket exists.
 */
export function bucketFor<B extends Keys>(
  engine: Front<B>,
  principal: Principal,
  bucketId: string,
  access: BucketAccess,
): B {
  if (principal.kind === 'bucket') {
    if (principal.bucketId !== bucketId) throw otherBucket()
    if (RANK[principal.role] < RANK[access]) throw roleTooLow(principal.role, access)
  }
  const bucket = engine.bucket(bucketId)
  if (principal.kind === 'account' && bucket?.accountId !== principal.accountId) throw otherBucket()
  if (bucket === undefined) throw noBucket()
  return bucket
}

/**
 * Checks once more, after a body that may have taken its time: by now the credential may be revoked
 * and the bucket deleted, and its place in memory another bucket's.
 */
export function confirm(x: Exchange, bucket: Keys, access: BucketAccess): void {
  const { engine } = x.service
  const principal = authenticate(engine, x.connection, x.head.authorization)
  if (bucketFor(engine, principal, bucket.id, access) !== bucket) throw noBucket()
}

function noBucket(): Problem {
  return new Problem('bucket_not_found', 'There is no bucket with this id.')
}

function missing(): Problem {
  return new Problem('unauthorized', 'Send the header Authorization: Bearer <credentialKey>.', {
    headers: ['WWW-Authenticate', 'Bearer realm="annulus"'],
  })
}

function unknown(): Problem {
  return new Problem('unauthorized', 'This credential is unknown, or it was revoked.', {
    headers: ['WWW-Authenticate', 'Bearer realm="annulus", error="invalid_token"'],
  })
}

function otherBucket(): Problem {
  return forbidden('This credential does not reach this bucket.')
}

function roleTooLow(role: string, access: BucketAccess): Problem {
  const needed = access === 'owner' ? "the account's credential or root" : `the role ${access}`
  return forbidden(`The role ${role} may not do this; it needs ${needed}.`)
}

export function forbidden(detail: string): Problem {
  return new Problem('forbidden', detail)
}
