import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { open } from 'lmdb'
import { LRUCache } from 'lru-cache'
import { Engine } from '../src/index.js'
import { fill, keyOf, VALUE_BYTES, valueFor } from './items.js'

/**
 * One look, and one at the value's first byte: whoever asks for a value reads it, and a map hands out
 * a reference to what may be far away in memory. NaN on a miss.
 */
export type Read = (key: string) => number

export interface Filled {
  readonly read: Read
  close(): Promise<void>
}

const NOTHING_TO_CLOSE = async () => {}

/** What is read from, by name. Each holds `count` items; `keys` are the strings that maps are given. */
export const stores = {
  'annulus bytes': async (count: number) => {
    const { bucket, close } = await annulus(count)
    return { read: (key: string) => bucket.getSync(key)?.[0] ?? Number.NaN, close }
  },
  'annulus text': async (count: number) => {
    const { bucket, close } = await annulus(count)
    return { read: (key: string) => bucket.getTextSync(key)?.charCodeAt(0) ?? Number.NaN, close }
  },
  'lru-cache bytes': async (count: number, keys: readonly string[]) => {
    const cache = new LRUCache<string, Buffer>({ max: count })
    for (let i = 0; i < count; i++) cache.set(keys[i], valueFor(i))
    return { read: (key: string) => cache.get(key)?.[0] ?? Number.NaN, close: NOTHING_TO_CLOSE }
  },
  'lru-cache text': async (count: number, keys: readonly string[]) => {
    const cache = new LRUCache<string, string>({ max: count })
    for (let i = 0; i < count; i++) cache.set(keys[i], valueFor(i).latin1Slice(0, VALUE_BYTES))
    return {
      read: (key: string) => cache.get(key)?.charCodeAt(0) ?? Number.NaN,
      close: NOTHING_TO_CLOSE,
    }
  },
  Map: async (count: number, keys: readonly string[]) => {
    const map = new Map<string, Buffer>()
    for (let i = 0; i < count; i++) map.set(keys[i], valueFor(i))
    return { read: (key: string) => map.get(key)?.[0] ?? Number.NaN, close: NOTHING_TO_CLOSE }
  },
  lmdb: async (count: number) => {
    const path = mkdtempSync(join(tmpdir(), 'annulus-bench-'))
    const store = open<Buffer, string>({ path, encoding: 'binary', noSync: true })
    store.transactionSync(() => {
      for (let i = 0; i < count; i++) store.putSync(keyOf(i), valueFor(i))
    })
    const close = async () => {
      await store.close()
      rmSync(path, { recursive: true })
    }
    return { read: (key: string) => store.get(key)?.[0] ?? Number.NaN, close }
  },
} satisfies Record<string, (count: number, keys: readonly string[]) => Promise<Filled>>

export type StoreName = keyof typeof stores

async function annulus(count: number) {
  const engine = await Engine.open({ nodes: 1, memory: '256mb' })
  const bucket = await engine.createBucket('bench')
  await fill(bucket, count)
  return { bucket, close: () => engine.close() }
}
