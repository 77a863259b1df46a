import { chmodSync, rmSync } from 'node:fs'
import { open as openLmdb, type RootDatabase, type RootDatabaseOptions } from 'lmdb'
import { CacheError } from '../errors.js'
import type { CatalogueStore } from './catalogue-store.js'
import { readRecord } from './record-reader.js'
import { type CatalogueRecord, type Change, changed, corrupt } from './records.js'
import { type SealedRecord, sealRecord, unsealRecord } from './sealed-record.js'
import { catalogueFile, readSeal, writeClosedSeal, writeSeal } from './store-seal.js'

/** The record that counts the others, so that one which went missing is noticed. */
const TALLY = 'tally'
const REASON_LIMIT_MS = 100

/**
 * Without overlapping sync a commit ends only once the disk has it, on every platform. lmdb's own
 * batching has nothing to add here, and leaves a rejection that nobody can hear when a commit fails.
 */
const LMDB_OPTIONS: RootDatabaseOptions = {
  encoding: 'binary',
  noSubdir: true,
  overlappingSync: false,
  eventTurnBatching: false,
}

/** A change in the bytes that it writes; undefined removes. */
type Write = readonly [key: string, sealed: SealedRecord | undefined]

interface Waiting {
  readonly writes: readonly Write[]
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/**
 * The catalogue on disk, in one lmdb file. One transaction is under way at a time; what is asked
 * for meanwhile goes together into the next one, so that many changes share one wait for the disk.
 * A transaction also writes the tally: how many records there are, and the sum of their checksums.
 */
export class DurableStore implements CatalogueStore {
  readonly #directory: string
  readonly #database: RootDatabase<Buffer, string>
  readonly #checksums = new Map<string, bigint>()
  readonly #readOnly: boolean
  #sum = 0n
  #waiting: Waiting[] = []
  #draining: Promise<void> | undefined
  #state: 'new' | 'open' | 'broken' | 'closed' = 'open'
  /** What could not be read is never sealed as being in order. */
  #isRead = false

