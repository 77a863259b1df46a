import { availableParallelism } from 'node:os'
import { CacheError } from '../errors.js'
import { itemBytes, MAX_VALUE_BYTES } from '../store/assembler.js'
import { MAX_MEMORY_BYTES, MIN_MEMORY_BYTES, PAGE_BYTES, plan } from '../store/layout.js'
import { formatSize } from '../units.js'
import { LIMITS } from './options.js'

const MIB = 2 ** 20
/** By default no node has less; an operator may say otherwise. */
const SUITABLE_NODE_BYTES = 64 * MIB
const MAX_SPACES = 65_536
/** Beside the value, an item of the largest size has the longest key and the longest content type. */
const LONGEST_KEY_BYTES = 1_024
const LONGEST_TYPE_BYTES = 255
/** A value is written whole before the one that it replaces is let go. */
const VALUES_A_NODE_HOLDS = 2
/** For what else is stored beside values of the largest size. */
const SPARE_PAGES = 4

/** As whoever gave them knows them: on a command line, and in TypeScript. */
const MEMORY = '--memory (memory)'
const MAX_VALUE = '--max-value (maxValue)'

/** As many nodes as cores and memory suit, one core left to the thread that asks. */
export function suitableNodes(
  memoryBytes: number,
  maxValueBytes: number,
  spaces: number,
  cores: number = availableParallelism(),
): number {
  let nodes = Math.min(cores - 1, Math.floor(memoryBytes / SUITABLE_NODE_BYTES))
  while (nodes > 1 && !holds(Math.floor(memoryBytes / nodes), maxValueBytes, spaces)) nodes--
  const fewest = Math.ceil(memoryBytes / MAX_MEMORY_BYTES)
  return Math.min(LIMITS.nodes, Math.max(1, nodes, fewest))
}

/** Spaces for so many buckets: a quarter more, so that flushed generations can wait to be swept. */
export function spacesFor(maxBuckets: number): number {
  checkCount('maxBuckets', maxBuckets, LIMITS.maxBuckets)
  return Math.min(MAX_SPACES, maxBuckets + Math.max(64, Math.ceil(maxBuckets / 4)) + 1)
}

export function checkCount(name: string, value: number, most: number): void {
  if (Number.isInteger(value) && value >= 1 && value <= most) return
  throw new CacheError(
    'invalid_option',
    `${name}: ${value} is not a whole number from 1 to ${most}`,
  )
}

/** Whether a new ring's nodes can be, and hold the largest values. Throws invalid_option. */
export function checkMemory(
  memoryBytes: number,
  nodes: number,
  maxValueBytes: number,
  spaces: number,
): void {
  const nodeBytes = Math.floor(memoryBytes / nodes)
  const over = `${formatSize(memoryBytes)} over ${nodes} node${nodes === 1 ? '' : 's'}`
  if (nodeBytes > MAX_MEMORY_BYTES) {
    throw new CacheError(
      'invalid_option',
      `${MEMORY}: ${over} is too much, a node has less than 2gb: ` +
        `give less, or more --nodes (nodes), up to ${LIMITS.nodes}`,
    )
  }
  if (!holds(nodeBytes, maxValueBytes, spaces)) {
    throw new CacheError(
      'invalid_option',
      `${MEMORY}: ${over} is too small for ${MAX_VALUE} ${formatSize(maxValueBytes)}: a node must ` +
        'hold two such values, and its tables; give more memory, fewer nodes or smaller values',
    )
  }
}

/** Whether a ring from the data directory can hold the largest values. Throws invalid_option. */
export function checkKnown(nodeBytes: number, maxValueBytes: number, spaces: number): void {
  if (holds(nodeBytes, maxValueBytes, spaces)) return
  throw new CacheError(
    'invalid_option',
    `${MAX_VALUE}: ${formatSize(maxValueBytes)} is too large for the ring in the data directory: ` +
      `a node of ${formatSize(nodeBytes)} must hold two such values, and its tables; ` +
      'give a smaller size, or start on an empty directory',
  )
}

/** Whether a node that is to join can be, and hold the largest values. Throws invalid_option. */
export function checkMember(
  weight: number,
  nodeBytes: number,
  maxValueBytes: number,
  spaces: number,
): void {
  const size = formatSize(nodeBytes)
  if (nodeBytes > MAX_MEMORY_BYTES) {
    const text = `weight: ${weight} would be a node of ${size}, a node has less than 2gb`
    throw new CacheError('invalid_option', `${text}: add several of less weight`)
  }
  if (!holds(nodeBytes, maxValueBytes, spaces)) {
    const text = `weight: ${weight} would be a node of ${size}, too small for two values of`
    throw new CacheError('invalid_option', `${text} ${formatSize(maxValueBytes)}: give more weight`)
  }
}

export function checkMaxValue(bytes: number): void {
  if (bytes <= MAX_VALUE_BYTES) return
  const [given, most] = [formatSize(bytes), formatSize(MAX_VALUE_BYTES)]
  throw new CacheError('invalid_option', `${MAX_VALUE}: ${given} is more than ${most}`)
}

/** Whether a node of that memory can take the largest value, and then another in its place. */
function holds(nodeBytes: number, maxValueBytes: number, spaces: number): boolean {
  const item = itemBytes(LONGEST_KEY_BYTES, LONGEST_TYPE_BYTES, maxValueBytes)
  return (
    pagesIn(nodeBytes, spaces) * PAGE_BYTES >= VALUES_A_NODE_HOLDS * item + SPARE_PAGES * PAGE_BYTES
  )
}

function pagesIn(nodeBytes: number, spaces: number): number {
  if (nodeBytes < MIN_MEMORY_BYTES) return 0
  try {
    return plan(nodeBytes, spaces).pageCount
  } catch {
    return 0 // the tables alone take it all
  }
}
