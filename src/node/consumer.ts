import { Foresight, KEYS_AHEAD } from '../store/foresight.js'
import type { Memory } from '../store/layout.js'
import { C_OUTCOME } from '../store/layout.js'
import { FAILED, Order } from '../store/order.js'
import type { Store } from '../store/store.js'
import {
  N_DEATHS,
  N_DEATHS_MAILBOX,
  N_DEATHS_SEQUENCE,
  N_INTENT_MAILBOX,
  N_INTENT_SEQUENCE,
} from './bell.js'
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
/**
 * A producer that sleeps is woken when its queue is empty, or so many words of it are done: a wake-up
 * costs as much as a dozen orders, and the producer has more to do the later it comes.
 */
const WAKE_WORDS = 16_384
/** Fewer orders are not worth a look ahead. */
const FEW = 4
/** An order that so many workers died in, one after the other, is given up. */
const MAX_ORDER_DEATHS = 3

/** The worker's side of one of its mailboxes. HEAD is the truth: an order is done when HEAD has passed it. */
export class Consumer {
  private readonly mailbox: Mailbox
  /** Which of the node's mailboxes it is. */
  private readonly index: number
  private readonly store: Store
  private readonly memory: Memory
  private readonly order = new Order()
  private readonly foresight: Foresight
  private readonly hashes = new Int32Array(KEYS_AHEAD)
  /** Where HEAD stood when the producer was last worth waking. */
  private wokenAt: number

  constructor(mailbox: Mailbox, index: number, store: Store) {
    this.mailbox = mailbox
    this.index = index
    this.store = store
    this.memory = store.memory
    this.foresight = new Foresight(store.memory, store.table)
    this.wokenAt = mailbox.control[M_HEAD]
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
    if (head !== tail) {
      this.claim()
    }
    let seen = 0
    while (head !== tail && done < MAX_BATCH) {
      if (seen === 0) {
        seen = this.foresee(head, tail)
      }
      seen--
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
      this.publish(head, head === tail)
    }
    return done
  }

  /** Looks at what the next orders are about; returns how many records that were. */
  private foresee(head: number, tail: number): number {
    const { control, words, mask } = this.mailbox
    const { hashes } = this
    const origin = control[M_ORIGIN]
    let count = 0
    for (let next = head; next !== tail && count < KEYS_AHEAD; count++) {
      const at = (next - origin) & mask
      hashes[count] = words[at + 3]
      next = (next + (words[at] & 0xff_ffff)) | 0
    }
    if (count >= FEW) {
      this.foresight.look(hashes, count)
    }
    return count
  }

  /** Carries out all that can be seen now, and nothing that comes meanwhile. */
  finish(now: number): void {
    const { control } = this.mailbox
    const tail = Atomics.load(control, M_TAIL)
    while (((tail - control[M_HEAD]) | 0) > 0) {
      this.drain(now)
    }
  }

  /**
   * Publishes what a predecessor left unpublished, and wakes a producer that may sleep: the
   * predecessor may have died on its way to it. WAITING stays as it is. Taken back here, where APPLIED
   * may be what it was, it would be missed by a producer that has said that it waits and is about to.
   */
  wake(): void {
    const { control } = this.mailbox
    Atomics.store(control, M_HEAD, control[M_HEAD])
    Atomics.store(control, M_APPLIED, control[M_DONE])
    Atomics.notify(control, M_APPLIED)
  }

  /** Ends the order that a predecessor died in, if it was one of this mailbox. */
  recover(now: number): void {
    const { control, words, mask } = this.mailbox
    const head = control[M_HEAD]
    const at = (head - control[M_ORIGIN]) & mask
    if (Atomics.load(control, M_TAIL) === head || words[at] >>> 24 === OP_SKIP) {
      return
    }
    const sequence = words[at + 1]
    if (sequence !== control[M_DONE] && this.isIntended(sequence)) {
      this.end(at, now)
    }
    if (sequence === control[M_DONE]) {
      control[M_HEAD] = (head + (words[at] & 0xff_ffff)) | 0
      this.wake()
    }
  }

  /**
   * Says that the intent is of this mailbox from now on. The outcome goes first: it is of an order of
   * another one, whose number may be that of the next order here.
   */
  private claim(): void {
    const { words } = this.memory
    words[C_OUTCOME] = 0
    words[N_INTENT_MAILBOX] = this.index
  }

  private isIntended(sequence: number): boolean {
    const { words } = this.memory
    return words[N_INTENT_MAILBOX] === this.index && words[N_INTENT_SEQUENCE] === sequence
  }

  /** The order that the predecessor died in: reported, given up, or carried out anew. */
  private end(at: number, now: number): void {
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
    if (words[N_DEATHS_SEQUENCE] !== sequence || words[N_DEATHS_MAILBOX] !== this.index) {
      words[N_DEATHS] = 0
      words[N_DEATHS_MAILBOX] = this.index
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

  private publish(head: number, isEmpty: boolean): void {
    const { control } = this.mailbox
    Atomics.store(control, M_HEAD, head)
    Atomics.store(control, M_APPLIED, control[M_DONE])
    if (!isEmpty && ((head - this.wokenAt) | 0) < WAKE_WORDS) {
      return
    }
    this.wokenAt = head
    if (Atomics.compareExchange(control, M_WAITING, 1, 0) === 1) {
      Atomics.notify(control, M_APPLIED)
    }
  }
}
