import { CacheError } from '../../src/errors.js'
import { Consumers } from '../../src/node/consumers.js'
import { Mailbox } from '../../src/node/mailbox.js'
import { Producer } from '../../src/node/producer.js'
import { C_WHEEL_MS, Memory } from '../../src/store/layout.js'
import { OP_GRANT, OP_OPEN_SPACE } from '../../src/store/order.js'
import { type Found, Reader } from '../../src/store/reader.js'
import { Store } from '../../src/store/store.js'
import { BASE_MS, Form, Ledger, SEED, type Wish } from './desk.js'

/** A mailbox whose ring has `ringWords` words, a power of two. */
export function smallMailbox(ringWords: number): Mailbox {
  return Mailbox.withRing(ringWords * 4)
}

/** Both ends of one mailbox, or of several, in one thread: nothing happens until `work` is called. */
export class Pair {
  readonly memory: Memory
  readonly mailboxes: readonly Mailbox[]
  readonly producers: readonly Producer[]
  /** The first of them. */
  readonly mailbox: Mailbox
  readonly producer: Producer
  readonly store: Store
  readonly consumers: Consumers
  readonly ledger = new Ledger()
  private readonly form = new Form()
  private count = 0

  constructor(ringWords = 4096, memoryBytes = 2 ** 20, writers = 1) {
    this.memory = Memory.create(memoryBytes, 4, BASE_MS)
    this.mailboxes = Array.from({ length: writers }, () => smallMailbox(ringWords))
    this.producers = this.mailboxes.map((mailbox) => new Producer(mailbox, this.memory.words))
    this.mailbox = this.mailboxes[0]
    this.producer = this.producers[0]
    this.store = new Store(this.memory)
    this.consumers = new Consumers(this.mailboxes, this.store)
    this.submit('', { op: OP_GRANT, version: 2 ** 24 })
    this.submit('', { op: OP_OPEN_SPACE, space: 1, hash: SEED, deadline: 0 })
    this.work()
  }

  submit(key: string, wish?: Wish, writer = 0): number {
    this.producers[writer].submit(this.form.fill(key, wish), this.ledger, this.count)
    return this.count++
  }

  /** False where the queue is full. */
  trySubmit(key: string, wish?: Wish): boolean {
    try {
      this.submit(key, wish)
      return true
    } catch (error) {
      if (error instanceof CacheError && error.code === 'overloaded') {
        return false
      }
      throw error
    }
  }

  /** Carries out all that was submitted; returns how many orders that were. */
  work(): number {
    this.publish()
    let done = 0
    for (let n = this.consumers.drain(0); n > 0; n = this.consumers.drain(0)) {
      done += n
    }
    for (const producer of this.producers) producer.collect()
    return done
  }

  publish(): void {
    for (const producer of this.producers) producer.publish()
  }

  /** What the order was answered with, or undefined as long as it waits. */
  outcome(index: number): number | undefined {
    const told = this.ledger.answers.get(index)
    if (told instanceof Error) {
      throw told
    }
    return told?.outcome
  }

  /** What a reader finds whose clock stands where the writer's wheel does. */
  find(key: string, memory = this.memory): Found | undefined {
    const { scratch } = this.form
    scratch.encode(key)
    const now = BASE_MS + memory.floats[C_WHEEL_MS >> 1]
    const reader = new Reader(memory, () => now, false)
    return reader.find(scratch.hash(SEED), scratch.words, scratch.length, 1)
  }
}
