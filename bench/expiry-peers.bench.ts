/**
 * A million TTLs that end, by the clock on the wall: what the peers' processors spend on each. Theirs
 * end within six seconds and not sixty: the work is the same, and a run is no ten minutes.
 */

import { setTimeout as pass } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { countFor, type Effort, FULL } from './effort.js'
import { expiryRows } from './expiry.bench.js'
import { isInstalled, skippedRow } from './installed.js'
import { randomIndexes } from './items.js'
import { lruReport } from './lru.js'
import { fillRedis, startRedis } from './programs.js'
import { median } from './rounds.js'
import type { Row } from './row.js'

const BENCH = 'expiry'
const ITEMS = 1_000_000
/** Nothing ends while the items are put. */
const FROM_MS = 4_000
const WITHIN_MS = 6_000
const LOOK_MS = 50
const LIMIT_MS = 60_000
const LRU = 'lru-cache ttlAutopurge'

interface Figures {
  readonly nsEach: number
  /** lru-cache: its longest turn. Redis: how long after the last deadline the last item was gone. */
  readonly ms: number
}

/** Ours, and the peers, who do not share a clock with it. */
export async function expiryBesideRows(effort = FULL): Promise<Row[]> {
  const ours = await expiryRows(effort)
  const own = ours[0]
  const lru: Figures[] = []
  const redis: Figures[] = []
  const hasRedis = isInstalled('redis-server')
  for (let round = 0; round < effort.rounds; round++) {
    lru.push(await lruCache(effort))
    if (hasRedis) redis.push(await redisOnce(effort))
  }
  const beside = (name: string, figures: readonly Figures[], what: string): Row[] => {
    const value = median(figures.map(({ nsEach }) => nsEach))
    const bar = { ...own.bar, group: own.bar?.group ?? '', label: name, isOurs: false }
    const row = { bench: BENCH, what: `an expiry, CPU time: ${name}`, value, unit: 'ns' }
    const ratio = own.value / value
    const ms = median(figures.map((one) => one.ms))
    return [
      { ...row, ratio, beside: 'ours / theirs', bar },
      { bench: BENCH, what: `${what}: ${name}`, value: ms, unit: 'ms' },
    ]
  }
  return [
    ...ours,
    ...beside(LRU, lru, 'longest turn'),
    ...(hasRedis
      ? beside('Redis', redis, 'last item gone after the last deadline')
      : [skippedRow(BENCH, 'Redis', ['redis-server'])]),
  ]
}

async function lruCache(effort: Effort): Promise<Figures> {
  const items = countFor(ITEMS, effort)
  const { fromMs, withinMs } = spanFor(effort)
  const { nsEach, longestMs } = await lruReport({ kind: 'expiry', items, fromMs, withinMs })
  return { nsEach, ms: longestMs }
}

function spanFor({ share }: Effort): { fromMs: number; withinMs: number } {
  const part = Math.max(share, 0.1)
  return { fromMs: FROM_MS * part, withinMs: WITHIN_MS * part }
}

async function redisOnce(effort: Effort): Promise<Figures> {
  const server = await startRedis()
  const client = new Redis(server.port, '127.0.0.1')
  const items = countFor(ITEMS, effort)
  const { fromMs, withinMs } = spanFor(effort)
  const deadlines = randomIndexes(items, withinMs, 1)
  const start = performance.now()
  const passed = () => performance.now() - start
  await fillRedis(client, items, (i) => Math.max(1, Math.round(fromMs + deadlines[i] - passed())))
  await pass(Math.max(0, fromMs - passed()))
  const held = await client.dbsize()
  const before = await cpuMs(client)
  while ((await client.dbsize()) > 0 && passed() < LIMIT_MS) await pass(LOOK_MS)
  const after = await cpuMs(client)
  const late = Math.max(0, passed() - fromMs - withinMs)
  client.disconnect()
  await server.stop()
  return { nsEach: ((after - before) * 1e6) / held, ms: late }
}

async function cpuMs(client: Redis): Promise<number> {
  const info = await client.info('cpu')
  const seconds = (name: string) =>
    Number(new RegExp(`^${name}:([0-9.]+)`, 'm').exec(info)?.[1] ?? Number.NaN)
  return 1_000 * (seconds('used_cpu_user') + seconds('used_cpu_sys'))
}
