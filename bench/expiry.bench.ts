/**
 * A million TTLs that end: spread evenly over a minute, a tick of a millisecond at a time, and all in
 * one and the same millisecond, which only the limit of a turn keeps from taking long. The clock is
 * the benchmark's; each turn has its default limit.
 */
import { Memory } from '../src/store/layout.js'
import type { Store } from '../src/store/store.js'
import { openDirectStore, SPACE } from './direct-store.js'
import { countFor, FULL } from './effort.js'
import { randomIndexes } from './items.js'
import { median, quantile } from './rounds.js'
import type { Row } from './row.js'

const ITEMS = 1_000_000
const MEMORY_BYTES = 224 * 2 ** 20
const SPACES = 64
const WITHIN_MS = 60_000
const NS_AIM = 150
const TURN_AIM_MS = 1
const TICKS_AIM = 2

interface Round {
  readonly nsEach: number
  /** How long each turn took, in ms. */
  readonly turns: readonly number[]
  /** Ticks from an item's deadline until its memory was back, at worst. */
  readonly ticksLate: number
}

export async function expiryRows(effort = FULL): Promise<Row[]> {
  const items = countFor(ITEMS, effort)
  const memory = () => Memory.create(MEMORY_BYTES, SPACES, 0)
  const spread: Round[] = []
  const burst: Round[] = []
  for (let round = 0; round < effort.rounds + 1; round++) {
    const deadlines = randomIndexes(items, WITHIN_MS, round + 1)
    const one = expire(memory(), items, (i) => deadlines[i] + 1)
    const two = expire(memory(), items, () => WITHIN_MS)
    if (round > 0) {
      spread.push(one) // the first round only warms up
      burst.push(two)
    }
  }
  return [...rowsOf('spread over 60 s', spread, true), ...rowsOf('all in one ms', burst, false)]
}

function expire(memory: Memory, items: number, deadline: (index: number) => number): Round {
  const { store, put } = openDirectStore(memory)
  for (let i = 0; i < items; i++) put(i, deadline(i))
  const turns: number[] = []
  let ticksLate = 0
  let behind = 0 // turns in a row that their limit ended
  const from = performance.now()
  let before = from
  for (let now = 1; now <= WITHIN_MS || itemsOf(store) > 0; now++) {
    const left = store.advance(now)
    const after = performance.now()
    turns.push(after - before)
    before = after
    behind = left === 0 ? behind + 1 : 0
    ticksLate = Math.max(ticksLate, behind)
  }
  const nsEach = ((before - from) * 1e6) / items
  const { expirations } = store.counts(SPACE, WITHIN_MS)
  if (expirations !== items) throw new Error(`${expirations} of ${items} items expired`)
  if (store.slab.freePages() !== store.slab.pageCount - overflowPages(store)) {
    throw new Error('pages were not given back')
  }
  return { nsEach, turns, ticksLate }
}

function itemsOf(store: Store): number {
  return store.counts(SPACE, 0).items
}

/** Pages of table overflow nodes keep their class: see slab.ts. */
function overflowPages(store: Store): number {
  return store.slab.pagesOf(0)
}

function rowsOf(name: string, rounds: readonly Round[], hasAims: boolean): Row[] {
  const row = { bench: 'expiry' }
  const ns = median(rounds.map(({ nsEach }) => nsEach))
  const longest = rounds.map(({ turns }) => quantile(turns, 1))
  const usual = median(longest)
  const all = rounds.flatMap(({ turns }) => turns)
  const ticks = Math.max(...rounds.map(({ ticksLate }) => ticksLate))
  const bar = { group: 'CPU time of an expiry', label: `annulus, ${name}`, isOurs: true }
  const each = { ...row, what: `an expiry, ${name}`, value: ns, unit: 'ns', bar }
  const late = { ...row, what: `memory back, ${name}: at worst`, value: ticks, unit: 'ticks' }
  const turn = { ...row, unit: 'ms' }
  return [
    hasAims ? { ...each, aim: `<= ${NS_AIM} ns`, met: ns <= NS_AIM } : each,
    {
      ...turn,
      what: `longest turn, ${name}: median of rounds`,
      value: usual,
      aim: `< ${TURN_AIM_MS} ms`,
      met: usual < TURN_AIM_MS,
    },
    { ...turn, what: `longest turn, ${name}: of all rounds`, value: quantile(all, 1) },
    { ...turn, what: `turn, ${name}: p99.9`, value: quantile(all, 0.999) },
    hasAims ? { ...late, aim: `<= ${TICKS_AIM} ticks`, met: ticks <= TICKS_AIM } : late,
  ]
}
