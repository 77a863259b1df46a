/**
 * What the server answers, as docs/http-api.md tells it. Written by hand, so that a program needs no
 * further types for them; a test holds them to the server's own schemas.
 */

export type Role = 'admin' | 'write' | 'read'
export type Tier = 'standard' | 'economy'

export interface Account {
  readonly id: string
  readonly name: string
  /** Shown once. */
  readonly credentialKey: string
  readonly credentialId: string
}

/** `null` takes a default TTL or a quota away; what is left out stays. */
export interface BucketPatch {
  /** A duration, or milliseconds. */
  readonly defaultTtl?: string | number | null
  /** A size, or bytes. */
  readonly maxBytes?: string | number | null
  readonly immutable?: boolean
  readonly tier?: Tier
  readonly replicas?: number
}

export interface BucketOptions extends BucketPatch {
  /** For root: whose bucket it becomes. */
  readonly accountId?: string
}

/** Of each key, where `replicas` is over 0; the owner's own included. */
export interface Copies {
  readonly wanted: number
  readonly kept: number
}

export interface BucketDescription {
  readonly id: string
  readonly name: string
  readonly accountId: string
  readonly endpoint: string
  /** Milliseconds. */
  readonly defaultTtl: number | null
  readonly maxBytes: number | null
  readonly immutable: boolean
  readonly tier: Tier
  readonly replicas: number
  readonly copies?: Copies
  /** ISO 8601. */
  readonly createdAt: string
}

export interface ChangedBucket extends BucketDescription {
  /** Where fewer copies are kept than wanted. */
  readonly notice?: string
}

export interface CreatedBucket extends ChangedBucket {
  /** Shown once; its role is `admin`. */
  readonly credentialKey: string
  readonly credentialId: string
}

export interface CredentialDescription {
  readonly credentialId: string
  readonly role: Role
  readonly createdAt: string
}

export interface CreatedCredential {
  readonly credentialId: string
  /** Shown once. */
  readonly credentialKey: string
  readonly role: Role
}

export interface RotatedCredential {
  readonly credentialId: string
  /** Shown once; the old one no longer works. */
  readonly credentialKey: string
}

export interface KeyPage {
  readonly keys: readonly string[]
  /** Null at the end. */
  readonly cursor: string | null
}

export interface Usage {
  readonly tier: Tier
  readonly items: number
  readonly bytes: number
  readonly byteSeconds: number
  readonly gets: number
  readonly hits: number
  readonly misses: number
  readonly puts: number
  readonly deletes: number
  readonly evictions: number
  readonly expirations: number
  readonly droppedByMove: number
  readonly copies?: Copies
}

/** Where a key stands. */
export interface Explanation {
  readonly key: string
  readonly hash: number
  /** Degrees. */
  readonly angle: number
  readonly token: number
  readonly owner: string
  readonly successors: readonly string[]
  readonly epoch: number
}
