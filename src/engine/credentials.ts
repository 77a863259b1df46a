import { timingSafeEqual } from 'node:crypto'
import { keyDigest, keyId, MAX_KEY_LENGTH } from './credential-key.js'
import type { BucketCredential, Credential, Role } from './records.js'

/** Who a credential speaks for. */
export type Principal =
  | { readonly kind: 'root'; readonly credentialId: string }
  | { readonly kind: 'account'; readonly accountId: string; readonly credentialId: string }
  | {
      readonly kind: 'bucket'
      readonly bucketId: string
      readonly accountId: string
      readonly role: Role
      readonly credentialId: string
    }

interface Holder {
  readonly credential: Credential
  readonly digest: Buffer
  readonly principal: Principal
}

/** Compared against where there is nobody, so that an unknown id takes as long as a wrong secret. */
const NOBODY = Buffer.alloc(32)

/** Every live credential, and the check of a key against them. */
export class Credentials {
  readonly #holders = new Map<string, Holder>()
  readonly #ofBucket = new Map<string, Map<string, BucketCredential>>()
  #root: Holder | undefined
  #epoch = 0

  /** Changes whenever a credential is added or revoked. */
  get epoch(): number {
    return this.#epoch
  }

  /** There is one at a time. */
  get root(): Credential | undefined {
    return this.#root?.credential
  }

  find(id: string): Credential | undefined {
    return this.#holders.get(id)?.credential
  }

  /** In order of creation. */
  ofBucket(bucketId: string): BucketCredential[] {
    return [...(this.#ofBucket.get(bucketId)?.values() ?? [])]
  }

  all(): Credential[] {
    return [...this.#holders.values()].map((holder) => holder.credential)
  }

  add(credential: Credential): void {
    const digest = Buffer.from(credential.digest, 'hex')
    const holder = { credential, digest, principal: principalOf(credential) }
    this.#holders.set(credential.id, holder)
    if (credential.kind === 'root') this.#root = holder
    if (credential.kind === 'bucket') {
      const peers = this.#ofBucket.get(credential.bucketId) ?? new Map()
      this.#ofBucket.set(credential.bucketId, peers.set(credential.id, credential))
    }
    this.#epoch++
  }

  remove(id: string): void {
    const holder = this.#holders.get(id)
    if (holder === undefined) return
    this.#holders.delete(id)
    if (this.#root === holder) this.#root = undefined
    const { credential } = holder
    if (credential.kind === 'bucket') {
      const peers = this.#ofBucket.get(credential.bucketId)
      peers?.delete(id)
      if (peers?.size === 0) this.#ofBucket.delete(credential.bucketId)
    }
    this.#epoch++
  }

  /**
   * Both comparisons are always made: a key of our form is looked up by the id in it, and a root
   * key that the operator chose has no id, so the root is compared with whatever comes.
   */
  authenticate(key: string): Principal | undefined {
    if (typeof key !== 'string' || key.length > MAX_KEY_LENGTH) return undefined
    const digest = keyDigest(key)
    const id = keyId(key)
    const named = id === undefined ? undefined : this.#holders.get(id)
    const isNamed = timingSafeEqual(digest, named?.digest ?? NOBODY)
    const isRoot = timingSafeEqual(digest, this.#root?.digest ?? NOBODY)
    if (isNamed) return named?.principal
    return isRoot ? this.#root?.principal : undefined
  }
}

function principalOf(credential: Credential): Principal {
  const credentialId = credential.id
  switch (credential.kind) {
    case 'root':
      return Object.freeze({ kind: 'root', credentialId })
    case 'account':
      return Object.freeze({ kind: 'account', accountId: credential.accountId, credentialId })
    case 'bucket':
      return Object.freeze({
        kind: 'bucket',
        bucketId: credential.bucketId,
        accountId: credential.accountId,
        role: credential.role,
        credentialId,
      })
  }
}
