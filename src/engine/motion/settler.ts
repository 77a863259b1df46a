import type { Node } from '../../node/node.js'
import { itemBytes } from '../../store/assembler.js'
import {
  DONE,
  FAILED,
  IF_ABSENT,
  IF_ANY,
  NO_MEMORY,
  OP_COPY,
  OP_DROP,
  OP_RELEASE,
  STALE,
} from '../../store/order.js'
import type { FoundHead } from '../../store/reader.js'
import { holdersOf, type Routes } from '../routes.js'
import { type Answer, ask } from './ask.js'
import { type HeldKey, orderOf } from './held.js'
import { whenQuiet } from './quiet.js'

/**
 * What settling a key came to. `stale`: the ring changed meanwhile, look again. `lost`: its new owner
 * cannot hold it. `idle`: every item was where it belongs, or there was none.
 */
export type Settled = 'moved' | 'copied' | 'dropped' | 'released' | 'lost' | 'idle' | 'stale'

/** The same, with the memory that the key's item takes. */
export interface Fate {
  readonly settled: Settled
  readonly sizeBytes: number
  /** Copies that were made at those who keep further ones. */
  readonly copies: number
}

/**
 * Brings a key to where the routes want it: the item to the new owner and those who keep copies, and
 * away from everybody else. The caller has the key's turn and knows that no order of a lower fence
 * is under way (the fence has passed), so nobody else writes the key. The item is at its source, or
 * at source and target with one version, or at the target alone: at no time nowhere.
 */
export async function settle(key: HeldKey, routes: Routes): Promise<Fate> {
  const { record, outreach } = key.tenant
  const now = holdersOf(routes, key.hash, record.replicas)
  const wide = outreach > record.replicas ? holdersOf(routes, key.hash, outreach) : now
  const before = routes.before === undefined ? now : holdersOf(routes.before, key.hash, outreach)
  const others = [...new Set([...before, ...wide])].filter((node) => !now.includes(node))
  const [owner, former] = [now[0], before[0]]
  const here = await headOf(owner, key)
  const there = owner === former ? undefined : await headOf(former, key)
  const found = here ?? there
  const sizeBytes = found === undefined ? 0 : sizeOf(key, found)
  // The item that counts is the owner's, else the former owner's; with neither, the key is gone.
  const head = record.tier === 'economy' ? here : found
  const { fence } = routes
  if (head === undefined) {
    const settled = await letGo(key, fence, [...now.slice(1), ...others], owner, former)
    return { settled, sizeBytes, copies: 0 }
  }
  const source = { node: here === undefined ? former : owner, head }
  const { settled, copies } = await gather(key, fence, source, now, others)
  // A keeper that becomes the owner has the item already: it is moved as the former owner lets go.
  const isHandedOver = settled === 'released' && there !== undefined && others.includes(former)
  return { settled: isHandedOver ? 'moved' : settled, sizeBytes, copies }
}

interface Source {
  readonly node: Node
  readonly head: FoundHead
}

/** To all who should have the item, then away from the others. */
async function gather(
  key: HeldKey,
  fence: number,
  source: Source,
  holders: readonly Node[],
  others: readonly Node[],
): Promise<{ settled: Settled; copies: number }> {
  const { settled, copies } = await spread(key, fence, source, holders)
  if (settled === 'stale') {
    return { settled, copies }
  }
  const count = await release(
    key,
    fence,
    settled === 'lost' ? [...holders.slice(1), ...others] : others,
  )
  if (count === 'stale') {
    return { settled: 'stale', copies }
  }
  const isReleased = count > 0 && (settled === 'idle' || settled === 'copied')
  return { settled: isReleased ? 'released' : settled, copies }
}

/** Copies first, the owner last: a reader sees nothing that a loss could take back. */
async function spread(
  key: HeldKey,
  fence: number,
  source: Source,
  holders: readonly Node[],
): Promise<{ settled: 'moved' | 'copied' | 'idle' | 'lost' | 'stale'; copies: number }> {
  const [owner, ...keepers] = holders
  const answers = await Promise.all(keepers.map((node) => copy(key, fence, source, node)))
  const copies = answers.filter((one) => one !== undefined).length
  if (answers.some((answer) => answer?.outcome === STALE)) {
    return { settled: 'stale', copies }
  }
  const answer = await copy(key, fence, source, owner)
  if (answer?.outcome === STALE) {
    return { settled: 'stale', copies }
  }
  if (answer !== undefined && isHomeless(answer.outcome)) {
    return { settled: 'lost', copies: 0 }
  }
  const isMoved = answer !== undefined && source.node !== owner
  return { settled: isMoved ? 'moved' : copies > 0 ? 'copied' : 'idle', copies }
}

/** Undefined where the node has that version already, or the item has ended meanwhile. */
async function copy(
  key: HeldKey,
  fence: number,
  { node, head }: Source,
  target: Node,
): Promise<Answer | undefined> {
  if (node === target) {
    return undefined
  }
  const there = await headOf(target, key)
  if (there?.version === head.version && there.deadline === head.deadline) {
    return undefined
  }
  const item = await whenQuiet(() => node.reader.find(key.hash, key.words, key.length, key.space))
  if (item === undefined) {
    return undefined
  }
  const order = orderOf(key, fence, OP_COPY, {
    condition: there === undefined ? IF_ABSENT : IF_ANY,
    version: item.version,
    deadline: item.deadline,
    type: item.type ?? '',
    value: item.value,
  })
  return ask(target, order)
}

/** The key is nowhere that counts: what is left of it elsewhere must not come back. */
async function letGo(
  key: HeldKey,
  fence: number,
  nodes: readonly Node[],
  owner: Node,
  former: Node,
): Promise<Settled> {
  const isDrop = owner !== former && key.tenant.record.tier === 'economy'
  const count = await release(key, fence, nodes, isDrop ? former : undefined)
  if (count === 'stale') {
    return 'stale'
  }
  return count === 0 ? 'idle' : isDrop ? 'dropped' : 'released'
}

/** Returns how many had it. What `dropAt` lets go is counted there as dropped by the move. */
async function release(
  key: HeldKey,
  fence: number,
  nodes: readonly Node[],
  dropAt?: Node,
): Promise<number | 'stale'> {
  const answers = await Promise.all(
    nodes.map(async (node) => {
      const has = await whenQuiet(() => node.reader.has(key.hash, key.words, key.length, key.space))
      return has
        ? ask(node, orderOf(key, fence, node === dropAt ? OP_DROP : OP_RELEASE))
        : undefined
    }),
  )
  if (answers.some((answer) => answer?.outcome === STALE)) {
    return 'stale'
  }
  return answers.filter((answer) => answer?.outcome === DONE).length
}

/** Whether a new owner cannot hold an item: it has no memory for it, or dies of it again and again. */
export function isHomeless(outcome: number): boolean {
  return outcome === NO_MEMORY || outcome === FAILED
}

/** The memory that an item takes. */
export function sizeOf({ length }: HeldKey, { type = '', sizeBytes }: FoundHead): number {
  return itemBytes(length, type.length, sizeBytes)
}

function headOf(node: Node, key: HeldKey): Promise<FoundHead | undefined> {
  return whenQuiet(() => node.reader.headOf(key.hash, key.words, key.length, key.space))
}
