import { existsSync, mkdirSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { CacheError } from '../errors.js'
import { Catalogue } from './catalogue.js'
import { type CatalogueStore, MemoryStore } from './catalogue-store.js'
import { CatalogueView } from './catalogue-view.js'
import { checkGivenKey } from './credential-key.js'
import { lockData } from './data-lock.js'
import { type Start, type StartOptions, start } from './first-start.js'
import { DEFAULTS } from './options.js'

export interface CatalogueOptions extends StartOptions {
  /** The directory that it is kept in; in memory alone where there is none. */
  readonly data?: string | undefined
  readonly maxBuckets?: number | undefined
}

export type OpenedCatalogue = Omit<Start, 'view'> & { readonly catalogue: Catalogue }

export async function openCatalogue(options: CatalogueOptions): Promise<OpenedCatalogue> {
  if (options.rootKey !== undefined) checkGivenKey(options.rootKey)
  if (options.data === undefined) return serve(new MemoryStore(), options)
  const directory = resolve(options.data)
  makeDirectory(directory)
  const lock = await lockData(directory)
  try {
    return await serve(await openStore(directory), options, () => lock.release())
  } catch (error) {
    await lock.release()
    throw error
  }
}

/** For looking: also beside a running server. Nothing is written, no lock is taken. */
export async function readCatalogue(directory: string): Promise<CatalogueView> {
  const { checkStoreReadOnly } = await import('./check-store.js')
  const { DurableStore } = await import('./durable-store.js')
  await checkStoreReadOnly(resolve(directory))
  const store = DurableStore.openReadOnly(resolve(directory))
  try {
    return CatalogueView.of(store.load())
  } finally {
    await store.close()
  }
}

/** lmdb is loaded here and nowhere else: an engine without a data directory does without it. */
async function openStore(directory: string): Promise<CatalogueStore> {
  const { checkStore } = await import('./check-store.js')
  const { DurableStore } = await import('./durable-store.js')
  await checkStore(directory)
  return DurableStore.open(directory)
}

async function serve(
  store: CatalogueStore,
  options: CatalogueOptions,
  release?: () => Promise<void>,
): Promise<OpenedCatalogue> {
  const { clock, random, maxBuckets = DEFAULTS.maxBuckets } = options
  try {
    const { view, ...rest } = await start(store, options)
    const part = { store, view, maxBuckets, clock, random, ...(release ? { release } : {}) }
    return { catalogue: new Catalogue(part), ...rest }
  } catch (error) {
    await store.close()
    throw error
  }
}

/**
 * One step at a time: Node 20's own recursive mkdir never ends where a parent is there but takes no
 * entries, as in /proc.
 */
function makeDirectory(directory: string): void {
  const missing: string[] = []
  for (let at = directory; !existsSync(at); at = dirname(at)) {
    missing.unshift(at)
  }
  try {
    for (const step of missing) {
      mkdirSync(step, { mode: 0o700 })
    }
  } catch (cause) {
    if (existsSync(directory)) return // another starter was quicker
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new CacheError('invalid_option', `the data directory cannot be made: ${why}`, { cause })
  }
}
