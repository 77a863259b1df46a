import { type Clock, clockFrom } from '../clock.js'
import { adopt } from '../store/adopt.js'
import { Memory } from '../store/layout.js'
import { Store } from '../store/store.js'
import { N_IN_CHARGE, N_READY, N_STOP, nap, sleep } from './bell.js'
import { Consumers } from './consumers.js'
import { Mailbox } from './mailbox.js'

/** What a node's worker is started with. */
export interface WorkerTask {
  readonly memory: SharedArrayBuffer
  /** The engine's own first, then those of further writers. */
  readonly mailboxes: readonly SharedArrayBuffer[]
  readonly clock: SharedArrayBuffer | undefined
}

/** Empty looks at a mailbox before the worker sleeps: an order that comes within some microseconds is met awake. */
const MAX_LOOKS = 2_000
const FEW_ORDERS = 4
/**
 * After orders the worker first naps instead of sleeping: then only the end of a caller's turn wakes
 * it, and what is published in mid-turn waits for that, or for the nap's end.
 */
const NAP_MS = 0.5
const NAPS = 20
/** The wheel turns at least so far apart: expired items are invisible at once, freed a little later. */
const TICK_MS = 5
/** A sleeper looks up so often even if nothing is due, in case a clock was moved. */
const LONGEST_SLEEP_MS = 1_000

/** Instead of a task: the thread has only to be there, its code loaded. */
export const STAND_BY = 'stand by'

/**
 * The life of a node's worker: carries out orders, turns the wheel, sweeps; sleeps when there is
 * nothing to do. Returns when it is told to stop. The thread's event loop does not turn meanwhile.
 */
export default function serve(task: WorkerTask | typeof STAND_BY): 'stopped' {
  if (task === STAND_BY) {
    return 'stopped'
  }
  const clock = clockFrom(task.clock)
  const memory = Memory.attach(task.memory)
  const { words } = memory
  const inherited = Atomics.exchange(words, N_IN_CHARGE, 1) === 1
  const now = Math.floor(clock.now()) - memory.baseMs
  const store = inherited ? adopt(memory, now) : new Store(memory)
  const mailboxes = task.mailboxes.map((buffer) => new Mailbox(buffer))
  const consumers = new Consumers(mailboxes, store)
  consumers.recover(now)
  Atomics.store(words, N_READY, 1)
  let naps = 0
  let orders = 0
  while (Atomics.load(words, N_STOP) === 0) {
    orders = work(store, consumers, clock, orders)
    if (orders > 0) {
      naps = NAPS
    } else if (!upkeep(store, clock)) {
      if (naps-- > 0) {
        nap(words, NAP_MS, () => consumers.isEmpty())
      } else {
        rest(store, consumers, clock)
      }
    }
  }
  consumers.finish(Math.floor(clock.now()) - memory.baseMs)
  Atomics.store(words, N_IN_CHARGE, 0)
  return 'stopped'
}

/**
 * Carries out a batch of orders; returns how many. After a few orders, as from a caller that awaits
 * each, it looks for the next one for some microseconds.
 */
function work(store: Store, consumers: Consumers, clock: Clock, before: number): number {
  const looks = before > 0 && before <= FEW_ORDERS ? MAX_LOOKS / consumers.count : 1
  for (let look = 0; look < looks; look++) {
    if (!consumers.isEmpty()) {
      const done = consumers.drain(Math.floor(clock.now()) - store.memory.baseMs)
      upkeep(store, clock)
      return done
    }
  }
  return 0
}

/** A bounded part of expiry and sweep; true where more is left. */
function upkeep(store: Store, clock: Clock): boolean {
  const now = Math.floor(clock.now()) - store.memory.baseMs
  const isLate = store.advance(now) === 0
  return store.sweep(now) || isLate
}

/** Sleeps until an order comes or the wheel is to be turned. */
function rest(store: Store, consumers: Consumers, clock: Clock): void {
  const { memory } = store
  const due = store.wheel.next() - (Math.floor(clock.now()) - memory.baseMs)
  const ms = Math.min(Math.max(due, TICK_MS), LONGEST_SLEEP_MS)
  sleep(memory.words, ms, () => consumers.isEmpty() && Atomics.load(memory.words, N_STOP) === 0)
}
