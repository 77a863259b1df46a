import { LRUCache } from 'lru-cache'
import { Engine } from '../src/index.js'
import { keyOf, valueFor } from './items.js'

/** A cache in the calling process, put to steadily. */
export interface Churned {
  /** Puts items `from` to `from + count`, each to end after its TTL; may end later. */
  put(from: number, count: number, ttlMs: (index: number) => number): unknown
  live(): number
}

export const churns = {
  annulus: async () => {
    const engine = await Engine.open({ nodes: 1, memory: '768mb' })
    const bucket = await engine.createBucket('bench')
    const put = (from: number, count: number, ttlMs: (index: number) => number) => {
      const puts = Array.from({ length: count }, (_, i) => {
        return bucket.put(keyOf(from + i), valueFor(from + i), { ttl: ttlMs(from + i) })
      })
      return Promise.all(puts)
    }
    return { put, live: () => bucket.usage().items }
  },
  'lru-cache ttlAutopurge': async (items: number) => {
    const cache = new LRUCache<string, Buffer>({ max: items * 2, ttlAutopurge: true, ttl: 1 })
    const put = (from: number, count: number, ttlMs: (index: number) => number) => {
      for (let i = from; i < from + count; i++) {
        cache.set(keyOf(i), valueFor(i), { ttl: ttlMs(i) })
      }
    }
    return { put, live: () => cache.size }
  },
  'Map with timers': async () => {
    const map = new Map<string, Buffer>()
    const put = (from: number, count: number, ttlMs: (index: number) => number) => {
      for (let i = from; i < from + count; i++) {
        const key = keyOf(i)
        map.set(key, valueFor(i))
        setTimeout(() => map.delete(key), ttlMs(i)).unref()
      }
    }
    return { put, live: () => map.size }
  },
} satisfies Record<string, (items: number) => Promise<Churned>>

export type ChurnName = keyof typeof churns
