import { ManualClock } from './clock.js'
import { Engine } from './engine/engine.js'
import type { Migration } from './engine/motion/migration.js'
import type { EngineOptions } from './engine/options.js'
import { CacheError } from './errors.js'
import { checkKnown, type Names } from './known-options.js'
import { seededRandom } from './testing/seeded.js'
import { type Refusals, TestNode } from './testing/test-node.js'
import { formatSize, parseDuration, parseSize } from './units.js'

/** Small, so that an engine opens within milliseconds: most of that is the first touch of memory. */
const DEFAULTS = { nodes: 3, nodeMemoryBytes: 2 ** 20, maxBuckets: 256, virtualNodes: 32 } as const

export interface TestEngineOptions
  extends Pick<EngineOptions, 'maxValue' | 'maxBuckets' | 'virtualNodes' | 'rootKey'> {
  /** 3 where absent. */
  readonly nodes?: number | undefined
  /** Total of all nodes: a size, 1 MiB a node where absent. */
  readonly memory?: string | number | undefined
  /** Ids, credentials and where keys stand hang on it alone; 1 where absent. */
  readonly seed?: number | string | undefined
  /** What its clock shows at first, in ms since the Unix epoch; a day in 2023 where absent. */
  readonly startMs?: number | undefined
}

/**
 * An engine whose nodes are in the calling thread, and whose time passes when the test says so.
 * `addNode`, `removeNode` and `failNode` resolve when the change has ended, however it did.
 */
export interface TestEngine extends Engine {
  /** What its clock shows, in ms since the Unix epoch. */
  now(): number
  /**
   * Moves its clock: a duration, or milliseconds. Resolves when all that has expired by then is
   * freed, and no key is on its way. Throws invalid_ttl.
   */
  advance(duration: string | number): Promise<void>
  /**
   * So many writes from now on are refused with `overloaded`, as where the queue of a key's node is
   * full: each put, delete and touch is one, in a batch each key. For keys with copies the engine
   * tries again by itself, as ever. Throws invalid_option.
   */
  refuseWrites(count: number): void
}

/**
 * Opens an engine for a test of one's own. The same calls in the same order give the same answers,
 * with the same ids, versions and evictions, in every process. Nothing of it keeps a process alive
 * that forgets to close it. Throws invalid_option and invalid_size.
 */
export async function openTestEngine(options: TestEngineOptions = {}): Promise<TestEngine> {
  const { nodes = DEFAULTS.nodes, seed = 1, startMs } = options
  check(options)
  const clock = new ManualClock(startMs)
  const refusals: Refusals = { left: 0 }
  const engine = await Engine.open({
    nodes,
    memory: options.memory ?? nodes * DEFAULTS.nodeMemoryBytes,
    maxValue: options.maxValue,
    maxBuckets: options.maxBuckets ?? DEFAULTS.maxBuckets,
    virtualNodes: options.virtualNodes ?? DEFAULTS.virtualNodes,
    rootKey: options.rootKey,
    clock,
    random: seededRandom(seed),
    kind: (node) => new TestNode(node, refusals),
  })
  return Object.assign(engine, {
    now: () => clock.now(),
    async advance(duration: string | number): Promise<void> {
      clock.advance(parseDuration(duration, 'advance'))
      await Promise.all(engine.migrations().map(({ done }) => done))
      await engine.settle()
    },
    refuseWrites(count: number): void {
      refusals.left = checked(count)
    },
    addNode: toItsEnd(engine.addNode.bind(engine)),
    removeNode: toItsEnd(engine.removeNode.bind(engine)),
    failNode: toItsEnd(engine.failNode.bind(engine)),
  })
}

function toItsEnd<A extends unknown[], M extends Migration | undefined>(
  change: (...args: A) => Promise<M>,
): (...args: A) => Promise<M> {
  return async (...args) => {
    const migration = await change(...args)
    await migration?.done
    return migration
  }
}

const NAMES = {
  nodes: true,
  memory: true,
  seed: true,
  startMs: true,
  maxValue: true,
  maxBuckets: true,
  virtualNodes: true,
  rootKey: true,
} satisfies Names<TestEngineOptions>

function check(options: TestEngineOptions): void {
  checkKnown(options, NAMES)
  const { seed = 1, startMs = 0, nodes = DEFAULTS.nodes } = options
  if (typeof seed !== 'string' && !Number.isFinite(seed)) {
    throw new CacheError('invalid_option', `seed: ${String(seed)} is neither a number nor a text`)
  }
  if (!Number.isSafeInteger(startMs) || startMs < 0) {
    const text = `startMs: ${String(startMs)} is not a whole number of ms, 0 or more`
    throw new CacheError('invalid_option', text)
  }
  if (options.memory === undefined || !Number.isInteger(nodes)) return
  const leastBytes = nodes * DEFAULTS.nodeMemoryBytes
  if (parseSize(options.memory, 'memory') < leastBytes) {
    const text = `memory: ${options.memory} is too little, ${nodes} nodes need ${formatSize(leastBytes)}`
    throw new CacheError('invalid_option', `${text}: 1mb each`)
  }
}

function checked(count: number): number {
  if (Number.isInteger(count) && count >= 0) {
    return count
  }
  throw new CacheError('invalid_option', `refuseWrites: ${count} is not a whole number, 0 or more`)
}
