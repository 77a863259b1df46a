import { CacheError } from '../errors.js'
import { patiently } from './lookup.js'
import type { Routes } from './routes.js'

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

/**
 * Walks the nodes' tables from a cursor, `node:position`. A key that lives throughout the whole walk
 * appears at least once.
 */
export async function listKeys(
  routes: Routes,
  bucket: { readonly space: number },
  options: ListOptions,
): Promise<KeyPage> {
  const limit = options.limit ?? DEFAULT_LIMIT
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT) {
    throw new CacheError('invalid_option', `limit is a whole number from 1 to ${MAX_LIMIT}`)
  }
  const prefix = Buffer.from(options.prefix ?? '')
  const place = parseCursor(routes, options.cursor)
  const keys: string[] = []
  for (let lines = 0; lines < LINES_A_CALL; lines += LINES_A_TURN) {
    const { scanner } = routes.nodes[place.node]
    const scan = await patiently(() =>
      scanner.scan(bucket.space, prefix, place.position, limit - keys.length, LINES_A_TURN),
    )
    for (const key of scan.keys) {
      keys.push(key)
    }
    place.position = scan.next
    if (scan.next < 0) {
      place.node++
      place.position = 0
      if (place.node === routes.nodes.length) {
        return { keys, cursor: null }
      }
    }
    if (keys.length >= limit) {
      break
    }
    await new Promise((resolve) => setImmediate(resolve))
  }
  return { keys, cursor: formatCursor(routes, place) }
}

interface Place {
  node: number
  position: number
}

function formatCursor(routes: Routes, place: Place): string {
  const id = routes.ring.members[place.node].id
  return Buffer.from(`${id}:${place.position.toString(36)}`).toString('base64url')
}

function parseCursor(routes: Routes, cursor: string | undefined): Place {
  if (cursor === undefined) {
    return { node: 0, position: 0 }
  }
  const [id, digits] = Buffer.from(cursor, 'base64url').toString('utf8').split(':')
  const node = routes.ring.members.findIndex((member) => member.id === id)
  const position = Number.parseInt(digits ?? '', 36)
  if (node < 0 || !Number.isSafeInteger(position) || position < 0) {
    throw new CacheError(
      'invalid_cursor',
      'the cursor is not one of this bucket: begin without one',
    )
  }
  return { node, position }
}
