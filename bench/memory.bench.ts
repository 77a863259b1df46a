/**
 * What an item with a TTL takes: first a store that its items just fill, part by part; then all of
 * an engine's memory as the system sees it, beside Redis with the same items.
 */
import { Redis } from 'ioredis'
import { Engine } from '../src/index.js'
import { HEADER_BYTES } from '../src/store/item.js'
import { C_OVERFLOW_LINES, LINE_BYTES, Memory, PAGE_BYTES, plan } from '../src/store/layout.js'
import { CHUNK_BYTES, classFor, OVERFLOW_CLASS } from '../src/store/slab.js'
import { openDirectStore, SPACE } from './direct-store.js'
import { isInstalled, skippedRow } from './installed.js'
import { fill, KEY_BYTES, keyOf, VALUE_BYTES, valueFor } from './items.js'
import { startRedis } from './programs.js'
import type { Row } from './row.js'

const ITEMS = 1_000_000
const TTL_MS = 3_600_000
const SPACES = 64
const STEP_BYTES = 2 ** 19
const PAGE_RECORD_BYTES = 32
const METADATA_AIM = 40
const REDIS_AIM = 0.75
const CHUNK = CHUNK_BYTES[classFor(HEADER_BYTES + KEY_BYTES + VALUE_BYTES)]

export async function memoryRows(): Promise<Row[]> {
  const ours = await engineBytes() // first, while nothing was let go that could be used again
  const rows = storeRows()
  rows.push({ bench: 'memory', what: 'engine, all in all, by RSS', value: ours, unit: 'B/item' })
  const what = 'redis used_memory'
  if (!isInstalled('redis-server')) return [...rows, skippedRow('memory', what, ['redis-server'])]
  const { used, rss } = await redisBytes()
  const ratio = ours / used
  const row = { bench: 'memory', unit: 'B/item', beside: 'our RSS / theirs' }
  const aim = { aim: `<= ${REDIS_AIM} ×`, met: ratio <= REDIS_AIM }
  return [
    ...rows,
    { ...row, what, value: used, ratio, ...aim },
    { ...row, what: 'redis RSS', value: rss, ratio: ours / rss },
  ]
}

/** A store that this many items fill: nothing is evicted, and hardly a page is left over. */
function storeRows(): Row[] {
  const sizeBytes = sizeFor(ITEMS)
  const direct = openDirectStore(Memory.create(sizeBytes, SPACES, 0))
  for (let i = 0; i < ITEMS; i++) direct.put(i, TTL_MS)
  const { store } = direct
  const { items, evictions } = store.counts(SPACE, 0)
  if (items !== ITEMS || evictions > 0) throw new Error(`${ITEMS - items} items did not fit`)
  const { shape, words } = store.memory
  const overflow = store.slab.pagesOf(OVERFLOW_CLASS) * PAGE_BYTES
  const parts = {
    'table lines': shape.lineCount * LINE_BYTES,
    'overflow nodes, whole pages': overflow,
    'item headers': ITEMS * HEADER_BYTES,
    'page records': shape.pageCount * PAGE_RECORD_BYTES,
  }
  const sum = Object.values(parts).reduce((a, b) => a + b, 0) / ITEMS
  const apart = {
    'class rounding': ITEMS * (CHUNK - HEADER_BYTES - KEY_BYTES - VALUE_BYTES),
    'ghosts of evicted keys': shape.ghostLines * LINE_BYTES,
    'the whole store': sizeBytes,
  }
  const row = { bench: 'memory', unit: 'B/item' }
  const each = (what: string, bytes: number): Row => ({ ...row, what, value: bytes / ITEMS })
  const nodes = words[C_OVERFLOW_LINES]
  return [
    {
      ...row,
      what: 'metadata, an item with a TTL',
      value: sum,
      aim: `<= ${METADATA_AIM} B`,
      met: sum <= METADATA_AIM,
    },
    ...Object.entries(parts).map(([what, bytes]) => each(`  ${what}`, bytes)),
    { bench: 'memory', what: '  overflow nodes, a line', value: nodes / shape.lineCount, unit: '' },
    ...Object.entries(apart).map(([what, bytes]) => each(`apart: ${what}`, bytes)),
  ]
}

/** The least memory whose pages hold them, a hundredth kept for overflow nodes. */
function sizeFor(items: number): number {
  const perPage = Math.floor(PAGE_BYTES / CHUNK)
  const pages = Math.ceil((items / perPage) * 1.01)
  let sizeBytes = pages * PAGE_BYTES
  while (plan(sizeBytes, SPACES).pageCount < pages) sizeBytes += STEP_BYTES
  return sizeBytes
}

/** What the process grows by, over a store of just the size. */
async function engineBytes(): Promise<number> {
  await warmUp()
  globalThis.gc?.()
  const before = process.memoryUsage.rss()
  const engine = await Engine.open({ nodes: 1, memory: sizeFor(ITEMS) + 2 ** 20 })
  const bucket = await engine.createBucket('bench', { defaultTtl: TTL_MS })
  await fill(bucket, ITEMS)
  globalThis.gc?.()
  const grown = process.memoryUsage.rss() - before
  const { items } = bucket.usage()
  await engine.close()
  if (items < ITEMS * 0.99) throw new Error(`${ITEMS - items} items did not fit the engine`)
  return grown / items
}

/** What the heap grows by while keys and values are made is not the cache's. */
async function warmUp(): Promise<void> {
  const engine = await Engine.open({ nodes: 1, memory: sizeFor(ITEMS / 4) + 2 ** 20 })
  await fill(await engine.createBucket('bench', { defaultTtl: TTL_MS }), ITEMS / 4)
  await engine.close()
}

async function redisBytes(): Promise<{ used: number; rss: number }> {
  const server = await startRedis()
  const client = new Redis(server.port, '127.0.0.1')
  const empty = await usedBytes(client)
  for (let from = 0; from < ITEMS; from += 1_000) {
    const batch = client.pipeline()
    for (let i = from; i < from + 1_000; i++) batch.set(keyOf(i), valueFor(i), 'PX', TTL_MS)
    await batch.exec()
  }
  const full = await usedBytes(client)
  client.disconnect()
  await server.stop()
  return { used: full.used / ITEMS, rss: (full.rss - empty.rss) / ITEMS }
}

async function usedBytes(client: Redis): Promise<{ used: number; rss: number }> {
  const info = await client.info('memory')
  const field = (name: string) => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1])
  return { used: field('used_memory'), rss: field('used_memory_rss') }
}
