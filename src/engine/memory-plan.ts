import { availableParallelism } from 'node:os'
import { CacheError } from '../errors.js'
import { itemBytes, MAX_VALUE_BYTES } from '../store/assembler.js'
import { MAX_MEMORY_BYTES, MIN_MEMORY_BYTES, PAGE_BYTES, plan } from '../store/layout.js'
import { formatSize } from '../units.js'
import type { RingNode } from './records.js'

const MIB = 2 ** 20
const SUITABLE_NODE_BYTES = 64 * MIB
const MAX_SPACES = 65_536
const LONGEST_TYPE_BYTES = 255
/** A value is written whole before the one that it replaces is let go. */
const VALUES_A_NODE_HOLDS = 2

/** As many nodes as cores and memory suit, one core left to the thread that asks. */
export function suitableNodes(memoryBytes: number): number {
  const byMemory = Math.floor(memoryBytes / SUITABLE_NODE_BYTES)
  const fewest = Math.ceil(memoryBytes / MAX_MEMORY_BYTES)
  return Math.max(1, fewest, Math.min(availableParallelism() - 1, byMemory))
}

/** Spaces for so many buckets: a quarter more, so that flushed generations can wait to be swept. */
export function spacesFor(maxBuckets: number): number {
  return Math.min(MAX_SPACES, maxBuckets + Math.max(64, Math.ceil(maxBuckets / 4)) + 1)
}

/** A new ring's nodes: the memory shared by weight, all of which is 1. Throws invalid_option. */
export function planNodes(
  count: number,
  memoryBytes: number,
  maxValueBytes: number,
  spaces: number,
): RingNode[] {
  if (!Number.isInteger(count) || count < 1 || count > 1024) {
    throw new CacheError('invalid_option', `nodes: ${count} is not a whole number from 1 to 1,024`)
  }
  const each = Math.floor(memoryBytes / count)
  checkNode(each, maxValueBytes, spaces)
  return Array.from({ length: count }, (_, i) => ({
    id: `n${i + 1}`,
    weight: 1,
    memoryBytes: each,
  }))
}

/** Whether a node of that memory can hold the largest values. Throws invalid_option. */
export function checkNode(nodeBytes: number, maxValueBytes: number, spaces: number): void {
  if (nodeBytes > MAX_MEMORY_BYTES) {
    throw new CacheError(
      'invalid_option',
      `memory: ${formatSize(nodeBytes)} a node is too much: 2 GiB is the most, take more nodes`,
    )
  }
  if (maxValueBytes > MAX_VALUE_BYTES) {
    throw new CacheError('invalid_option', `maxValue: ${formatSize(MAX_VALUE_BYTES)} is the most`)
  }
  const item = itemBytes(1024, LONGEST_TYPE_BYTES, maxValueBytes)
  const forItems = nodeBytes < MIN_MEMORY_BYTES ? 0 : roomIn(nodeBytes, spaces)
  if (forItems < item * VALUES_A_NODE_HOLDS + PAGE_BYTES * 4) {
    throw new CacheError(
      'invalid_option',
      `memory: ${formatSize(nodeBytes)} a node is too little for values of ${formatSize(maxValueBytes)}: ` +
        'give more memory, fewer nodes or a smaller maxValue',
    )
  }
}

function roomIn(nodeBytes: number, spaces: number): number {
  try {
    return plan(nodeBytes, spaces).pageCount * PAGE_BYTES
  } catch {
    return 0
  }
}
