import { CacheError } from '../errors.js'
import { Order } from '../store/order.js'
import { ring } from './bell.js'
import { bodyBound, layBody } from './body.js'
import {
  M_APPLIED,
  M_DONE,
  M_HEAD,
  M_ORIGIN,
  M_SUBMITTED,
  M_TAIL,
  M_WAITING,
  MAX_ORDERS,
  type Mailbox,
  OP_SKIP,
  packRecord,
  RECORD_HEADER_WORDS,
  RESULT_WORDS,
} from './mailbox.js'
import type { Sink, Write } from './node.js'
import { Stopwatch } from './stopwatch.js'

/** Looks at APPLIED before the event loop goes on: some microseconds, a worker's hot answer. */
const MAX_LOOKS = 2_000
/** The same for a worker that may be asleep: as long as a wake-up takes. */
const MAX_PROBE_LOOKS = 60_000
/** Only so few orders are worth waiting for in place. */
const SPIN_ORDERS = 4
/** After spins in vain: so many flushes without one, at most. */
const MAX_PAUSE = 1_024
/** Orders of one turn that are published before it ends, so that worker and caller overlap. */
const PUBLISH_EVERY = 16
/** An empty ring is begun anew from here on, so that light traffic stays in few cache lines. */
const REWIND_WORDS = 16_384

/** What keeps a thread alive that waits for answers, and has nothing else to do: a timer. */
export interface Hold {
  ref(): unknown
  unref(): unknown
}

/**
 * The writing side of a mailbox, in one of two gaits. While a caller awaits one write after the other
 * and the worker answers within microseconds, orders are published as soon as the microtasks run and
 * their results are looked for in place. Where that proves vain (the worker sleeps, or many callers
 * share the turn), the orders of a turn are published together with one wake-up, a few at a time, and
 * the worker says when their results are there.
 */
export class Producer {
  private readonly mailbox: Mailbox
  private readonly nodeWords: Int32Array
  private readonly order = new Order()
  private readonly sinks: (Sink | undefined)[] = new Array(MAX_ORDERS).fill(undefined)
  private readonly indexes = new Int32Array(MAX_ORDERS)
  private readonly stopwatch: Stopwatch
  private tail: number
  private published: number
  private sequence: number
  private settled: number
  private isFlushing = false
  private inTurn = 0
  private isPatient = false
  private isWaiting = false
  private isQuick = false
  private pause = 0
  private nextPause = 1
  private readonly flushTask = (): void => this.flush()
  private readonly hold: Hold | undefined
  private idle: (() => void) | undefined

  /**
   * Goes on where an earlier producer of the mailbox has stopped, which must be drained. Orders that
   * that one had not published are gone: they were never to be seen.
   */
  constructor(mailbox: Mailbox, nodeWords: Int32Array, hold?: Hold) {
    if (!mailbox.isDrained()) {
      throw new RangeError('this mailbox still holds orders of another thread')
    }
    const { control } = mailbox
    this.mailbox = mailbox
    this.nodeWords = nodeWords
    this.hold = hold
    this.stopwatch = new Stopwatch(mailbox.latency)
    this.tail = control[M_TAIL]
    this.published = this.tail
    this.sequence = control[M_DONE]
    this.settled = this.sequence
    Atomics.store(control, M_WAITING, 0)
  }

  /** Orders that are not settled yet. */
  get pending(): number {
    return (this.sequence - this.settled) | 0
  }

  /** Resolves as soon as nothing is under way. */
  whenIdle(): Promise<void> {
    return new Promise((resolve) => {
      this.idle = resolve
      this.rest()
    })
  }

  /** Throws `overloaded` where the queue is full: nothing of the order is then queued. */
  submit(write: Write, sink: Sink, index: number): void {
    const { mailbox, order } = this
    const bound = RECORD_HEADER_WORDS + ((bodyBound(write) + 7) >> 3) * 2
    const at = this.pending < MAX_ORDERS ? this.reserve(bound) : -1
    if (at < 0) {
      throw new CacheError(
        'overloaded',
        'the queue of writes to this node is full: wait for some to finish, then try again',
      )
    }
    order.op = write.op
    order.space = write.space
    order.hash = write.hash
    order.condition = write.condition
    order.version = write.version
    order.deadline = write.deadline
    order.fence = write.fence ?? 0
    layBody(write, order, mailbox.bytes, mailbox.words, (at + RECORD_HEADER_WORDS) * 4)
    const bodyBytes = bodyLength(order)
    const length = RECORD_HEADER_WORDS + ((bodyBytes + 7) >> 3) * 2
    this.sequence = (this.sequence + 1) | 0
    packRecord(mailbox.words, at, order, this.sequence, length)
    this.tail = (this.tail + length) | 0
    const slot = this.sequence & (MAX_ORDERS - 1)
    this.sinks[slot] = sink
    this.indexes[slot] = index
    if (!this.isFlushing) {
      this.isFlushing = true
      this.inTurn = 0
      this.isPatient = write.isShared === true || this.pause > 0
      if (this.isPatient) {
        setImmediate(this.flushTask)
      } else {
        queueMicrotask(this.flushTask)
      }
    } else if (++this.inTurn % PUBLISH_EVERY === 0) {
      this.publish(this.inTurn === PUBLISH_EVERY)
    }
  }