  private constructor(directory: string, readOnly: boolean) {
    this.#directory = directory
    this.#readOnly = readOnly
    this.#database = openLmdb<Buffer, string>(catalogueFile(directory), {
      ...LMDB_OPTIONS,
      readOnly,
    })
  }

  /** Only under the directory's lock, and after `checkStore` has judged the file. */
  static open(directory: string): DurableStore {
    const { state } = readSeal(directory)
    if (state === 'none' || state === 'new') {
      // Nothing in it was ever acknowledged: what a start left half-made goes.
      writeSeal(directory, 'new')
      rmSync(catalogueFile(directory), { force: true })
      rmSync(`${catalogueFile(directory)}-lock`, { force: true })
    } else writeSeal(directory, 'open')
    const store = new DurableStore(directory, false)
    // It holds what seeds the hash: nobody else's to read, also in a directory that others see.
    chmodSync(catalogueFile(directory), 0o600)
    if (state === 'none' || state === 'new') store.#state = 'new'
    return store
  }

  /** Writes nothing, takes no lock; may be beside a process that writes. */
  static openReadOnly(directory: string): DurableStore {
    return new DurableStore(directory, true)
  }

  load(): CatalogueRecord[] {
    const records: CatalogueRecord[] = []
    let tally: string | undefined
    for (const { key, value } of this.#database.getRange()) {
      if (typeof key !== 'string') throw corrupt('a record has no name')
      const sealed = unsealRecord(key, value)
      if (key === TALLY) tally = JSON.stringify(sealed.value)
      else {
        records.push(readRecord(key, sealed.value))
        this.#recount(key, sealed.checksum)
      }
    }
    const isWhole = tally === JSON.stringify(this.#tally())
    if (!isWhole && this.#state !== 'new') throw corrupt('records are missing from it')
    this.#isRead = true
    return records
  }

  commit(changes: readonly Change[]): Promise<void> {
    if (this.#state === 'broken' || this.#state === 'closed' || this.#readOnly) {
      return Promise.reject(this.#refusal())
    }
    const writes = changes.map(toWrite)
    const done = new Promise<void>((resolve, reject) => {
      this.#waiting.push({ writes, resolve, reject })
    })
    this.#draining ??= this.#drain().finally(() => {
      this.#draining = undefined
    })
    return done
  }

  async close(): Promise<void> {
    await this.#draining
    const inOrder = this.#state === 'open' && this.#isRead && !this.#readOnly
    this.#state = 'closed'
    await this.#database.close()
    if (inOrder) writeClosedSeal(this.#directory)
  }

  async #drain(): Promise<void> {
    // Callers of the same turn of the event loop get into the first transaction too.
    await Promise.resolve()
    while (this.#waiting.length > 0) {
      const group = this.#waiting
      this.#waiting = []
      try {
        if (this.#state === 'broken') throw this.#refusal()
        await this.#write(group.flatMap((waiting) => waiting.writes))
        for (const waiting of group) waiting.resolve()
      } catch (error) {
        for (const waiting of group) waiting.reject(error)
      }
    }
  }

  async #write(writes: readonly Write[]): Promise<void> {
    const before = sealRecord(TALLY, this.#tally()).bytes
    const undo = writes.map(([key]) => [key, this.#checksums.get(key)] as const).reverse()
    for (const [key, sealed] of writes) this.#recount(key, sealed?.checksum)
    const tally = sealRecord(TALLY, this.#tally())
    try {
      await this.#transaction([...writes, [TALLY, tally]])
    } catch (error) {
      const cause = await reason(error)
      for (const [key, checksum] of undo) this.#recount(key, checksum)
      this.#afterFailure(before)
      throw failed(cause)
    }
    if (this.#state !== 'new') return
    writeSeal(this.#directory, 'open')
    this.#state = 'open'
  }

  async #transaction(writes: readonly Write[]): Promise<void> {
    await this.#database.batch(() => {
      for (const [key, sealed] of writes) {
        if (sealed === undefined) this.#database.remove(key)
        else this.#database.put(key, sealed.bytes)
      }
    })
  }

  /** A transaction that failed must have left nothing behind, or memory and disk have parted. */
  #afterFailure(tallyBefore: Buffer): void {
    try {
      const tally = this.#database.get(TALLY)
      if (tally === undefined ? this.#state === 'new' : tally.equals(tallyBefore)) return
    } catch {
      // Not even readable: treated like one that differs.
    }
    this.#state = 'broken'
  }

  #recount(key: string, checksum: bigint | undefined): void {
    const sum = this.#sum - (this.#checksums.get(key) ?? 0n) + (checksum ?? 0n)
    this.#sum = BigInt.asUintN(64, sum)
    if (checksum === undefined) this.#checksums.delete(key)
    else this.#checksums.set(key, checksum)
  }

  #tally(): { count: number; sum: string } {
    return { count: this.#checksums.size, sum: this.#sum.toString(16) }
  }

  #refusal(): CacheError {
    if (this.#state !== 'broken') return new CacheError('closed', 'the catalogue is closed')
    return failed('an earlier write failed; restart to go on')
  }
}

function toWrite(change: Change): Write {
  const [key, record] = changed(change)
  return [key, record === undefined ? undefined : sealRecord(key, record.value)]
}

/** lmdb tells why in a promise beside its error; unheard, that would end the process. */
async function reason(error: unknown): Promise<unknown> {
  if (!(error instanceof Error && 'commitError' in error)) return error
  const told = Promise.resolve(error.commitError).then(
    () => error,
    (cause: unknown) => cause,
  )
  const untold = new Promise<Error>((resolve) => setTimeout(resolve, REASON_LIMIT_MS, error))
  return Promise.race([told, untold])
}

function failed(cause: unknown): CacheError {
  const why = cause instanceof Error ? cause.message : String(cause)
  return new CacheError(
    'internal',
    `the catalogue could not be written (${why}): see that the disk has room and can be written`,
    { maybeStored: true, cause },
  )
}
