import { CacheError } from '../errors.js'
import { xxh32 } from '../hash.js'
import {
  type BucketOptions,
  type BucketPatch,
  bucketSettings,
  patchSettings,
} from './bucket-options.js'
import type { CatalogueStore } from './catalogue-store.js'
import type { CatalogueView } from './catalogue-view.js'
import { makeKey, type Random } from './credential-key.js'
import type { Principal } from './credentials.js'
import { checkName, nameKey } from './names.js'
import {
  type Account,
  type BucketCredential,
  type BucketRecord,
  type Change,
  type Credential,
  changed,
  corrupt,
  type RingRecord,
  ROLES,
  type Role,
  recordKey,
} from './records.js'
import { Slots } from './slots.js'
import { Turns } from './turns.js'

export const DEFAULT_ACCOUNT = 'default'

export interface CataloguePart {
  readonly store: CatalogueStore
  readonly view: CatalogueView
  readonly maxBuckets: number
  readonly clock: () => number
  readonly random: Random
  /** After the store is closed: lets go of the data directory. */
  readonly release?: () => Promise<void>
}

export interface IssuedCredential {
  readonly credentialId: string
  /** Shown to its holder now, and known to nobody else. */
  readonly credentialKey: string
}

export interface CredentialInfo {
  readonly credentialId: string
  readonly role: Role
  /** ISO 8601. */
  readonly createdAt: string
}

/**
 * Who owns what. Reads answer at once, from memory. A change is committed to the store first and
 * only then seen by reads and acknowledged; what two concurrent changes could both want (a name, a
 * slot) is reserved before the first wait.
 */
export class Catalogue {
  readonly #store: CatalogueStore
  readonly #view: CatalogueView
  readonly #clock: () => number
  readonly #random: Random
  readonly #release: (() => Promise<void>) | undefined
  readonly #slots: Slots
  readonly #names = new Set<string>()
  readonly #ids = new Set<string>()
  /** Slots of deleted buckets that the nodes have not let go of yet. */
  readonly #leaving = new Set<number>()
  readonly #turns = new Turns()
  /** Told of changes of credentials, in the turn in which they are in effect. */
  told: (changes: readonly Change[]) => void = () => {}
  #granted: number
  #closing: Promise<void> | undefined

  constructor(part: CataloguePart) {
    this.#store = part.store
    this.#view = part.view
    this.#clock = part.clock
    this.#random = part.random
    this.#release = part.release
    this.#granted = part.view.granted
    this.#slots = new Slots(part.maxBuckets)
    for (const bucket of part.view.buckets()) this.#keep(bucket, part.maxBuckets)
  }

  get secret(): Uint8Array {
    return this.#view.secret
  }

  get ring(): RingRecord | undefined {
    return this.#view.ring
  }

  get credentialEpoch(): number {
    return this.#view.credentials.epoch
  }

  account(id: string): Account | undefined {
    return this.#view.account(id)
  }

  accounts(): Account[] {
    return this.#view.accounts()
  }

  bucket(id: string): BucketRecord | undefined {
    return this.#view.bucket(id)
  }

  /** In order of creation. */
  buckets(accountId?: string): BucketRecord[] {
    return this.#view.buckets(accountId)
  }

  authenticate(credentialKey: string): Principal | undefined {
    return this.#view.credentials.authenticate(credentialKey)
  }

  /** Every credential, as if it were made now. */
  credentials(): Change[] {
    return this.#view.credentials.all().map(put)
  }

