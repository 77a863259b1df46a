import { Credentials } from './credentials.js'
import { nameKey } from './names.js'
import {
  type Account,
  type BucketRecord,
  type CatalogueRecord,
  type Change,
  changed,
  corrupt,
  type RingRecord,
} from './records.js'

/** The catalogue in memory: it answers at once, and changes only by what is on disk already. */
export class CatalogueView {
  readonly credentials = new Credentials()
  readonly #accounts = new Map<string, Account>()
  readonly #buckets = new Map<string, BucketRecord>()
  #ring: RingRecord | undefined
  #secret: Uint8Array | undefined
  #granted = 0

  /** From every record of a store; refuses a set of records that does not fit together. */
  static of(records: readonly CatalogueRecord[]): CatalogueView {
    const view = new CatalogueView()
    for (const record of [...records].sort(byCreation)) view.#put(record)
    view.#check()
    return view
  }

  get isEmpty(): boolean {
    return this.#secret === undefined
  }

  get secret(): Uint8Array {
    if (this.#secret === undefined) throw corrupt('it has no record of its installation')
    return this.#secret
  }

  get ring(): RingRecord | undefined {
    return this.#ring
  }

  get granted(): number {
    return this.#granted
  }

  account(id: string): Account | undefined {
    return this.#accounts.get(id)
  }

  accounts(): Account[] {
    return [...this.#accounts.values()]
  }

  bucket(id: string): BucketRecord | undefined {
    return this.#buckets.get(id)
  }

  /** In order of creation. */
  buckets(accountId?: string): BucketRecord[] {
    const all = [...this.#buckets.values()]
    return accountId === undefined ? all : all.filter((bucket) => bucket.accountId === accountId)
  }

  apply(changes: readonly Change[]): void {
    for (const [key, record] of changes.map(changed)) {
      if (record === undefined) this.#remove(key)
      else this.#put(record)
    }
  }

  #put(record: CatalogueRecord): void {
    switch (record.type) {
      case 'account':
        this.#accounts.set(record.value.id, record.value)
        return
      case 'bucket':
        this.#buckets.set(record.value.id, record.value)
        return
      case 'credential':
        this.credentials.add(record.value)
        return
      case 'ring':
        this.#ring = record.value
        return
      case 'installation':
        this.#secret = new Uint8Array(Buffer.from(record.value.secret, 'hex'))
        return
      case 'grants':
        this.#granted = Math.max(this.#granted, record.value.granted)
    }
  }

  #remove(key: string): void {
    const [type, id] = key.split('/', 2)
    if (type === 'account') this.#accounts.delete(id)
    if (type === 'bucket') this.#buckets.delete(id)
    if (type === 'credential') this.credentials.remove(id)
  }

  #check(): void {
    const names = new Set<string>()
    const slots = new Set<number>()
    for (const bucket of this.#buckets.values()) {
      if (!this.#accounts.has(bucket.accountId)) throw corrupt(`bucket ${bucket.id} has no account`)
      names.add(nameKey(bucket.accountId, bucket.name))
      slots.add(bucket.slot)
    }
    if (names.size < this.#buckets.size) throw corrupt('two buckets of one account share a name')
    if (slots.size < this.#buckets.size) throw corrupt('two buckets share a slot')
    for (const credential of this.credentials.all()) {
      if (credential.kind === 'account' && !this.#accounts.has(credential.accountId)) {
        throw corrupt(`credential ${credential.id} has no account`)
      }
      if (credential.kind === 'bucket' && !this.#buckets.has(credential.bucketId)) {
        throw corrupt(`credential ${credential.id} has no bucket`)
      }
    }
    const records = this.#accounts.size + this.#buckets.size + this.credentials.all().length
    if (this.isEmpty && records > 0) throw corrupt('it has no record of its installation')
  }
}

/** A store gives records by name; lists are kept in order of creation. */
function byCreation(a: CatalogueRecord, b: CatalogueRecord): number {
  return createdMs(a) - createdMs(b)
}

function createdMs(record: CatalogueRecord): number {
  return 'createdMs' in record.value ? record.value.createdMs : 0
}
