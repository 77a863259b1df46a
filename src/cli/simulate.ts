import { xxh32 } from '../hash.js'
import { Ring } from '../ring/index.js'

export interface SimulateOptions {
  readonly nodes: number
  readonly add: number
  readonly keys: number
  readonly virtualNodes: number
}

/** One way to place keys: how many change owner, and how full the fullest node is afterwards. */
export interface Placement {
  readonly moved: number
  /** The most keys on one node, over the average. */
  readonly peak: number
}

export interface Simulation {
  readonly modulo: Placement
  readonly ring: Placement
}

/** Places the keys `key-0`, `key-1`, … before and after nodes join: by `hash % n`, and on the ring. */
export function simulate(options: SimulateOptions): Simulation {
  const { nodes, add, keys, virtualNodes } = options
  const members = (count: number) =>
    Array.from({ length: count }, (_, i) => ({ id: `node-${i}`, weight: 1 }))
  const before = Ring.of(members(nodes), { virtualNodes })
  const after = Ring.of(members(nodes + add), { virtualNodes, epoch: 1 })

  const encoder = new TextEncoder()
  const scratch = new Uint8Array(32)
  const moduloLoad = new Uint32Array(nodes + add)
  const ringLoad = new Uint32Array(nodes + add)
  let moduloMoved = 0
  let ringMoved = 0
  for (let i = 0; i < keys; i++) {
    const hash = xxh32(scratch, 0, encoder.encodeInto(`key-${i}`, scratch).written, 0)
    const slot = hash % (nodes + add)
    if (slot !== hash % nodes) moduloMoved++
    moduloLoad[slot]++
    const owner = after.ownerIndex(hash)
    if (owner !== before.ownerIndex(hash)) ringMoved++
    ringLoad[owner]++
  }
  const average = keys / (nodes + add)
  return {
    modulo: { moved: moduloMoved, peak: Math.max(...moduloLoad) / average },
    ring: { moved: ringMoved, peak: Math.max(...ringLoad) / average },
  }
}

/** A table for people. */
export function simulationLines(options: SimulateOptions, { modulo, ring }: Simulation): string[] {
  const { nodes, add, keys } = options
  const least = Math.round((keys * add) / (nodes + add))
  const share = (count: number) => `${((count / keys) * 100).toFixed(2)} %`
  const rows = [
    ['', 'modulo', 'ring', 'least possible'],
    ['keys that change owner', ...[modulo.moved, ring.moved, least].map(grouped)],
    ['share of all keys', ...[modulo.moved, ring.moved, least].map(share)],
    ['fullest node / average', modulo.peak.toFixed(3), ring.peak.toFixed(3), '1.000'],
  ]
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)))
  const table = rows.map((row) =>
    row
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i])))
      .join('   ')
      .trimEnd(),
  )
  return [`${grouped(keys)} keys, ${nodes} nodes, then ${nodes + add}`, '', ...table]
}

function grouped(count: number): string {
  return count.toLocaleString('en-US')
}
