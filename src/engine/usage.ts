import type { SpaceCounts } from '../store/spaces.js'
import type { Tier } from './records.js'
import type { Reads } from './tallies.js'

/** Of each key, the owner's item included: how many there should be, and how many the ring can keep. */
export interface Copies {
  readonly wanted: number
  readonly kept: number
}

/** What a provider would bill from. Bytes are those of memory taken; counts since the start. */
export interface Usage {
  readonly tier: Tier
  readonly items: number
  readonly bytes: number
  readonly byteSeconds: number
  readonly gets: number
  readonly hits: number
  readonly misses: number
  readonly puts: number
  readonly deletes: number
  readonly evictions: number
  readonly expirations: number
  readonly droppedByMove: number
  /** Only where the bucket has copies. */
  readonly copies?: Copies
}

export const NOTHING: SpaceCounts = {
  items: 0,
  bytes: 0,
  byteMs: 0,
  puts: 0,
  deletes: 0,
  evictions: 0,
  expirations: 0,
  droppedByMove: 0,
}

export function addCounts(a: SpaceCounts, b: SpaceCounts): SpaceCounts {
  return {
    items: a.items + b.items,
    bytes: a.bytes + b.bytes,
    byteMs: a.byteMs + b.byteMs,
    puts: a.puts + b.puts,
    deletes: a.deletes + b.deletes,
    evictions: a.evictions + b.evictions,
    expirations: a.expirations + b.expirations,
    droppedByMove: a.droppedByMove + b.droppedByMove,
  }
}

/** `bytes` are those of all copies; items, and what became of them, are counted once. */
export function usageOf(
  tier: Tier,
  counts: SpaceCounts,
  { hits, misses }: Reads,
  copies: Copies,
): Usage {
  const { byteMs, ...rest } = counts
  const once = (count: number) => Math.round(count / copies.kept)
  return {
    tier,
    ...rest,
    items: once(rest.items),
    evictions: once(rest.evictions),
    expirations: once(rest.expirations),
    ...(copies.wanted > 1 ? { copies } : {}),
    byteSeconds: byteMs / 1000,
    gets: hits + misses,
    hits,
    misses,
  }
}
