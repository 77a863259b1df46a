import type { Memory } from '../store/layout.js'
import { C_IN_DOUBT, C_OUTCOME } from '../store/layout.js'
import { FAILED, Order } from '../store/order.js'
import type { Store } from '../store/store.js'
import { N_DEATHS, N_DEATHS_SEQUENCE, N_INTENT_SEQUENCE } from './bell.js'
import { execute } from './execute.js'
import {
  M_APPLIED,
  M_DONE,
  M_HEAD,
  M_ORIGIN,
  M_TAIL,
  M_WAITING,
  MAX_ORDERS,
  type Mailbox,
  OP_SKIP,
  RESULT_WORDS,
  unpackRecord,
} from './mailbox.js'
import { resume } from './resume.js'

/** Orders carried out before their results are published and the wheel gets its turn. */
const MAX_BATCH = 64
/** An order that so many workers died in, one after the other, is given up. */
const MAX_ORDER_DEATHS = 3

/** The worker's side of a mailbox. HEAD is the truth: an order is done when HEAD has passed it. */
export class Consumer {
  private readonly mailbox: Mailbox
  private readonly store: Store
  private readonly memory: Memory
  private readonly order = new Order()

  constructor(mailbox: Mailbox, store: Store) {
    this.mailbox = mailbox
    this.store = store
    this.memory = store.memory
    this.order.words = mailbox.words
    this.order.bytes = mailbox.bytes
  }

  isEmpty(): boolean {
    const { control } = this.mailbox
    return Atomics.load(control, M_TAIL) === control[M_HEAD]
  }

  /** Carries out a batch of orders at `now`; returns how many there were. */
  drain(now: number): number {
    const { control, words, mask } = this.mailbox
    const tail = Atomics.load(control, M_TAIL)
    const origin = control[M_ORIGIN]
    let head = control[M_HEAD]
    let done = 0
    while (head !== tail && done < MAX_BATCH) {
      const at = (head - origin) & mask
      const length = words[at] & 0xff_ffff
      if (words[at] >>> 24 !== OP_SKIP) {
        this.carryOut(at, now)
        done++
      }
      head = (head + length) | 0
      control[M_HEAD] = head
    }
    if (done > 0) {
      this.publish(head)
    }
    return done
  }

  /** Finishes what a predecessor left: results not published, and the order that it died in. */
  recover(now: number): void {
    const { control, words, mask } = this.mailbox
    const head = control[M_HEAD]
    const tail = Atomics.load(control, M_TAIL)
    const at = (head - control[M_ORIGIN]) & mask
    this.wake(head) // whatever becomes of the next order, the answers before it are there
    const isOrder = tail !== head && words[at] >>> 24 !== OP_SKIP
    if (isOrder) {
      const sequence = words[at + 1]
      if (sequence !== control[M_DONE] && this.memory.words[N_INTENT_SEQUENCE] === sequence) {
        this.finish(at, now)
      }
      if (sequence === control[M_DONE]) {
        control[M_HEAD] = (head + (words[at] & 0xff_ffff)) | 0
      }
    }
    this.memory.words[C_IN_DOUBT] = 0
    this.wake(control[M_HEAD])
  }

  /**
   * Publishes, and wakes a producer that may sleep: the predecessor may have died on its way to it.
   * WAITING stays as it is. Taken back here, where APPLIED may be what it was, it would be missed by a
   * producer that has said that it waits and is about to.
   */
  private wake(head: number): void {
    const { control } = this.mailbox
    Atomics.store(control, M_HEAD, head)
    Atomics.store(control, M_APPLIED, control[M_DONE])
    Atomics.notify(control, M_APPLIED)
  }

  /** The order that the predecessor died in: reported, given up, or carried out anew. */
  private finish(at: number, now: number): void {
    const sequence = this.mailbox.words[at + 1]
    unpackRecord(this.mailbox.words, at, this.order)
    const outcome = resume(this.store, this.order)
    if (outcome !== 0) {
      this.report(sequence, outcome)
    } else if (this.countDeath(sequence) >= MAX_ORDER_DEATHS) {
      this.store.version = 0
      this.report(sequence, FAILED)
    } else {
      this.carryOut(at, now)
    }
  }

  private countDeath(sequence: number): number {
    const { words } = this.memory
    if (words[N_DEATHS_SEQUENCE] !== sequence) {
      words[N_DEATHS] = 0
      words[N_DEATHS_SEQUENCE] = sequence
    }
    return ++words[N_DEATHS]
  }

  private carryOut(at: number, now: number): void {
    const { words } = this.mailbox
    const { memory, order } = this
    unpackRecord(words, at, order)
    memory.words[C_OUTCOME] = 0
    memory.words[N_INTENT_SEQUENCE] = words[at + 1]
    this.report(words[at + 1], execute(this.store, order, now))
  }

  private report(sequence: number, outcome: number): void {
    const { control, results } = this.mailbox
    const at = (sequence & (MAX_ORDERS - 1)) * RESULT_WORDS
    results[at] = outcome
    results[at + 1] = this.store.version | 0
    results[at + 2] = (this.store.version / 2 ** 32) | 0
    control[M_DONE] = sequence
  }

  private publish(head: number): void {
    const { control } = this.mailbox
    Atomics.store(control, M_HEAD, head)
    Atomics.store(control, M_APPLIED, control[M_DONE])
    if (Atomics.compareExchange(control, M_WAITING, 1, 0) === 1) {
      Atomics.notify(control, M_APPLIED)
    }
  }
}
