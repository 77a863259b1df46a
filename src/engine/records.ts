import { CacheError } from '../errors.js'

/**
 * What the catalogue is made of: one record for each account, bucket and credential, and one each
 * for the ring, the installation and the version grants. A record is plain JSON at rest.
 */
export type Tier = 'standard' | 'economy'
export type Role = 'admin' | 'write' | 'read'

export const TIERS: readonly Tier[] = ['standard', 'economy']
export const ROLES: readonly Role[] = ['admin', 'write', 'read']
export const MAX_REPLICAS = 8
export const SECRET_BYTES = 32

export interface Account {
  readonly id: string
  readonly name: string
  readonly createdMs: number
}

export interface BucketSettings {
  readonly defaultTtlMs?: number
  readonly maxBytes?: number
  readonly immutable: boolean
  readonly tier: Tier
  readonly replicas: number
}

export interface BucketRecord extends BucketSettings {
  readonly id: string
  readonly accountId: string
  readonly name: string
  /** Dense number below the limit of buckets; used again once its bucket is gone. */
  readonly slot: number
  /** Seeds the hash of the bucket's keys. */
  readonly seed: number
  readonly createdMs: number
}

interface CredentialBase {
  readonly id: string
  /** SHA-256 of the whole key, hex. The key itself is never kept. */
  readonly digest: string
  readonly createdMs: number
}
export interface RootCredential extends CredentialBase {
  readonly kind: 'root'
}
export interface AccountCredential extends CredentialBase {
  readonly kind: 'account'
  readonly accountId: string
}
export interface BucketCredential extends CredentialBase {
  readonly kind: 'bucket'
  readonly accountId: string
  readonly bucketId: string
  readonly role: Role
}
export type Credential = RootCredential | AccountCredential | BucketCredential

export interface RingNode {
  readonly id: string
  readonly weight: number
  readonly memoryBytes: number
  /** The epoch in which it joined; absent in those of the first ring. */
  readonly incarnation?: number
}

export interface RingRecord {
  readonly epoch: number
  readonly virtualNodes: number
  /** The highest number ever given to a node: no other node gets its name. */
  readonly lastNode?: number
  readonly nodes: readonly RingNode[]
}

export interface Installation {
  /** 32 bytes, hex. */
  readonly secret: string
  readonly createdMs: number
}

export type CatalogueRecord =
  | { readonly type: 'account'; readonly value: Account }
  | { readonly type: 'bucket'; readonly value: BucketRecord }
  | { readonly type: 'credential'; readonly value: Credential }
  | { readonly type: 'ring'; readonly value: RingRecord }
  | { readonly type: 'installation'; readonly value: Installation }
  | { readonly type: 'grants'; readonly value: { readonly granted: number } }

export type Change = { readonly put: CatalogueRecord } | { readonly remove: string }

/** The name that a record is stored under. */
export function recordKey(record: CatalogueRecord): string {
  switch (record.type) {
    case 'account':
    case 'bucket':
    case 'credential':
      return `${record.type}/${record.value.id}`
    default:
      return record.type
  }
}

/** Changes as (name, new record or undefined), the form that stores take. */
export function changed(change: Change): [key: string, record: CatalogueRecord | undefined] {
  return 'put' in change ? [recordKey(change.put), change.put] : [change.remove, undefined]
}

export function corrupt(what: string, cause?: unknown): CacheError {
  return new CacheError(
    'internal',
    `the catalogue is damaged: ${what}; restore its data directory from a copy, or start with an empty one`,
    { cause },
  )
}
