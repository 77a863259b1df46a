import { performance } from 'node:perf_hooks'
import { Worker } from 'node:worker_threads'
import { check } from '../../src/store/check.js'
import { NEVER } from '../../src/store/item.js'
import { NO_MEMORY } from '../../src/store/order.js'
import { Board } from './board.js'
import { Chance } from './chance.js'
import { crowd } from './crowd.js'
import { type Bench, bench } from './pen.js'
import type { ReaderTally, ReaderTask } from './reader-thread.js'
import { NO_DEADLINE, sealInto } from './self-checking.js'

const SPACE = 1
const KEYS = 600
const STEADY = 60
/** The keys crowd into few lines of the table: chains of overflow nodes grow and shrink. */
const LINES = 12
const LONGEST = 100_000
const THREADS = 2
const FEWEST_READS = 5_000

export interface ContestOptions {
  readonly ms: number
  readonly seed: number
  /** Full memory evicts all the time; ample memory never does, and steady keys are always found. */
  readonly full: boolean
}

export interface Contest {
  readonly reads: number
  readonly hits: number
  readonly busy: number
  readonly writes: number
  readonly evictions: number
  readonly faults: readonly string[]
}

/** Readers in threads of their own against a writer that changes all it can as fast as it can. */
export async function contest({ ms, seed, full }: ContestOptions): Promise<Contest> {
  const b = bench(full ? 3 * 2 ** 20 : 128 * 2 ** 20)
  const board = new Board(KEYS)
  const keys = crowd(b.store, b.pen, 0, LINES, KEYS)
  const writer = new Writer(b, board, keys, seed)
  const steady = full ? 0 : STEADY
  for (let key = 0; key < KEYS; key++) writer.put(key, key < steady)
  const { buffer: memory } = b.memory
  const tallies = Array.from({ length: THREADS }, (_, n) =>
    runReader({ memory, board: board.buffer, keys, steady, space: SPACE, seed: seed * 7 + n }),
  )
  while (board.reads === 0) await new Promise((resolve) => setTimeout(resolve, 5))
  const end = performance.now() + ms
  // A busy machine may give the readers little of that time.
  while (performance.now() < end || board.reads < FEWEST_READS) {
    for (let n = 0; n < 200; n++) writer.step(steady)
  }
  board.stop()
  const all = await Promise.all(tallies)
  check(b.store)
  const sum = (pick: (tally: ReaderTally) => number) => all.reduce((n, t) => n + pick(t), 0)
  return {
    reads: sum((t) => t.reads),
    hits: sum((t) => t.hits),
    busy: sum((t) => t.busy),
    writes: writer.writes,
    evictions: b.store.counts(SPACE, 0).evictions,
    faults: all.flatMap((t) => t.faults),
  }
}

function runReader(task: ReaderTask): Promise<ReaderTally> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./reader-thread.js', import.meta.url), { workerData: task })
    worker.once('message', resolve)
    worker.once('error', reject)
    worker.once('exit', (code) => {
      if (code !== 0) reject(new Error(`a reader ended with ${code}`))
    })
  })
}

class Writer {
  writes = 0
  private readonly bench: Bench
  private readonly board: Board
  private readonly keys: readonly string[]
  private readonly chance: Chance
  private readonly scratch = Buffer.alloc(LONGEST)
  private counter = 0

  constructor(b: Bench, board: Board, keys: readonly string[], seed: number) {
    this.bench = b
    this.board = board
    this.keys = keys
    this.chance = new Chance(seed)
  }

  step(steady: number): void {
    const { chance, board } = this
    const { store } = this.bench
    const key = chance.below(KEYS)
    const dice = chance.below(20)
    if (dice < 14 || key < steady) {
      this.put(key, key < steady)
    } else if (dice < 18) {
      store.delete(this.bench.pen.write(SPACE, this.keys[key]), board.now)
      board.delete(key)
    } else {
      board.pass(chance.below(30))
      store.advance(board.now, 50)
    }
    this.writes++
  }

  put(key: number, forever = false): void {
    const { board, chance } = this
    const counter = ++this.counter
    const lasting = forever || chance.once(2)
    const deadline = lasting ? NO_DEADLINE : board.now + 1 + chance.below(400)
    const value = sealInto(this.scratch, this.length(), { key, counter, deadline })
    const order = this.bench.pen.write(SPACE, this.keys[key], value, {
      deadline: lasting ? NEVER : deadline,
      type: `type/${key}`,
    })
    board.begin(key, counter)
    if (this.bench.store.put(order, board.now) === NO_MEMORY) {
      throw new Error('a put is refused')
    }
    board.complete(key, counter)
  }

  private length(): number {
    const dice = this.chance.below(10)
    return this.chance.below(dice === 0 ? 16 : dice < 7 ? 300 : dice < 9 ? 20_000 : LONGEST)
  }
}
