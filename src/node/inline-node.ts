import type { Clock } from '../clock.js'
import { CacheError } from '../errors.js'
import { Memory } from '../store/layout.js'
import { Order } from '../store/order.js'
import type { SpaceCounts } from '../store/spaces.js'
import { Store } from '../store/store.js'
import { bodyBound, layBody } from './body.js'
import { execute } from './execute.js'
import { MemoryView } from './memory-view.js'
import type {
  Node,
  NodeFigures,
  NodeOptions,
  NodeState,
  NodeStatistics,
  Sink,
  Write,
} from './node.js'

/** Orders between two looks at the wheel and the sweep. */
const TICK_EVERY = 64

/** Orders of which one is settled in a later turn of the event loop. */
const YIELD_EVERY = 1_024

/** The scratch that orders are laid into doubles from here, up to the longest body. */
const SMALLEST_BODY_BYTES = 4_096

/** The store in the calling thread: every order is settled before `submit` returns. */
export class InlineNode implements Node {
  readonly id: string
  readonly memory: SharedArrayBuffer
  readonly baseMs: number
  readonly lane: number
  readonly mailboxes: readonly SharedArrayBuffer[] = []
  readonly reader: MemoryView['reader']
  readonly scanner: MemoryView['scanner']
  private readonly view: MemoryView
  private readonly store: Store
  private readonly clock: Clock
  private readonly order = new Order()
  private body = Buffer.alloc(0)
  private isClosed = false
  private untilTick = 0
  private inRow = 0
  /** Results that wait for the next turn of the event loop, in order. */
  private held: (() => void)[] = []

  constructor(options: NodeOptions) {
    const { clock } = options
    this.id = options.id
    this.lane = options.lane ?? 0
    this.clock = clock
    const memory = Memory.create(options.memoryBytes, options.spaces, options.baseMs)
    this.memory = memory.buffer
    this.baseMs = memory.baseMs
    this.store = new Store(memory)
    this.view = new MemoryView(memory, clock)
    this.reader = this.view.reader
    this.scanner = this.view.scanner
    this.grow(SMALLEST_BODY_BYTES)
  }

  get state(): NodeState {
    return this.isClosed ? 'down' : 'serving'
  }

  submit(write: Write, sink: Sink, index: number): void {
    if (this.isClosed) {
      throw new CacheError('closed', `node ${this.id} is closed`)
    }
    const { order, store } = this
    const bound = bodyBound(write)
    if (bound > this.body.length) {
      this.grow(bound)
    }
    order.op = write.op
    order.space = write.space
    order.hash = write.hash
    order.condition = write.condition
    order.version = write.version
    order.deadline = write.deadline
    order.fence = write.fence ?? 0
    layBody(write, order, this.body, order.words, 0)
    const now = this.now()
    if (this.untilTick-- === 0) {
      this.untilTick = TICK_EVERY
      this.lookAfter()
    }
    const outcome = execute(store, order, now)
    const { version } = store
    const settle = (): void => sink.settle(index, outcome, version)
    if (this.held.length > 0) {
      this.held.push(settle)
    } else if (++this.inRow % YIELD_EVERY === 0) {
      // Whoever awaits one write after the other would never let a timer fire.
      this.held.push(settle)
      setImmediate(() => this.release())
    } else {
      settle()
    }
  }

  tick(): void {
    this.lookAfter()
  }

  private lookAfter(): void {
    const now = this.now()
    this.store.advance(now)
    this.store.sweep(now)
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

  fail(): Promise<void> {
    return this.close()
  }

  async close(): Promise<void> {
    this.release()
    this.isClosed = true
  }

  private release(): void {
    const { held } = this
    this.held = []
    for (const settle of held) {
      settle()
    }
  }

  private now(): number {
    return Math.floor(this.clock.now()) - this.baseMs
  }

  private grow(bytes: number): void {
    const size = 2 ** Math.ceil(Math.log2(bytes))
    const buffer = new ArrayBuffer(size)
    this.body = Buffer.from(buffer)
    this.order.bytes = this.body
    this.order.words = new Int32Array(buffer)
    this.order.bodyAt = 0
  }
}
