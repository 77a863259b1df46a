import { type Clock, clockFrom } from '../clock.js'
import { adopt } from '../store/adopt.js'
import { Memory } from '../store/layout.js'
import { Store } from '../store/store.js'
import { N_IN_CHARGE, N_STOP, nap, sleep } from './bell.js'
import { Consumer } from './consumer.js'
import { Mailbox } from './mailbox.js'

/** What a node's worker is started with. */
export interface WorkerTask {
  readonly memory: SharedArrayBuffer
  readonly mailbox: SharedArrayBuffer
  readonly clock: SharedArrayBuffer | undefined
}

/** Empty looks before the worker sleeps: an order that comes within some microseconds is met awake. */
const MAX_LOOKS = 2_000
/**
 * After orders the worker first naps for moments instead of sleeping: while they keep coming it
 * looks for them by itself, and nobody pays for wake-ups.
 */
const NAP_MS = 0.05
const NAPS = 20
/** The wheel turns at least so far apart: expired items are invisible at once, freed a little later. */
const TICK_MS = 5
/** A sleeper looks up so often even if nothing is due, in case a clock was moved. */
const LONGEST_SLEEP_MS = 1_000

/**
 * The life of a node's worker: carries out orders, turns the wheel, sweeps; sleeps when there is
 * nothing to do. Returns when it is told to stop. The thread's event loop does not turn meanwhile.
 */
export default function serve(task: WorkerTask): 'stopped' {
  const clock = clockFrom(task.clock)
  const memory = Memory.attach(task.memory)
  const { words } = memory
  const inherited = Atomics.exchange(words, N_IN_CHARGE, 1) === 1
  const now = Math.floor(clock.now()) - memory.baseMs
  const store = inherited ? adopt(memory, now) : new Store(memory)
  const consumer = new Consumer(new Mailbox(task.mailbox), store)
  consumer.recover(now)
  let naps = 0
  while (Atomics.load(words, N_STOP) === 0) {
    if (work(store, consumer, clock)) {
      naps = NAPS
    } else if (naps-- > 0) {
      nap(words, NAP_MS, () => consumer.isEmpty())
    } else {
      rest(store, consumer, clock)
    }
  }
  while (consumer.drain(Math.floor(clock.now()) - memory.baseMs) > 0) {}
  Atomics.store(words, N_IN_CHARGE, 0)
  return 'stopped'
}

/** Works until there is nothing to do, and looks a little longer. False: there were no orders. */
function work(store: Store, consumer: Consumer, clock: Clock): boolean {
  const now = Math.floor(clock.now()) - store.memory.baseMs
  let hadOrders = false
  for (let looks = 0; looks < MAX_LOOKS; looks++) {
    if (!consumer.isEmpty()) {
      consumer.drain(Math.floor(clock.now()) - store.memory.baseMs) // not before the order came
      hadOrders = true
      break
    }
  }
  const isLate = store.advance(now) === 0
  return store.sweep(now) || isLate || hadOrders
}

/** Sleeps until an order comes or the wheel is to be turned. */
function rest(store: Store, consumer: Consumer, clock: Clock): void {
  const { memory } = store
  const due = store.wheel.next() - (Math.floor(clock.now()) - memory.baseMs)
  const ms = Math.min(Math.max(due, TICK_MS), LONGEST_SLEEP_MS)
  sleep(memory.words, ms, () => consumer.isEmpty() && Atomics.load(memory.words, N_STOP) === 0)
}