  listCredentials(bucketId: string): CredentialInfo[] {
    this.#existing(bucketId)
    return this.#view.credentials.ofBucket(bucketId).map((credential) => ({
      credentialId: credential.id,
      role: credential.role,
      createdAt: new Date(credential.createdMs).toISOString(),
    }))
  }

  async createAccount(name: string): Promise<IssuedCredential & { id: string; name: string }> {
    checkName(name, 'account')
    const createdMs = this.#clock()
    const account: Account = { id: `a${this.#newId()}`, name, createdMs }
    const { key, ...issued } = makeKey(this.#random)
    await this.#commit([
      { put: { type: 'account', value: account } },
      put({ ...issued, kind: 'account', accountId: account.id, createdMs }),
    ])
    return { id: account.id, name, credentialId: issued.id, credentialKey: key }
  }

  /** The credential that comes with it is an admin. */
  async createBucket(
    name: string,
    options: BucketOptions = {},
    accountId: string = DEFAULT_ACCOUNT,
  ): Promise<IssuedCredential & { bucket: BucketRecord }> {
    const settings = bucketSettings(options)
    checkName(name, 'bucket')
    if (this.#view.account(accountId) === undefined) {
      throw new CacheError('account_not_found', `there is no account ${accountId}`)
    }
    const reserved = this.#reserve(nameKey(accountId, name), name)
    try {
      const { slot } = reserved
      const id = this.#newId()
      const createdMs = this.#clock()
      const seed = this.#seed(accountId, id)
      const bucket: BucketRecord = { id, accountId, name, slot, seed, createdMs, ...settings }
      const { key, ...issued } = makeKey(this.#random)
      await this.#commit([
        { put: { type: 'bucket', value: bucket } },
        put({ ...issued, kind: 'bucket', accountId, bucketId: id, role: 'admin', createdMs }),
      ])
      return { bucket, credentialId: issued.id, credentialKey: key }
    } catch (error) {
      reserved.undo()
      throw error
    }
  }

  updateBucket(id: string, patch: BucketPatch): Promise<BucketRecord> {
    return this.#turns.take(id, async () => {
      const { defaultTtlMs: _ttl, maxBytes: _max, ...rest } = this.#existing(id)
      const settings = patchSettings(this.#existing(id), patch)
      const bucket: BucketRecord = { ...rest, ...settings }
      await this.#commit([{ put: { type: 'bucket', value: bucket } }])
      return bucket
    })
  }

  /**
   * Gone with its credentials. Its slot stays taken until `releaseSlot`: a new bucket must not see
   * what the nodes still hold of the old one.
   */
  deleteBucket(id: string): Promise<BucketRecord> {
    return this.#turns.take(id, async () => {
      const bucket = this.#existing(id)
      const credentials = this.#view.credentials.ofBucket(id)
      await this.#commit([
        { remove: recordKey({ type: 'bucket', value: bucket }) },
        ...credentials.map((credential) => removal(credential)),
      ])
      this.#names.delete(nameKey(bucket.accountId, bucket.name))
      this.#ids.delete(id)
      this.#leaving.add(bucket.slot)
      return bucket
    })
  }

  releaseSlot(slot: number): void {
    if (this.#leaving.delete(slot)) this.#slots.release(slot)
  }

  createCredential(bucketId: string, role: Role): Promise<IssuedCredential & { role: Role }> {
    return this.#turns.take(bucketId, async () => {
      if (!ROLES.includes(role)) {
        throw new CacheError('invalid_option', `role must be one of ${ROLES.join(', ')}`)
      }
      const { accountId } = this.#existing(bucketId)
      const { key, ...issued } = makeKey(this.#random)
      const createdMs = this.#clock()
      await this.#commit([put({ ...issued, kind: 'bucket', accountId, bucketId, role, createdMs })])
      return { credentialId: issued.id, credentialKey: key, role }
    })
  }

  /** False where the bucket has no such credential. */
  deleteCredential(bucketId: string, credentialId: string): Promise<boolean> {
    return this.#turns.take(bucketId, async () => {
      this.#existing(bucketId)
      const credential = this.#view.credentials.find(credentialId)
      if (!isOf(credential, bucketId)) return false
      await this.#commit([removal(credential)])
      return true
    })
  }

  /** For root and account credentials: the new one is good from the moment that the old one is not. */
  rotateCredential(credentialId: string): Promise<IssuedCredential> {
    return this.#turns.take(credentialId, async () => {
      const old = this.#view.credentials.find(credentialId)
      if (old === undefined || old.kind === 'bucket') {
        throw new CacheError(
          'credential_not_found',
          `no root or account credential is called ${credentialId}: those of a bucket are made and deleted`,
        )
      }
      const { key, ...issued } = makeKey(this.#random)
      await this.#commit([put({ ...old, ...issued, createdMs: this.#clock() }), removal(old)])
      return { credentialId: issued.id, credentialKey: key }
    })
  }

  async setRing(ring: RingRecord): Promise<void> {
    await this.#commit([{ put: { type: 'ring', value: ring } }])
  }

  /** The next range of value versions, 1, 2, 3 …: no two calls ever get the same, in any process. */
  async grantVersions(): Promise<number> {
    const granted = ++this.#granted
    await this.#commit([{ put: { type: 'grants', value: { granted } } }])
    return granted
  }

  close(): Promise<void> {
    this.#closing ??= this.#store.close().finally(() => this.#release?.())
    return this.#closing
  }

  async #commit(changes: readonly Change[]): Promise<void> {
    if (this.#closing !== undefined) throw new CacheError('closed', 'the cache is closed')
    await this.#store.commit(changes)
    this.#view.apply(changes)
    const credentials = changes.filter((change) => changed(change)[0].startsWith('credential/'))
    if (credentials.length > 0) this.told(credentials)
  }

  #existing(bucketId: string): BucketRecord {
    const bucket = this.#view.bucket(bucketId)
    if (bucket !== undefined) return bucket
    throw new CacheError('bucket_not_found', `there is no bucket ${bucketId}`)
  }

  #keep(bucket: BucketRecord, maxBuckets: number): void {
    this.#names.add(nameKey(bucket.accountId, bucket.name))
    this.#ids.add(bucket.id)
    if (this.#slots.keep(bucket.slot)) return
    if (bucket.slot < maxBuckets) throw corrupt('two buckets share a slot')
    throw new CacheError(
      'too_many_buckets',
      `the data directory holds a bucket in place ${bucket.slot + 1}, and the limit is ${maxBuckets}: start with a higher one`,
    )
  }

  #reserve(key: string, name: string): { slot: number; undo: () => void } {
    if (this.#names.has(key)) {
      throw new CacheError(
        'bucket_exists',
        `the account has a bucket named ${JSON.stringify(name)} already: take another name`,
      )
    }
    const slot = this.#slots.take()
    this.#names.add(key)
    const undo = () => {
      this.#names.delete(key)
      this.#slots.release(slot)
    }
    return { slot, undo }
  }

  /** Twelve decimal digits, never those of a bucket or account that lives. */
  #newId(): string {
    for (;;) {
      const bytes = Buffer.from(this.#random(6))
      const id = String(100_000_000_000 + (bytes.readUIntBE(0, 6) % 900_000_000_000))
      if (this.#ids.has(id) || this.#view.account(`a${id}`) !== undefined) continue
      this.#ids.add(id)
      return id
    }
  }

  /** From ids and the secret, never from a credential: rotating one must not move any key. */
  #seed(accountId: string, bucketId: string): number {
    const owner = Buffer.from(`${accountId}\0${bucketId}`, 'utf8')
    const bytes = Buffer.concat([this.#view.secret, owner])
    return xxh32(bytes, 0, bytes.length, 0)
  }
}

function put(credential: Credential): Change {
  return { put: { type: 'credential', value: credential } }
}

function removal(credential: Credential): Change {
  return { remove: recordKey({ type: 'credential', value: credential }) }
}

function isOf(
  credential: Credential | undefined,
  bucketId: string,
): credential is BucketCredential {
  return credential?.kind === 'bucket' && credential.bucketId === bucketId
}
