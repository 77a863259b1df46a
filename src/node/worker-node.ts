import type { Piscina } from 'piscina'
import { CacheError } from '../errors.js'
import { Memory } from '../store/layout.js'
import type { SpaceCounts } from '../store/spaces.js'
import { N_READY, N_STOP, ring } from './bell.js'
import { Mailbox } from './mailbox.js'
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
import { Producer } from './producer.js'
import { giveBackThread, replaceThread, takeThread } from './threads.js'
import type { WorkerTask } from './worker.js'

/** A node whose workers die so often within the window is declared dead. */
const MAX_DEATHS = 5
const DEATH_WINDOW_MS = 10_000
/** piscina tells of a thread's end within this time, or not at all. */
const SILENT_END_MS = 100

export interface WorkerNodeOptions extends NodeOptions {
  readonly maxValueBytes: number
  /** Further threads that write, each through a mailbox of its own; 0. */
  readonly writers?: number
  /** Deaths of its workers within ten seconds that the node does not survive; 5. */
  readonly maxDeaths?: number
  /** Told of each death of the node's worker. */
  readonly onDeath?: (id: string, cause: unknown) => void
  /** Told when too many have died: the node is down for good. */
  readonly onDown?: (id: string) => void
}

/**
 * The store in a worker thread, seen from outside. Its memory and mailboxes outlive the worker: when
 * it dies, a fresh one adopts them and goes on with the queues; reads never stop.
 */
export class WorkerNode implements Node {
  readonly id: string
  readonly memory: SharedArrayBuffer
  readonly baseMs: number
  readonly lane: number
  readonly mailboxes: readonly SharedArrayBuffer[]
  readonly reader: MemoryView['reader']
  readonly scanner: MemoryView['scanner']
  private isDown = false
  private readonly view: MemoryView
  private readonly words: Int32Array
  private readonly mailbox: Mailbox
  private readonly producer: Producer
  private readonly options: WorkerNodeOptions
  private deaths: number[] = []
  private pool: Piscina | undefined
  private isClosing = false
  private readonly life: Promise<void>

  constructor(options: WorkerNodeOptions) {
    this.options = options
    this.id = options.id
    this.lane = options.lane ?? 0
    const memory = Memory.create(options.memoryBytes, options.spaces, options.baseMs)
    this.memory = memory.buffer
    this.baseMs = memory.baseMs
    this.words = memory.words
    this.view = new MemoryView(memory, options.clock)
    this.reader = this.view.reader
    this.scanner = this.view.scanner
    this.mailbox = Mailbox.create(options.maxValueBytes)
    this.producer = new Producer(this.mailbox, memory.words)
    this.mailboxes = Array.from(
      { length: options.writers ?? 0 },
      () => Mailbox.create(options.maxValueBytes).buffer,
    )
    this.life = this.live()
  }

  get state(): NodeState {
    if (this.isDown) {
      return 'down'
    }
    const isReady = Atomics.load(this.words, N_READY) === 1
    return isReady ? 'serving' : this.deaths.length === 0 ? 'joining' : 'recovering'
  }

  submit(write: Write, sink: Sink, index: number): void {
    if (this.isClosing) {
      throw new CacheError('closed', `node ${this.id} is closed`)
    }
    if (this.isDown) {
      throw new CacheError('recovering', `node ${this.id} is down: the ring closes over it`)
    }
    this.producer.submit(write, sink, index)
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
    return this.view.statistics([this.mailbox.buffer, ...this.mailboxes])
  }

  versionsLeft(): number {
    return this.view.versionsLeft()
  }

  /** The worker sees to it. */
  tick(): void {}

  async close(): Promise<void> {
    this.isClosing = true
    this.producer.publish() // the worker stops when it has carried out all that it can see
    Atomics.store(this.words, N_STOP, 1)
    ring(this.words, true)
    await this.life
  }

  /** The memory is gone with its host: no answer to what is under way will come. */
  async fail(): Promise<void> {
    this.isDown = true
    Atomics.store(this.words, N_STOP, 1)
    this.producer.failAll(gone(this.id))
    await this.pool?.destroy().catch(() => {})
    await this.life
  }

  /** Runs one worker after the other until one is told to stop, or too many have died. */
  private async live(): Promise<void> {
    await this.runWorkers()
    if (this.pool !== undefined) {
      await giveBackThread(this.pool)
    }
    if (!this.isDown) {
      this.isDown = true
      this.producer.collect()
      this.producer.failAll(gone(this.id))
    }
  }

  private async runWorkers(): Promise<void> {
    while (Atomics.load(this.words, N_STOP) === 0) {
      try {
        await this.runWorker()
      } catch (cause) {
        if (this.isDown) {
          return
        }
        Atomics.store(this.words, N_READY, 0)
        this.options.onDeath?.(this.id, cause)
        if (this.isHopeless()) {
          this.options.onDown?.(this.id)
          return
        }
      }
    }
  }

  /** One thread, one task that lasts as long as the worker lives. */
  private async runWorker(): Promise<void> {
    const pool = this.pool === undefined ? takeThread() : replaceThread(this.pool)
    this.pool = pool
    const task: WorkerTask = {
      memory: this.memory,
      mailboxes: [this.mailbox.buffer, ...this.mailboxes],
      clock: this.options.clock.shared,
    }
    const running = pool.run(task)
    await Promise.race([running, endOf(pool)])
  }

  private isHopeless(): boolean {
    const now = performance.now()
    this.deaths = this.deaths.filter((at) => now - at < DEATH_WINDOW_MS)
    this.deaths.push(now)
    return this.deaths.length >= (this.options.maxDeaths ?? MAX_DEATHS)
  }
}

/**
 * Rejects some time after the pool's thread has ended: of one that ends before it has begun piscina says
 * nothing, and keeps the task; of every other death it tells sooner, and why.
 */
function endOf(pool: Piscina): Promise<never> {
  return new Promise((_, reject) => {
    for (const thread of pool.threads) {
      thread.once('exit', (code) => {
        setTimeout(() => reject(new Error(`the thread ended with code ${code}`)), SILENT_END_MS)
      })
    }
  })
}

function gone(id: string): CacheError {
  const text = `node ${id} is gone; a write under way may have been stored`
  return new CacheError('recovering', text, { maybeStored: true })
}
