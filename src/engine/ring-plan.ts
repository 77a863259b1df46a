import { Ring } from '../ring/ring.js'
import { formatSize, parseSize } from '../units.js'
import { checkCount, checkKnown, checkMaxValue, checkMemory, suitableNodes } from './memory-plan.js'
import { DEFAULTS, type EngineOptions, LIMITS } from './options.js'
import type { RingRecord } from './records.js'

const DEFAULT_MAX_VALUE_BYTES = parseSize(DEFAULTS.maxValue)
/** Where nobody says how large values are, small nodes take smaller ones than the default. */
const VALUES_IN_A_SMALL_NODE = 8
const NEW_RING_EPOCH = 1

/** The ring to serve, and what follows from it. */
export interface RingPlan {
  readonly record: RingRecord
  readonly maxValueBytes: number
  /** For the operator: where an option differs from what the catalogue holds. */
  readonly notices: string[]
}

/** The ring that the catalogue holds, or a new one. Throws invalid_option, writes nothing. */
export function planRing(
  known: RingRecord | undefined,
  options: EngineOptions,
  spaces: number,
): RingPlan {
  const { nodes, virtualNodes } = options
  if (nodes !== undefined) checkCount('nodes', nodes, LIMITS.nodes)
  if (virtualNodes !== undefined) checkCount('virtualNodes', virtualNodes, LIMITS.virtualNodes)
  const given = options.maxValue === undefined ? undefined : parseSize(options.maxValue, 'maxValue')
  if (given !== undefined) checkMaxValue(given)
  if (known === undefined) return newRing(options, given, spaces)
  const smallest = Math.min(...known.nodes.map((node) => node.memoryBytes))
  const maxValueBytes = given ?? suitableValue(smallest)
  const notices = differences(known, options)
  checkKnown(smallest, maxValueBytes, spaces)
  return { record: known, maxValueBytes, notices }
}

/** Its nodes share the memory by weight, all of which is 1. */
function newRing(options: EngineOptions, given: number | undefined, spaces: number): RingPlan {
  const memoryBytes = parseSize(options.memory ?? DEFAULTS.memory, 'memory')
  const count =
    options.nodes ?? suitableNodes(memoryBytes, given ?? DEFAULT_MAX_VALUE_BYTES, spaces)
  const each = Math.floor(memoryBytes / count)
  const maxValueBytes = given ?? suitableValue(each)
  checkMemory(memoryBytes, count, maxValueBytes, spaces)
  const record: RingRecord = {
    epoch: NEW_RING_EPOCH,
    virtualNodes: options.virtualNodes ?? DEFAULTS.virtualNodes,
    nodes: Array.from({ length: count }, (_, i) => ({
      id: `n${i + 1}`,
      weight: 1,
      memoryBytes: each,
    })),
  }
  Ring.of(record.nodes, record) // refuses more tokens than a ring has
  return { record, maxValueBytes, notices: [] }
}

function suitableValue(nodeBytes: number): number {
  return Math.min(DEFAULT_MAX_VALUE_BYTES, Math.floor(nodeBytes / VALUES_IN_A_SMALL_NODE))
}

function differences(known: RingRecord, options: EngineOptions): string[] {
  const { nodes, memory, virtualNodes } = options
  const notices: string[] = []
  const rule = 'a ring is taken from the data directory as it was left'
  if (nodes !== undefined && nodes !== known.nodes.length) {
    notices.push(`nodes: ${nodes} asked, the ring has ${known.nodes.length}: ${rule}`)
  }
  if (memory !== undefined) {
    const asked = parseSize(memory, 'memory')
    const total = known.nodes.reduce((sum, node) => sum + node.memoryBytes, 0)
    // What does not divide by the nodes is left over.
    if (Math.abs(asked - total) >= known.nodes.length) {
      const text = `memory: ${formatSize(asked)} asked, the ring has ${formatSize(total)}`
      notices.push(`${text}: ${rule}`)
    }
  }
  if (virtualNodes !== undefined && virtualNodes !== known.virtualNodes) {
    const text = `virtual nodes: ${virtualNodes} asked, the ring has ${known.virtualNodes}`
    notices.push(`${text}: ${rule}`)
  }
  return notices
}
