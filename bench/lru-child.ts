/**
 * lru-cache in a process of its own: what its items take, or what their TTLs cost when they end, a
 * timer each. Answers with one report.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as pass } from 'node:timers/promises'
import { LRUCache } from 'lru-cache'
import { keyOf, randomIndexes, valueFor } from './items.js'

export type LruTask =
  | { readonly kind: 'memory'; readonly items: number; readonly ttlMs: number }
  | {
      readonly kind: 'expiry'
      readonly items: number
      /** Nothing ends before this; all within as much as `withinMs` after it. */
      readonly fromMs: number
      readonly withinMs: number
    }

export interface LruReport {
  readonly bytesEach: number
  /** CPU time. */
  readonly nsEach: number
  readonly longestMs: number
}

const LOOK_MS = 20
/** A timer that comes a moment early finds its item alive, and leaves it for good. */
const LATEST_MS = 5_000

function memory(items: number, ttlMs: number): LruReport {
  globalThis.gc?.()
  const before = process.memoryUsage.rss()
  const cache = new LRUCache<string, Buffer>({ max: items, ttl: ttlMs })
  for (let i = 0; i < items; i++) cache.set(keyOf(i), valueFor(i))
  globalThis.gc?.()
  const bytesEach = (process.memoryUsage.rss() - before) / items
  if (cache.size !== items) throw new Error('items did not fit')
  return { bytesEach, nsEach: Number.NaN, longestMs: Number.NaN }
}

async function expiry(items: number, fromMs: number, withinMs: number): Promise<LruReport> {
  const cache = new LRUCache<string, Buffer>({ max: items, ttl: 1, ttlAutopurge: true })
  const deadlines = randomIndexes(items, withinMs, 1)
  const start = performance.now()
  for (let i = 0; i < items; i++) {
    const ttl = Math.max(1, Math.round(fromMs + deadlines[i] - (performance.now() - start)))
    cache.set(keyOf(i), valueFor(i), { ttl })
  }
  await pass(Math.max(0, fromMs - (performance.now() - start)))
  const held = cache.size
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  const before = process.cpuUsage()
  const latest = start + fromMs + withinMs + LATEST_MS
  while (cache.size > 0 && performance.now() < latest) await pass(LOOK_MS)
  const { user, system } = process.cpuUsage(before)
  return {
    bytesEach: Number.NaN,
    nsEach: ((user + system) * 1_000) / (held - cache.size),
    longestMs: delay.max / 1e6,
  }
}

const [told] = process.argv.slice(2)
if (told !== undefined) {
  const task = JSON.parse(told) as LruTask
  const report =
    task.kind === 'memory'
      ? memory(task.items, task.ttlMs)
      : await expiry(task.items, task.fromMs, task.withinMs)
  process.send?.(report)
}
