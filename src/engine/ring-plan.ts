import { formatSize, parseSize } from '../units.js'
import type { Catalogue } from './catalogue.js'
import { checkNode, planNodes, suitableNodes } from './memory-plan.js'
import type { EngineOptions } from './options.js'
import type { RingRecord } from './records.js'

const DEFAULT_MEMORY = '256mb'
const DEFAULT_MAX_VALUE_BYTES = 8 * 2 ** 20
const DEFAULT_VIRTUAL_NODES = 1_024
const NEW_RING_EPOCH = 1

/** The ring to serve, and what follows from it. */
export interface RingPlan {
  readonly record: RingRecord
  readonly maxValueBytes: number
  /** For the operator: where an option differs from what the catalogue holds. */
  readonly notices: string[]
}

/** The ring that the catalogue holds; on the very first start a new one, durable before it is used. */
export async function planRing(
  catalogue: Catalogue,
  options: EngineOptions,
  spaces: number,
): Promise<RingPlan> {
  const memoryBytes = parseSize(options.memory ?? DEFAULT_MEMORY, 'memory')
  const count = options.nodes ?? suitableNodes(memoryBytes)
  const known = catalogue.ring
  const smallest = known
    ? Math.min(...known.nodes.map((node) => node.memoryBytes))
    : Math.floor(memoryBytes / count)
  const maxValueBytes =
    options.maxValue === undefined
      ? Math.min(DEFAULT_MAX_VALUE_BYTES, Math.floor(smallest / 8))
      : parseSize(options.maxValue, 'maxValue')
  if (known !== undefined) {
    checkNode(smallest, maxValueBytes, spaces)
    return { record: known, maxValueBytes, notices: differences(known, options, memoryBytes) }
  }
  const record: RingRecord = {
    epoch: NEW_RING_EPOCH,
    virtualNodes: options.virtualNodes ?? DEFAULT_VIRTUAL_NODES,
    nodes: planNodes(count, memoryBytes, maxValueBytes, spaces),
  }
  await catalogue.setRing(record)
  return { record, maxValueBytes, notices: [] }
}

function differences(known: RingRecord, options: EngineOptions, memoryBytes: number): string[] {
  const notices: string[] = []
  const total = known.nodes.reduce((sum, node) => sum + node.memoryBytes, 0)
  const rule = 'a ring is taken from the data directory as it was left'
  if (options.nodes !== undefined && options.nodes !== known.nodes.length) {
    notices.push(`nodes: ${options.nodes} asked, the ring has ${known.nodes.length}: ${rule}`)
  }
  if (options.memory !== undefined && Math.abs(memoryBytes - total) > known.nodes.length) {
    const asked = formatSize(memoryBytes)
    notices.push(`memory: ${asked} asked, the ring has ${formatSize(total)}: ${rule}`)
  }
  if (options.virtualNodes !== undefined && options.virtualNodes !== known.virtualNodes) {
    const text = `virtual nodes: ${options.virtualNodes} asked, the ring has ${known.virtualNodes}`
    notices.push(`${text}: ${rule}`)
  }
  return notices
}
