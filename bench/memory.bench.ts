/**
 * What an item with a TTL takes: first a store that its items just fill, part by part; then all of
 * an engine's memory as the system sees it, beside Redis, memcached and lru-cache with the same items.
 * Sizes do not vary from run to run: once is enough.
 */
import { Redis } from 'ioredis'
import { Engine } from '../src/index.js'
import { HEADER_BYTES } from '../src/store/item.js'
import { C_OVERFLOW_LINES, LINE_BYTES, Memory, PAGE_BYTES, plan } from '../src/store/layout.js'
import { CHUNK_BYTES, classFor, OVERFLOW_CLASS } from '../src/store/slab.js'
import { openDirectStore, SPACE } from './direct-store.js'
import { countFor, FULL } from './effort.js'
import { isInstalled, skippedRow } from './installed.js'
import { fill, KEY_BYTES, keyOf, VALUE_BYTES, valueFor } from './items.js'
import { lruReport } from './lru.js'
import { fillMemcached, memcachedStats } from './memcached.js'
import { fillRedis, residentBytes, startMemcached, startRedis } from './programs.js'
import type { Bar, Row } from './row.js'

const ROW = { bench: 'memory', unit: 'B/item' }
const ITEMS = 1_000_000
const TTL_MS = 3_600_000
const SPACES = 64
const STEP_BYTES = 2 ** 19
const PAGE_RECORD_BYTES = 32
const METADATA_AIM = 40
const REDIS_AIM = 0.75
const CHUNK = CHUNK_BYTES[classFor(HEADER_BYTES + KEY_BYTES + VALUE_BYTES)]

export async function memoryRows(effort = FULL): Promise<Row[]> {
  const count = countFor(ITEMS, effort)
  const ours = await engineBytes(count) // first, while nothing was let go that could be used again
  const bar = (label: string, isOurs = false): Bar => ({ group: 'all in all', label, isOurs })
  const rows: Row[] = [
    ...storeRows(count),
    { ...ROW, what: 'engine, all in all, by RSS', value: ours, bar: bar('annulus, RSS', true) },
  ]
  const beside = (what: string, value: number, most: number | undefined): Row => {
    const ratio = ours / value
    const row = { ...ROW, what, value, ratio, beside: 'our RSS / theirs', bar: bar(what) }
    if (most === undefined) return row
    const isMet = most === 1 ? ratio < 1 : ratio <= most
    return { ...row, aim: most === 1 ? '< 1 ×' : `<= ${most} ×`, met: isMet }
  }
  if (isInstalled('redis-server')) {
    const { used, rss } = await redisBytes(count)
    rows.push(beside('redis used_memory', used, REDIS_AIM), beside('redis RSS', rss, undefined))
  } else rows.push(skippedRow(ROW.bench, 'redis', ['redis-server']))
  if (isInstalled('memcached')) {
    const { used, rss } = await memcachedBytes(count)
    rows.push(beside('memcached RSS', rss, 1), beside('memcached stats: bytes', used, undefined))
  } else rows.push(skippedRow(ROW.bench, 'memcached', ['memcached']))
  const lru = await lruReport({ kind: 'memory', items: count, ttlMs: TTL_MS })
  rows.push(beside('lru-cache RSS', lru.bytesEach, undefined))
  return rows
}

/** A store that this many items fill: nothing is evicted, and hardly a page is left over. */
function storeRows(count: number): Row[] {
  const sizeBytes = sizeFor(count)
  const direct = openDirectStore(Memory.create(sizeBytes, SPACES, 0))
  for (let i = 0; i < count; i++) direct.put(i, TTL_MS)
  const { store } = direct
  const { items, evictions } = store.counts(SPACE, 0)
  if (items !== count || evictions > 0) throw new Error(`${count - items} items did not fit`)
  const { shape, words } = store.memory
  const overflow = store.slab.pagesOf(OVERFLOW_CLASS) * PAGE_BYTES
  const parts = {
    'table lines': shape.lineCount * LINE_BYTES,
    'overflow nodes, whole pages': overflow,
    'item headers': count * HEADER_BYTES,
    'page records': shape.pageCount * PAGE_RECORD_BYTES,
  }
  const sum = Object.values(parts).reduce((a, b) => a + b, 0) / count
  const apart = {
    'class rounding': count * (CHUNK - HEADER_BYTES - KEY_BYTES - VALUE_BYTES),
    'ghosts of evicted keys': shape.ghostLines * LINE_BYTES,
    'the whole store': sizeBytes,
  }
  const each = (what: string, bytes: number): Row => ({ ...ROW, what, value: bytes / count })
  const nodes = words[C_OVERFLOW_LINES]
  return [
    {
      ...ROW,
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
async function engineBytes(count: number): Promise<number> {
  await warmUp(count / 4)
  globalThis.gc?.()
  const before = process.memoryUsage.rss()
  const engine = await Engine.open({ nodes: 1, memory: sizeFor(count) + 2 ** 20 })
  const bucket = await engine.createBucket('bench', { defaultTtl: TTL_MS })
  await fill(bucket, count)
  globalThis.gc?.()
  const grown = process.memoryUsage.rss() - before
  const { items } = bucket.usage()
  await engine.close()
  if (items < count * 0.99) throw new Error(`${count - items} items did not fit the engine`)
  return grown / items
}

/** What the heap grows by while keys and values are made is not the cache's. */
async function warmUp(count: number): Promise<void> {
  const engine = await Engine.open({ nodes: 1, memory: sizeFor(count) + 2 ** 20 })
  await fill(await engine.createBucket('bench', { defaultTtl: TTL_MS }), count)
  await engine.close()
}

interface Bytes {
  readonly used: number
  readonly rss: number
}

async function redisBytes(count: number): Promise<Bytes> {
  const server = await startRedis()
  const client = new Redis(server.port, '127.0.0.1')
  const used = async () => Number(/^used_memory:(\d+)/m.exec(await client.info('memory'))?.[1])
  const empty = residentBytes(server.pid)
  await fillRedis(client, count, () => TTL_MS)
  const full = { used: await used(), rss: residentBytes(server.pid) }
  client.disconnect()
  await server.stop()
  return { used: full.used / count, rss: (full.rss - empty) / count }
}

/** `bytes` of its stats leaves out what its slab classes round up; the process tells all. */
async function memcachedBytes(count: number): Promise<Bytes> {
  const server = await startMemcached(1)
  const empty = residentBytes(server.pid)
  const value = valueFor(0).toString('latin1')
  await fillMemcached(server.port, count, (i) => [keyOf(i), value], TTL_MS / 1_000)
  const stats = await memcachedStats(server.port)
  const rss = (residentBytes(server.pid) - empty) / count
  await server.stop()
  if (Number(stats.get('curr_items')) !== count) throw new Error('items did not fit memcached')
  return { used: Number(stats.get('bytes')) / count, rss }
}
