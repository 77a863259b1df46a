import type { Node } from '../../node/node.js'
import { movedShare, moves } from '../../ring/moves.js'
import { type Circle, holdersOf, ownerOf } from '../routes.js'
import type { HeldKey } from './held.js'
import type { Meter } from './meter.js'
import { type MigrationKind, type Plan, Tally } from './receipt.js'
import { type Tenants, walk } from './walk.js'

/** Nodes are never filled to the brim: chunks of other sizes have to find room too. */
const USABLE = 0.95

/** Counts what a change from `before` to `after` would move, in slices beside the traffic. */
export async function planMove(
  kind: MigrationKind,
  node: string,
  before: Circle,
  after: Circle<{ readonly id: string }>,
  tenants: Tenants,
  meter: Meter,
  room: (id: string) => { readonly bytes: number; readonly memoryBytes: number },
): Promise<Plan> {
  const arcs = moves(before.ring, after.ring)
  const planned = new Tally()
  const dropped = new Tally()
  const incoming = new Map<string, number>()
  for (const source of before.nodes) {
    const slices = walk(source, tenants, meter, (_, hash) => leaves(source, hash, before, after))
    for await (const slice of slices) {
      for (const { key, sizeBytes } of slice) {
        const { id } = ownerOf(after, key.hash)
        if (key.tenant.record.tier === 'economy') {
          const tally = keeps(id, key, before) ? planned : dropped
          tally.add(key.hash, sizeBytes)
        } else {
          planned.add(key.hash, sizeBytes)
          incoming.set(id, (incoming.get(id) ?? 0) + sizeBytes)
        }
      }
    }
  }
  const targets = [...new Set(arcs.map((arc) => arc.target))].map((id) => {
    const { bytes, memoryBytes } = room(id)
    const freeBytes = Math.max(0, Math.floor(memoryBytes * USABLE) - bytes)
    return { id, incomingBytes: incoming.get(id) ?? 0, freeBytes }
  })
  return {
    kind,
    node,
    arcs: arcs.length,
    share: movedShare(arcs),
    planned: planned.amount,
    dropped: dropped.amount,
    fits: targets.every((target) => target.incomingBytes <= target.freeBytes),
    targets,
  }
}

/** Whether the node has a copy of the key already. */
function keeps(id: string, { hash, tenant }: HeldKey, before: Circle): boolean {
  return holdersOf(before, hash, tenant.record.replicas).some((node) => node.id === id)
}

/** Whether the node owns the position, and will not. */
function leaves(
  node: Node,
  hash: number,
  before: Circle,
  after: Circle<{ readonly id: string }>,
): boolean {
  return ownerOf(before, hash) === node && ownerOf(after, hash).id !== node.id
}
