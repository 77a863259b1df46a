import type { Clock } from '../clock.js'
import { CacheError } from '../errors.js'
import { checkKnown, type Names } from '../known-options.js'
import type { NodeFactory, NodeKind } from './node-kinds.js'

/** What an engine takes where it is told nothing. How many nodes hangs on cores and memory. */
export const DEFAULTS = {
  memory: '256mb',
  maxValue: '8mb',
  maxBuckets: 4_096,
  virtualNodes: 1_024,
  movePace: 0.1,
} as const

/** What may be asked for at most. */
export const LIMITS = {
  nodes: 1_024,
  /** So many that 65,536 spaces leave 64 spare generations, and the node's own. */
  maxBuckets: 65_536 - 64 - 1,
  virtualNodes: 65_536,
  writers: 64,
} as const

export interface EngineOptions {
  /** Nodes of a new ring; as many as cores and memory suit where absent. */
  readonly nodes?: number | undefined
  /** Total of all nodes of a new ring: a size, 256mb where absent. */
  readonly memory?: string | number | undefined
  /** `worker`: each node a thread; `inline`: all in the calling thread; or what makes the nodes. */
  readonly kind?: NodeKind | NodeFactory | undefined
  /** Where ring and catalogue are kept; in memory alone where absent. */
  readonly data?: string | undefined
  /** Replaces the root credential. */
  readonly rootKey?: string | undefined
  /** The largest value: a size, 8mb (or what the memory suits, if that is less) where absent. */
  readonly maxValue?: string | number | undefined
  readonly maxBuckets?: number | undefined
  readonly virtualNodes?: number | undefined
  /** The part of this thread's time that a migration may take: 0.01 to 1, 0.1 where absent. */
  readonly movePace?: number | undefined
  /** Further threads that may write at one time, each attached by a handle of its own; none. */
  readonly writers?: number | undefined
  readonly clock?: Clock | undefined
  readonly random?: ((bytes: number) => Uint8Array) | undefined
  /** Told of each death of a node's worker; a successor takes over by itself. */
  readonly onDeath?: ((nodeId: string, cause: unknown) => void) | undefined
}

const NAMES = {
  nodes: true,
  memory: true,
  kind: true,
  data: true,
  rootKey: true,
  maxValue: true,
  maxBuckets: true,
  virtualNodes: true,
  movePace: true,
  writers: true,
  clock: true,
  random: true,
  onDeath: true,
} satisfies Names<EngineOptions>

/** Throws invalid_option. */
export function checkNames(options: EngineOptions): void {
  checkKnown(options, NAMES)
}

/** How many further threads may write. Throws invalid_option. */
export function checkWriters({ writers = 0, kind = 'worker' }: EngineOptions): number {
  if (!Number.isInteger(writers) || writers < 0 || writers > LIMITS.writers) {
    throw new CacheError(
      'invalid_option',
      `writers: ${writers} is not a whole number from 0 to ${LIMITS.writers}`,
    )
  }
  if (writers > 0 && kind === 'inline') {
    throw new CacheError('invalid_option', 'writers: inline nodes are written by their own thread')
  }
  return writers
}
