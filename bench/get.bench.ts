/**
 * Reads in one thread: 1M items at random and 1,000 hot ones, with the key's string made anew for
 * each lookup, as a request brings it, and with the very strings that were put. A `Map` neither
 * hashes nor compares the latter: both are shown.
 */
import { fillAll, type Readable } from './get-stores.js'
import { keyOf, randomIndexes, VALUE_BYTES } from './items.js'
import { type Contestant, type Figures, interleave, medianOf, ROUNDS } from './rounds.js'
import type { Row } from './row.js'

const ITEMS = 1_000_000
const HOT = 1_000
/** So few that a garbage collection now and then meets all alike, so many that the clock is exact. */
const LOOKUPS = 80_000
const WARM_ROUNDS = 2
const ANEW = 'keys made anew'
const SAME = 'the same strings'
const MAKING = 'making the key alone'

/** Which items are asked for. */
interface Choice {
  readonly name: string
  readonly atMost: number
  readonly indexes: Uint32Array
}

export async function getRows(): Promise<Row[]> {
  const { keys, stores, close } = await fillAll(ITEMS)
  const all = randomIndexes(LOOKUPS * (ROUNDS + WARM_ROUNDS), ITEMS, 7)
  const hot = randomIndexes(LOOKUPS, HOT, 11).map((i) => all[i])
  const choices: Choice[] = [
    { name: '1M at random', atMost: 0.5, indexes: all },
    { name: '1,000 hot', atMost: 1.4, indexes: hot },
  ]
  const rows: Row[] = []
  for (const choice of choices) {
    const anew = await contest(stores, choice.indexes, keyOf, true)
    const same = await contest(stores, choice.indexes, (i) => keys[i], false)
    rows.push(...anewRows(choice, anew), ...sameRows(choice, same))
  }
  await close()
  return rows
}

async function contest(
  stores: readonly Readable[],
  indexes: Uint32Array,
  key: (index: number) => string,
  withMaking: boolean,
): Promise<Figures> {
  const making = { name: MAKING, run: () => timed(indexes, 0, (i) => key(i).length / 16, 1) }
  const contestants = stores.map(({ name, read }): Contestant => {
    let round = 0
    const length = (i: number) => read(key(i))?.length ?? 0
    return { name, run: () => timed(indexes, round++, length, VALUE_BYTES) }
  })
  if (withMaking) contestants.push(making)
  await interleave(contestants, WARM_ROUNDS)
  return interleave(contestants)
}

/** ns a lookup; each round takes the next part of the indexes, so that no cache remembers it. */
function timed(
  indexes: Uint32Array,
  round: number,
  length: (index: number) => number,
  expected: number,
): number {
  const from = (round * LOOKUPS) % indexes.length
  const part = indexes.subarray(from, from + LOOKUPS)
  let sum = 0
  const start = performance.now()
  for (let i = 0; i < part.length; i++) sum += length(part[i])
  const ns = ((performance.now() - start) * 1e6) / part.length
  if (sum !== part.length * expected) throw new Error('a value was missing')
  return ns
}

function anewRows({ name, atMost }: Choice, figures: Figures): Row[] {
  const what = (store: string) => `${store}, ${name}, ${ANEW}`
  const ns = (store: string) => medianOf(figures, store)
  const making = ns(MAKING)
  const rows = ['bytes', 'text'].flatMap((form): Row[] => {
    const [ours, theirs] = [ns(`annulus ${form}`), ns(`lru-cache ${form}`)]
    const ratio = ours / theirs
    const row = { bench: 'get', value: ours, unit: 'ns', beside: `lru-cache ${form}` }
    const aim = `<= ${atMost} ×`
    const without = (ours - making) / (theirs - making)
    return [
      { ...row, what: what(`annulus ${form}`), ratio, aim, met: ratio <= atMost },
      {
        ...row,
        what: `${what(`annulus ${form}`)}, less the making`,
        value: ours - making,
        ratio: without,
      },
    ]
  })
  const lmdb = ns('annulus bytes') / ns('lmdb')
  return [
    ...rows,
    besideRow(figures, 'lru-cache bytes', what),
    besideRow(figures, 'lru-cache text', what),
    besideRow(figures, 'Map', what),
    { ...besideRow(figures, 'lmdb', what), aim: '<= 0.5 ×', met: lmdb <= 0.5 },
    { bench: 'get', what: what(MAKING), value: making, unit: 'ns' },
  ]
}

function sameRows({ name }: Choice, figures: Figures): Row[] {
  const what = (store: string) => `${store}, ${name}, ${SAME}`
  const ours = ['annulus bytes', 'annulus text'].map((store): Row => {
    const value = medianOf(figures, store)
    const peer = store.replace('annulus', 'lru-cache')
    const ratio = value / medianOf(figures, peer)
    return { bench: 'get', what: what(store), value, unit: 'ns', ratio, beside: peer }
  })
  const peers = ['lru-cache bytes', 'lru-cache text', 'Map', 'lmdb']
  return [...ours, ...peers.map((store) => besideRow(figures, store, what))]
}

function besideRow(figures: Figures, store: string, what: (store: string) => string): Row {
  const value = medianOf(figures, store)
  const ours = store.endsWith('text') ? 'annulus text' : 'annulus bytes'
  const ratio = medianOf(figures, ours) / value
  return { bench: 'get', what: what(store), value, unit: 'ns', ratio, beside: `ours / theirs` }
}
