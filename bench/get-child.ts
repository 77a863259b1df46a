/** One store in a process of its own, so that none pays for the heap of another. */
import { type StoreName, stores } from './get-stores.js'
import { KEY_BYTES, keyOf, randomIndexes, shuffled, valueFor } from './items.js'

const ITEMS = 1_000_000
const HOT = 1_000
/** All values begin alike. */
const FIRST_BYTE = valueFor(0)[0]
/** So few that a garbage collection now and then meets all alike, so many that the clock is exact. */
const LOOKUPS = 60_000
/** Other indexes each round, so that no cache remembers the last one's. */
const PARTS = 8

/**
 * Passes over all items before the first round: they take our frequencies to their top and bring an
 * LRU's list out of the order of its memory, as in a cache that has run a while.
 */
const WARM_PASSES = 3

/** What one round asks for. */
export interface Ask {
  readonly hot: boolean
  /** Keys made anew, not the strings that were put. */
  readonly anew: boolean
  /** No look at all: the cost of making the keys. */
  readonly onlyKeys: boolean
}

/** Answers `Ask`s with ns a lookup, until it is told to stop. */
async function serve(name: StoreName): Promise<void> {
  const keys = Array.from({ length: ITEMS }, (_, i) => keyOf(i))
  const store = await stores[name](ITEMS, keys)
  for (let pass = 0; pass < WARM_PASSES; pass++) {
    for (const i of shuffled(ITEMS, pass + 1)) {
      if (store.read(keyOf(i)) !== FIRST_BYTE) throw new Error(`item ${i} is gone`)
    }
  }
  const all = randomIndexes(LOOKUPS * PARTS, ITEMS, 7)
  const hot = randomIndexes(LOOKUPS, HOT, 11).map((i) => all[i])
  const { read } = store
  const ways = {
    anew: (i: number) => read(keyOf(i)),
    same: (i: number) => read(keys[i]),
    keys: (i: number) => (keyOf(i).length === KEY_BYTES ? FIRST_BYTE : 0),
  }
  let round = 0
  process.on('message', async (ask: Ask | 'stop') => {
    if (ask === 'stop') {
      await store.close()
      process.exit(0)
    }
    const from = (round++ % PARTS) * LOOKUPS
    const indexes = ask.hot ? hot : all.subarray(from, from + LOOKUPS)
    process.send?.(timed(indexes, ask.onlyKeys ? ways.keys : ask.anew ? ways.anew : ways.same))
  })
  process.on('disconnect', () => process.exit(0)) // the parent is gone
  process.send?.('ready')
}

function timed(indexes: Uint32Array, look: (index: number) => number): number {
  let sum = 0
  const start = performance.now()
  for (let i = 0; i < indexes.length; i++) sum += look(indexes[i])
  const ns = ((performance.now() - start) * 1e6) / indexes.length
  if (sum !== indexes.length * FIRST_BYTE) throw new Error('a value was missing')
  return ns
}

const [name] = process.argv.slice(2)
if (Object.hasOwn(stores, name)) await serve(name as StoreName)
