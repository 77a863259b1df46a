import * as assert from 'uvu/assert'
import { Consumers } from '../../src/node/consumers.js'
import {
  M_APPLIED,
  M_DONE,
  M_HEAD,
  M_TAIL,
  MAX_ORDERS,
  type Mailbox,
} from '../../src/node/mailbox.js'
import { adopt } from '../../src/store/adopt.js'
import { check } from '../../src/store/check.js'
import { C_IN_DOUBT, type Memory } from '../../src/store/layout.js'
import { BUSY } from '../../src/store/reader.js'
import type { Store } from '../../src/store/store.js'
import { Chance } from '../store/chance.js'
import type { Answer } from './desk.js'
import { copyOf, drainAll, drainUntil, type Life, type Remains } from './mortal.js'
import type { Pair } from './pair.js'

/** Moments of one life to die at: all of a short one, a sample of a long one. */
const MOMENTS = process.env['ANNULUS_SOAK'] === '1' ? 5_000 : 150
const COUNTED = ['items', 'bytes', 'puts', 'deletes', 'expirations', 'droppedByMove'] as const

export interface Survivor {
  readonly store: Store
  readonly remains: Remains
  /** The answers to the last orders of a mailbox, the oldest first. */
  answers(count: number, mailbox?: number): Answer[]
}

export interface Ordeal {
  readonly pair: Pair
  /** What the worker does with what was submitted; by default it empties the queues. */
  readonly life?: Life
  /** The keys that readers look at. */
  readonly keys: readonly string[]
  /** False where evictions may differ: only what the readers saw is then compared. */
  readonly isExact?: boolean
  /** How many moments to die at are tried. */
  readonly moments?: number
  readonly verify?: (survivor: Survivor, n: number) => void
}

/**
 * Lets the worker die before each single store, and another take over. A reader must find the same
 * before and after the adoption, the memory must be whole, and in the end all must be as without a
 * death. Returns how many stores there were.
 */
export function dieEverywhere(ordeal: Ordeal): number {
  const { pair, life = drainAll, moments = MOMENTS } = ordeal
  pair.publish()
  const before = copyOf(pair)
  const whole = drainUntil(before, Number.POSITIVE_INFINITY, life)
  const chance = new Chance(whole.stores)
  const all = whole.stores <= moments
  for (let moment = 1; moment <= Math.min(whole.stores, moments); moment++) {
    const n = all ? moment : 1 + chance.below(whole.stores)
    try {
      dieOnce(ordeal, before, whole, n)
    } catch (cause) {
      const why = (cause as Error).message
      throw new Error(`death before store ${n} of ${whole.stores}: ${why}`, { cause })
    }
  }
  return whole.stores
}

function dieOnce(ordeal: Ordeal, before: Remains, whole: Remains, n: number): void {
  const { pair, keys, life = drainAll } = ordeal
  const remains = drainUntil(before, n, life)
  const { memory, mailboxes } = remains
  const seen = look(pair, memory, keys)
  const store = adopt(memory, 0)
  assert.is(memory.words[C_IN_DOUBT], 0, 'all was made anew')
  check(store)
  const found = look(pair, memory, keys)
  for (const [key, what] of seen) {
    if (what !== 'busy') assert.is(found.get(key), what, `${key} for a reader`)
  }
  const consumers = new Consumers(mailboxes, store)
  consumers.recover(0)
  life(consumers, store)
  check(store)
  assert.equal(mailboxes.map(outcomes), whole.mailboxes.map(outcomes), 'outcomes')
  if (ordeal.isExact !== false) {
    assert.equal(
      [...look(pair, memory, keys)].map(([key, what]) => [key, what.replace(/^\d+ /, '')]),
      [...look(pair, whole.memory, keys)].map(([key, what]) => [key, what.replace(/^\d+ /, '')]),
    )
    assert.equal(counted(store), counted(adopt(copyOf(whole).memory, 0)))
  }
  ordeal.verify?.(survivorOf(store, remains), n)
}

export function survivorOf(store: Store, remains: Remains): Survivor {
  return {
    store,
    remains,
    answers: (count, mailbox = 0) => lastAnswers(remains.mailboxes[mailbox], count),
  }
}

/** What a reader finds of each key: version, deadline, value; `busy` where its line is open. */
function look(pair: Pair, memory: Memory, keys: readonly string[]): Map<string, string> {
  const all = new Map<string, string>()
  for (const key of keys) {
    try {
      const found = pair.find(key, memory)
      const value = found?.value.toString('latin1')
      all.set(key, found ? `${found.version} ${found.deadline} ${value}` : 'none')
    } catch (error) {
      if (error !== BUSY) throw error
      all.set(key, 'busy')
    }
  }
  return all
}

function counted(store: Store): unknown {
  return [0, 1, 2, 3].map((space) => {
    const counts = store.counts(space, 0)
    return COUNTED.map((name) => counts[name])
  })
}

function outcomes({ control, results }: Mailbox): number[] {
  assert.is(control[M_HEAD], control[M_TAIL], 'the queue is empty')
  assert.is(control[M_APPLIED], control[M_DONE])
  const all: number[] = []
  for (let sequence = 1; sequence <= control[M_DONE]; sequence++) {
    all.push(results[(sequence & (MAX_ORDERS - 1)) * 4])
  }
  return all
}

function lastAnswers({ control, results }: Mailbox, count: number): Answer[] {
  const last = control[M_APPLIED]
  return Array.from({ length: count }, (_, n) => {
    const at = ((last - count + 1 + n) & (MAX_ORDERS - 1)) * 4
    return { outcome: results[at], version: results[at + 2] * 2 ** 32 + (results[at + 1] >>> 0) }
  })
}
