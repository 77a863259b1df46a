import type { Clock } from '../clock.js'
import { CacheError } from '../errors.js'
import { Memory } from '../store/layout.js'
import { STALE } from '../store/order.js'
import type { SpaceCounts } from '../store/spaces.js'
import { N_READY } from './bell.js'
import { Mailbox } from './mailbox.js'
import { MemoryView } from './memory-view.js'
import type { Node, NodeFigures, NodeState, NodeStatistics, Sink, Write } from './node.js'
import { Producer } from './producer.js'

export interface FarNodeOptions {
  readonly id: string
  readonly memory: SharedArrayBuffer
  /** One of the node's further mailboxes, of which this thread is the only producer; none: it reads. */
  readonly mailbox: SharedArrayBuffer | undefined
  readonly clock: Clock
  readonly baseMs: number
  readonly lane?: number | undefined
}

/**
 * How a node went: it `left` when it had carried out all that it could see, or was `lost` with its
 * host; or this thread's part in it was `closed`, and nobody waits for what the node does.
 */
export type Departure = 'left' | 'lost' | 'closed'

/** Longer than any timer runs: this one is there to be ref'd. */
const NEVER_MS = 2 ** 31 - 1

/** A node that another thread runs: its memory read in place, written through a mailbox of its own. */
export class FarNode implements Node {
  readonly id: string
  readonly memory: SharedArrayBuffer
  readonly baseMs: number
  readonly lane: number
  readonly mailboxes: readonly SharedArrayBuffer[] = []
  readonly reader: MemoryView['reader']
  readonly scanner: MemoryView['scanner']
  private readonly view: MemoryView
  private readonly words: Int32Array
  private readonly producer: Producer | undefined
  private readonly hold = setInterval(() => {}, NEVER_MS).unref()
  private isClosing = false
  private departure: Departure | undefined

  /** Throws where the mailbox still holds orders of an earlier thread: see Mailbox.isDrained. */
  constructor(options: FarNodeOptions) {
    const { memory, mailbox, clock } = options
    this.id = options.id
    this.lane = options.lane ?? 0
    this.memory = memory
    this.baseMs = options.baseMs
    const attached = Memory.attach(memory)
    this.words = attached.words
    this.view = new MemoryView(attached, clock)
    this.reader = this.view.reader
    this.scanner = this.view.scanner
    this.producer = mailbox && new Producer(new Mailbox(mailbox), this.words, this.hold)
  }

  get state(): NodeState {
    if (this.isClosing || this.departure !== undefined) {
      return 'down'
    }
    return Atomics.load(this.words, N_READY) === 1 ? 'serving' : 'recovering'
  }

  submit(write: Write, sink: Sink, index: number): void {
    if (this.isClosing || this.producer === undefined) {
      throw new CacheError('closed', `node ${this.id} takes no writes of this thread`)
    }
    if (this.departure === undefined) {
      this.producer.submit(write, sink, index)
    } else {
      queueMicrotask(() => this.end(sink, index))
    }
  }

  /**
   * No answer comes any more. What the node has answered counts; of the rest, one that left has seen
   * nothing, and any other may have stored it.
   */
  gone(departure: Departure): void {
    this.departure ??= departure
    this.producer?.collect()
    this.producer?.endAll((sink, index) => this.end(sink, index))
    clearInterval(this.hold)
    clearInterval(this.hold)
  }

  counts(space: number): SpaceCounts {
    return this.view.counts(space)
  }

  isUnused(space: number): boolean {
    return this.view.isUnused(space)
  }

  figures(): NodeFigures {
    return this.view.figures()
  }

  statistics(): NodeStatistics {
    return this.view.statistics([])
  }

  versionsLeft(): number {
    return this.view.versionsLeft()
  }

  /** The node's worker sees to it. */
  tick(): void {}

  async fail(): Promise<void> {
    this.gone('lost')
  }

  /** Lets go of the mailbox when all that was submitted is settled. The node itself goes on. */
  async close(): Promise<void> {
    this.isClosing = true
    await this.producer?.whenIdle()
    clearInterval(this.hold)
  }

  private end(sink: Sink, index: number): void {
    if (this.departure === 'left') {
      sink.settle(index, STALE, 0)
    } else if (this.departure === 'closed') {
      const text = 'the cache was closed; a write under way may have been stored'
      sink.fail(index, new CacheError('closed', text, { maybeStored: true }))
    } else {
      const text = `node ${this.id} is gone; a write under way may have been stored`
      sink.fail(index, new CacheError('recovering', text, { maybeStored: true }))
    }
  }
}
