import { CacheError } from '../errors.js'
import type { Node } from '../node/node.js'
import { patiently } from './lookup.js'
import type { Tenant } from './motion/held.js'
import { ownerOf, type Routes } from './routes.js'

export interface ListOptions {
  readonly prefix?: string | undefined
  readonly cursor?: string | undefined
  /** Keys at most, 1 to 10,000. */
  readonly limit?: number | undefined
}

export interface KeyPage {
  readonly keys: string[]
  readonly cursor: string | null
}

const DEFAULT_LIMIT = 1_000
const MAX_LIMIT = 10_000
/** Lines of the table between two turns of the event loop: well under a millisecond. */
const LINES_A_TURN = 512
/** And in one call: beyond them the page ends, be it empty, and the cursor goes on. */
const LINES_A_CALL = 65_536

/** Changes of the ring that one page may be overtaken by. */
const MAX_RESTARTS = 16

/** Which of a bucket's items on a node are wanted, by the keys' hashes; undefined: all. */
type Choice = (
  routes: Routes,
  tenant: Tenant,
  node: Node,
) => ((hash: number) => boolean) | undefined

/**
 * Those that readers do not see as well: copies whose owner has evicted its own, and what an economy
 * bucket is about to let go. A change of the ring may bring them to light. Copies come once each.
 */
export const everyItem: Choice = () => undefined

/**
 * Walks the nodes' tables from a cursor, `epoch:node:position`. A key that lives throughout the whole
 * walk appears at least once: while keys move, the nodes that they leave are walked before those that
 * they come to, and where the ring has changed since the cursor was given the walk begins anew.
 */
export async function listKeys(
  routes: Routes,
  tenant: Tenant,
  options: ListOptions,
  choice: Choice = shownAt,
): Promise<KeyPage> {
  const limit = options.limit ?? DEFAULT_LIMIT
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT) {
    throw new CacheError('invalid_option', `limit is a whole number from 1 to ${MAX_LIMIT}`)
  }
  const prefix = Buffer.from(options.prefix ?? '')
  const from = parseCursor(options.cursor)
  for (let tries = 0; tries < MAX_RESTARTS; tries++) {
    const page = await readPage(routes, tenant, { prefix, limit, choice }, from)
    if (page !== undefined) {
      return page
    }
  }
  throw new CacheError('overloaded', 'the ring keeps changing: try again in a moment')
}

interface Wanted {
  readonly prefix: Uint8Array
  readonly limit: number
  readonly choice: Choice
}

/** Undefined where the ring changed on the way. */
async function readPage(
  routes: Routes,
  tenant: Tenant,
  { prefix, limit, choice }: Wanted,
  from: Place | undefined,
): Promise<KeyPage | undefined> {
  const { ring } = routes
  const nodes = inWalkingOrder(routes)
  const known = from?.epoch === ring.epoch ? nodes.findIndex(({ id }) => id === from.node) : -1
  let index = Math.max(0, known)
  let position = known < 0 || from === undefined ? 0 : from.position
  const keys: string[] = []
  for (let lines = 0; lines < LINES_A_CALL && keys.length < limit; lines += LINES_A_TURN) {
    const node = nodes[index]
    const isListed = choice(routes, tenant, node)
    const scan = await patiently(() =>
      node.scanner.scan(
        tenant.reads.space,
        prefix,
        position,
        limit - keys.length,
        LINES_A_TURN,
        isListed,
      ),
    )
    if (routes.ring !== ring) {
      return undefined
    }
    for (const key of scan.keys) {
      keys.push(key)
    }
    position = scan.next
    if (position < 0) {
      position = 0
      if (++index === nodes.length) {
        return { keys, cursor: null }
      }
    }
    await new Promise((resolve) => setImmediate(resolve))
    if (routes.ring !== ring) {
      return undefined
    }
  }
  return { keys, cursor: formatCursor({ epoch: ring.epoch, node: nodes[index].id, position }) }
}

/** Those that keys leave first, those that they come to last. */
function inWalkingOrder({ nodes, before }: Routes): Node[] {
  if (before === undefined) {
    return [...nodes]
  }
  const leaving = before.nodes.filter((node) => !nodes.includes(node))
  const staying = nodes.filter((node) => before.nodes.includes(node))
  return [...leaving, ...staying, ...nodes.filter((node) => !before.nodes.includes(node))]
}

/** Those that are the node's own to show. */
function shownAt(routes: Routes, { record, outreach }: Tenant, node: Node): ReturnType<Choice> {
  const { before } = routes
  if (before === undefined) {
    return outreach === 0 ? undefined : (hash) => ownerOf(routes, hash) === node
  }
  const isFound = record.tier === 'standard'
  return (hash) => ownerOf(routes, hash) === node || (isFound && ownerOf(before, hash) === node)
}

interface Place {
  readonly epoch: number
  readonly node: string
  readonly position: number
}

function formatCursor({ epoch, node, position }: Place): string {
  return Buffer.from(`${epoch}:${node}:${position.toString(36)}`).toString('base64url')
}

function parseCursor(cursor: string | undefined): Place | undefined {
  if (cursor === undefined) {
    return undefined
  }
  const parts = Buffer.from(cursor, 'base64url').toString('utf8').split(':')
  const [epoch, node, digits] = [Number(parts[0]), parts[1] ?? '', parts[2] ?? '']
  const position = Number.parseInt(digits, 36)
  const isWhole = Number.isSafeInteger(epoch) && Number.isSafeInteger(position) && position >= 0
  if (parts.length !== 3 || parts[0] === '' || node === '' || !isWhole) {
    throw new CacheError(
      'invalid_cursor',
      'the cursor is not one of this bucket: begin without one',
    )
  }
  return { epoch, node, position }
}
