import { CacheError } from '../../../src/errors.js'
import type { KeyBytes } from '../../../src/key.js'
import { InlineNode } from '../../../src/node/inline-node.js'
import type {
  Node,
  NodeFigures,
  NodeOptions,
  NodeState,
  NodeStatistics,
  Sink,
  Write,
} from '../../../src/node/node.js'
import type { SpaceCounts } from '../../../src/store/spaces.js'

/** Asked once whenever an order waits: it calls `step` when it pleases. */
export type Drive = (node: SteppedNode) => void

interface Waiting {
  readonly write: Write
  readonly sink: Sink
  readonly index: number
}

/** Orders that wait; one more is refused. */
const MAX_WAITING = 16_384

/**
 * The real store behind a queue, of which somebody else decides when the next order is carried out.
 * So a test can put anything at all between an order and its effect.
 */
export class SteppedNode implements Node {
  readonly mailboxes = []
  readonly id: string
  readonly memory: SharedArrayBuffer
  readonly baseMs: number
  readonly lane: number
  /** Orders that may wait from now on. */
  room = MAX_WAITING
  private readonly inner: InlineNode
  private readonly drive: Drive
  private readonly queue: Waiting[] = []
  private isDriven = false
  private isDead = false
  private isClosed = false
  private isGone = false
  private emptied: (() => void) | undefined

  constructor(options: NodeOptions, drive: Drive) {
    this.inner = new InlineNode(options)
    this.drive = drive
    this.id = options.id
    this.memory = this.inner.memory
    this.baseMs = this.inner.baseMs
    this.lane = this.inner.lane
  }

  get reader(): InlineNode['reader'] {
    this.checkHost()
    return this.inner.reader
  }

  get scanner(): InlineNode['scanner'] {
    this.checkHost()
    return this.inner.scanner
  }

  get state(): NodeState {
    return this.isClosed ? 'down' : this.isDead ? 'recovering' : 'serving'
  }

  get waiting(): number {
    return this.queue.length
  }

  submit(write: Write, sink: Sink, index: number): void {
    if (this.isClosed) {
      throw new CacheError('closed', `node ${this.id} is closed`)
    }
    if (this.queue.length >= this.room) {
      throw new CacheError('overloaded', `the queue of node ${this.id} is full`)
    }
    this.queue.push({ write: copyOf(write), sink, index })
    this.ask()
  }

  /** Carries out the oldest orders, unless the writer is dead; asks for the next step. */
  step(count = 1): void {
    for (let n = 0; n < count && !this.isDead; n++) {
      const next = this.queue.shift()
      if (next === undefined) {
        break
      }
      this.inner.submit(next.write, next.sink, next.index)
    }
    this.isDriven = false
    if (this.queue.length === 0) {
      this.emptied?.()
    }
    this.ask()
  }

  /** The writer dies between two orders; reads go on, the queue stands until `recover`. */
  die(): void {
    this.isDead = true
  }

  recover(): void {
    this.isDead = false
    this.ask()
  }

  /** What is under way may have been carried out by a host that nobody can ask any more. */
  async fail(): Promise<void> {
    this.isClosed = true
    this.isGone = true
    for (const { sink, index } of this.queue.splice(0)) {
      sink.fail(index, this.gone())
    }
    this.emptied?.()
  }

  async close(): Promise<void> {
    this.isClosed = true
    this.recover()
    if (this.queue.length > 0) {
      await new Promise<void>((resolve) => {
        this.emptied = resolve
      })
    }
    await this.inner.close()
  }

  counts(space: number): SpaceCounts {
    return this.inner.counts(space)
  }

  isUnused(space: number): boolean {
    return this.inner.isUnused(space)
  }

  statistics(): NodeStatistics {
    return this.inner.statistics()
  }

  figures(): NodeFigures {
    return this.inner.figures()
  }

  versionsLeft(): number {
    return this.inner.versionsLeft()
  }

  tick(): void {
    if (!this.isDead && !this.isClosed) {
      this.inner.tick()
    }
  }

  /** Whoever still looks there is told, as if the host were another one. */
  private checkHost(): void {
    if (this.isGone) {
      throw this.gone()
    }
  }

  private gone(): CacheError {
    const text = `node ${this.id} is gone; a write under way may have been stored`
    return new CacheError('recovering', text, { maybeStored: true })
  }

  private ask(): void {
    if (!this.isDriven && !this.isDead && this.queue.length > 0) {
      this.isDriven = true
      this.drive(this)
    }
  }
}

/** Steps in later turns of the event loop, so many orders in each. */
export function automatic(ordersATurn = 256): Drive {
  return (node) => {
    setImmediate(() => node.step(ordersATurn))
  }
}

/** What a caller of `submit` may use anew as soon as it returns is copied. */
function copyOf(write: Write): Write {
  const { key, value } = write
  const own: KeyBytes = { words: key.words.slice(0, (key.length + 3) >> 2), length: key.length }
  return {
    ...write,
    key: own,
    value: typeof value === 'string' ? value : Uint8Array.prototype.slice.call(value),
  }
}
