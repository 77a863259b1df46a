import { type CatalogueRecord, type Change, changed } from './records.js'

/** Where the catalogue's records live. `DurableStore` keeps them on disk, `MemoryStore` does not. */
export interface CatalogueStore {
  /** Every record, checked; throws where what is stored cannot be trusted. */
  load(): CatalogueRecord[]
  /** All of the changes or none; resolves once they would survive the process, in order of call. */
  commit(changes: readonly Change[]): Promise<void>
  close(): Promise<void>
}

export class MemoryStore implements CatalogueStore {
  readonly #records = new Map<string, CatalogueRecord>()

  load(): CatalogueRecord[] {
    return [...this.#records.values()]
  }

  async commit(changes: readonly Change[]): Promise<void> {
    for (const [key, record] of changes.map(changed)) {
      if (record === undefined) this.#records.delete(key)
      else this.#records.set(key, record)
    }
  }

  async close(): Promise<void> {}
}
