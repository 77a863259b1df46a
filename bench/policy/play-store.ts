import { plan } from '../../src/store/layout.js'
import { StoreSimulation } from './store-simulation.js'
import { sizeOf, type Trace } from './trace-file.js'

const PAGE_BYTES = 2 ** 16
/** What an item takes beside its value, at most: its header, its key, rounding to a slab class. */
const BESIDE_BYTES = 160
/** Items a page: as many as leave a small cache pages enough. */
const PER_PAGE = [40, 10, 8]
const LEAST_PAGES = 20

export interface StorePlayed {
  /** Items, or bytes of values, that the store held in the end: what it has room for. */
  readonly held: number
  readonly misses: number
}

/** Plays a trace through a store that has room for so many items, all of one slab class. */
export function playEqual(trace: Trace, items: number, seed: number): StorePlayed {
  const perPage = itemsAPage(items)
  const simulation = new StoreSimulation(bytesOfPages(items / perPage), seed)
  const valueBytes = Math.floor(PAGE_BYTES / perPage) - BESIDE_BYTES
  const misses = simulation.run(trace, () => valueBytes)
  return { held: simulation.store.counts(1, 0).items, misses }
}

function itemsAPage(items: number): number {
  const found = PER_PAGE.find((n) => items % n === 0 && items / n >= LEAST_PAGES)
  if (found === undefined) throw new RangeError(`${items} items do not fill whole pages`)
  return found
}

/** The same with the trace's own sizes, through a store whose pages come to so many MiB. */
export function playBytes(trace: Trace, mebibytes: number, seed: number): StorePlayed {
  const { keys, distinct } = trace
  const simulation = new StoreSimulation(bytesOfPages((mebibytes * 2 ** 20) / PAGE_BYTES), seed)
  const misses = simulation.run(trace, (i) => sizeOf(trace, i))
  const lastSize = new Float64Array(distinct)
  for (let i = 0; i < keys.length; i++) lastSize[keys[i]] = sizeOf(trace, i)
  const held = lastSize.reduce((sum, size, key) => sum + (simulation.holds(key) ? size : 0), 0)
  return { held, misses }
}

/** The least memory with so many pages. */
function bytesOfPages(pages: number): number {
  let sizeBytes = 2 ** 20
  while (plan(sizeBytes, 4).pageCount < pages) sizeBytes += 4_096
  return sizeBytes
}
