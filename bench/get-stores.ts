import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { open } from 'lmdb'
import { LRUCache } from 'lru-cache'
import { Engine } from '../src/index.js'
import { fill, keyOf, VALUE_BYTES, valueOf } from './items.js'

/** Something to read from: the sum of lengths that `readAll` gives keeps the reads from being left out. */
export interface Readable {
  readonly name: string
  readonly read: (key: string) => { readonly length: number } | undefined
}

export interface Filled {
  /** The very strings that were put into the maps. */
  readonly keys: readonly string[]
  readonly stores: readonly Readable[]
  close(): Promise<void>
}

/** Passes over all items that take every frequency to its top, as in a cache that has run a while. */
const WARM_PASSES = 3

/** All contestants, holding the same `count` items. */
export async function fillAll(count: number): Promise<Filled> {
  const keys = Array.from({ length: count }, (_, i) => keyOf(i))
  const engine = await Engine.open({ nodes: 2, memory: '512mb' })
  const bucket = await engine.createBucket('bench')
  await fill(bucket, count)
  for (let pass = 0; pass < WARM_PASSES; pass++) {
    for (let i = 0; i < count; i++) {
      if (bucket.getSync(keyOf(i))?.length !== VALUE_BYTES) throw new Error(`item ${i} is gone`)
    }
  }
  const bytes = new LRUCache<string, Buffer>({ max: count })
  const text = new LRUCache<string, string>({ max: count })
  const map = new Map<string, Buffer>()
  for (let i = 0; i < count; i++) {
    const value = valueOf(i)
    bytes.set(keys[i], value)
    text.set(keys[i], value.toString('latin1'))
    map.set(keys[i], value)
  }
  const lmdb = fillLmdb(count)
  return {
    keys,
    stores: [
      { name: 'annulus bytes', read: (key) => bucket.getSync(key) },
      { name: 'annulus text', read: (key) => bucket.getTextSync(key) },
      { name: 'lru-cache bytes', read: (key) => bytes.get(key) },
      { name: 'lru-cache text', read: (key) => text.get(key) },
      { name: 'Map', read: (key) => map.get(key) },
      lmdb,
    ],
    close: async () => {
      await lmdb.close()
      await engine.close()
    },
  }
}

function fillLmdb(count: number): Readable & { close(): Promise<void> } {
  const path = mkdtempSync(join(tmpdir(), 'annulus-bench-'))
  const store = open<Buffer, string>({ path, encoding: 'binary', noSync: true })
  store.transactionSync(() => {
    for (let i = 0; i < count; i++) store.putSync(keyOf(i), valueOf(i))
  })
  return {
    name: 'lmdb',
    read: (key) => store.get(key),
    close: async () => {
      await store.close()
      rmSync(path, { recursive: true })
    },
  }
}