  /** Fails all that is not settled: the node is gone for good. */
  failAll(error: CacheError): void {
    this.endAll((sink, index) => sink.fail(index, error))
  }

  /** Lets `end` tell each sink that is not settled, in order: there will be no answers. */
  endAll(end: (sink: Sink, index: number) => void): void {
    while (this.settled !== this.sequence) {
      this.settled = (this.settled + 1) | 0
      const slot = this.settled & (MAX_ORDERS - 1)
      const sink = this.sinks[slot]
      this.sinks[slot] = undefined
      if (sink !== undefined) {
        end(sink, this.indexes[slot])
      }
    }
    this.rest()
  }

  /** Settles what the worker has applied. */
  collect(): void {
    const applied = Atomics.load(this.mailbox.control, M_APPLIED)
    const { results } = this.mailbox
    while (((applied - this.settled) | 0) > 0) {
      this.settled = (this.settled + 1) | 0
      const slot = this.settled & (MAX_ORDERS - 1)
      const at = slot * RESULT_WORDS
      const version = (results[at + 2] >>> 0) * 2 ** 32 + (results[at + 1] >>> 0)
      const sink = this.sinks[slot]
      this.sinks[slot] = undefined
      sink?.settle(this.indexes[slot], results[at], version)
    }
    this.stopwatch.look(applied)
  }

  /** Room for `length` words in one piece, as a word index of the ring; -1: full. */
  private reserve(length: number): number {
    const { words, mask, control } = this.mailbox
    const used = (this.tail - Atomics.load(control, M_HEAD)) | 0
    let at = (this.tail - control[M_ORIGIN]) & mask
    if (used === 0 && at > REWIND_WORDS) {
      control[M_ORIGIN] = this.tail // seen before the TAIL that shows what lies there
      at = 0
    }
    const toEnd = words.length - at
    if (toEnd < length) {
      if (used + toEnd + length > words.length) {
        return -1
      }
      words[at] = toEnd | (OP_SKIP << 24)
      this.tail = (this.tail + toEnd) | 0
      at = 0
    } else if (used + length > words.length) {
      return -1
    }
    return at
  }

  /**
   * Shows the consumer what was submitted so far. A napping worker is woken where `isHurried`: at the
   * end of a turn, and once in the middle of a long one, so that both work at the same time.
   */
  publish(isHurried = true): void {
    if (this.tail !== this.published) {
      this.published = this.tail
      this.mailbox.control[M_SUBMITTED] = this.sequence
      this.stopwatch.start(this.sequence)
      Atomics.store(this.mailbox.control, M_TAIL, this.tail)
    }
    ring(this.nodeWords, isHurried)
  }

  /** Ends a turn: publishes its orders, looks for their results or asks to be told. */
  private flush(): void {
    this.isFlushing = false
    this.publish()
    if (this.isPatient) {
      this.pause = Math.max(0, this.pause - 1)
    } else if (this.pending > 0 && this.pending <= SPIN_ORDERS) {
      this.spin()
    }
    this.collect()
    this.rest()
    this.wait()
  }

  /**
   * Looks for the last result: briefly while that has just gone well, else long enough for a sleeping
   * worker to wake, after which both are quick again. Where it proves vain, pauses ever longer before
   * the next try.
   */
  private spin(): void {
    const { control } = this.mailbox
    const most = this.isQuick ? MAX_LOOKS : MAX_PROBE_LOOKS
    for (let looks = 0; looks < most; looks++) {
      if (Atomics.load(control, M_APPLIED) === this.sequence) {
        // One quick answer is no habit: only a row of them makes the next pause short again.
        this.nextPause = this.isQuick ? Math.max(1, this.nextPause >> 1) : this.nextPause
        this.isQuick = true
        return
      }
    }
    this.isQuick = false
    this.pause = this.nextPause
    this.nextPause = Math.min(this.nextPause * 2, MAX_PAUSE)
  }

  private wait(): void {
    if (this.isWaiting || this.pending === 0) {
      return
    }
    const { control } = this.mailbox
    this.hold?.ref()
    this.isWaiting = true
    Atomics.store(control, M_WAITING, 1)
    const outcome = Atomics.waitAsync(control, M_APPLIED, this.settled)
    if (outcome.async) {
      outcome.value.then(this.woken)
    } else {
      queueMicrotask(this.woken)
    }
  }

  private readonly woken = (): void => {
    this.isWaiting = false
    this.collect()
    this.rest()
    this.wait()
  }

  private rest(): void {
    if (this.pending === 0) {
      this.hold?.unref()
      this.idle?.()
      this.idle = undefined
    }
  }
}

function bodyLength(order: Order): number {
  const key = (order.keyBytes + 3) & ~3
  const type = order.typeBytes === 0 ? 0 : (order.typeBytes + 4) & ~3
  return key + type + order.valueBytes
}
