/**
 * What two commits are compared by: ours alone, opened once and run as often as asked. A station runs
 * in a process of its own, out of the build that it measures.
 */
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { Engine } from '../../src/index.js'
import type { FarAsk, FarTask } from '../far-get-thread.js'
import { stores } from '../get-stores.js'
import { startOurs } from '../http-servers.js'
import { fill, keyOf, randomIndexes, valueFor } from '../items.js'
import { Wrk } from '../wrk.js'

export interface Way {
  readonly unit: string
  readonly isMoreBetter: boolean
  readonly run: () => Promise<number>
}

export interface Station {
  readonly ways: Readonly<Record<string, Way>>
  close(): Promise<unknown>
}

const ITEMS = 1_000_000
const HOT = 1_000
const LOOKUPS = 200_000
/** Other indexes each round, so that no cache remembers the last one's. */
const PARTS = 4
const FEW_ITEMS = 10_000
const BATCH = 100
const IN_FLIGHT = 16
const BATCHES = 2_000
const ONE_PUTS = 20_000
const FAR_ITEMS = 100_000
const FAR_GETS = 500_000
const HTTP_SECONDS = 2

export const stations: Readonly<Record<string, () => Promise<Station>>> = {
  http,
  'getSync bytes': () => reads('annulus bytes'),
  'getSync text': () => reads('annulus text'),
  'far reads': farReads,
  writes,
}

async function http(): Promise<Station> {
  const server = await startOurs()
  const wrk = new Wrk()
  const way = (load: typeof server.get): Way => ({
    unit: 'req/s',
    isMoreBetter: true,
    run: async () => (await wrk.run(load, { seconds: HTTP_SECONDS })).perSecond,
  })
  await wrk.run(server.put, { seconds: 1 })
  const close = async () => {
    wrk.remove()
    await server.stop()
  }
  return { ways: { 'HTTP GET, 100 B': way(server.get), 'HTTP PUT, 100 B': way(server.put) }, close }
}

async function reads(name: 'annulus bytes' | 'annulus text'): Promise<Station> {
  const { read, close } = await stores[name](ITEMS)
  const all = randomIndexes(LOOKUPS * PARTS, ITEMS, 7)
  const hot = randomIndexes(LOOKUPS, HOT, 11)
  let part = 0
  const way = (indexes: () => Uint32Array): Way => ({
    unit: 'ns',
    isMoreBetter: false,
    run: async () => {
      const chosen = indexes()
      let sum = 0
      const from = performance.now()
      for (let i = 0; i < chosen.length; i++) sum += read(keyOf(chosen[i]))
      const ns = ((performance.now() - from) * 1e6) / chosen.length
      if (Number.isNaN(sum)) throw new Error('a miss')
      return ns
    },
  })
  const next = () => {
    part = (part + 1) % PARTS
    return all.subarray(part * LOOKUPS, (part + 1) * LOOKUPS)
  }
  const what = name.replace('annulus', 'getSync')
  return {
    ways: { [`${what}, 1M at random`]: way(next), [`${what}, 1,000 hot`]: way(() => hot) },
    close,
  }
}

async function farReads(): Promise<Station> {
  const engine = await Engine.open({ nodes: 1, memory: '64mb' })
  const bucket = await engine.createBucket('bench')
  await fill(bucket, FAR_ITEMS)
  const handle = engine.handle()
  const task: FarTask = { kind: 'attached', handle, bucket: bucket.id }
  const thread = new Worker(new URL('../far-get-thread.js', import.meta.url), {
    workerData: task,
    transferList: handle.transfer,
  })
  const ask: FarAsk = { count: FAR_GETS, seed: 1, among: FAR_ITEMS }
  const run = async () => {
    const from = performance.now()
    thread.postMessage(ask)
    await once(thread, 'message')
    return ((performance.now() - from) * 1e6) / FAR_GETS
  }
  const close = async () => {
    await thread.terminate()
    await engine.close()
  }
  return { ways: { 'get from another thread': { unit: 'ns', isMoreBetter: false, run } }, close }
}

async function writes(): Promise<Station> {
  const engine = await Engine.open({ nodes: 1, memory: '64mb' })
  const bucket = await engine.createBucket('bench')
  await fill(bucket, FEW_ITEMS)
  const keys = Array.from(randomIndexes(BATCHES * BATCH, FEW_ITEMS, 3), keyOf)
  const batches = Array.from({ length: BATCHES }, (_, i) => keys.slice(i * BATCH, (i + 1) * BATCH))
  const value = valueFor(0)
  const entries = batches.map((batch) => batch.map((key): [string, Buffer] => [key, value]))
  const many = (call: (index: number) => Promise<unknown>): Way => ({
    unit: 'items/s',
    isMoreBetter: true,
    run: async () => {
      let next = 0
      const one = async () => {
        while (next < BATCHES) await call(next++)
      }
      const from = performance.now()
      await Promise.all(Array.from({ length: IN_FLIGHT }, one))
      return (BATCHES * BATCH * 1_000) / (performance.now() - from)
    },
  })
  const alone = async () => {
    const from = performance.now()
    for (let i = 0; i < ONE_PUTS; i++) await bucket.put(keys[i], value)
    return ((performance.now() - from) * 1_000) / ONE_PUTS
  }
  const ways = {
    'getMany of 100, 16 in flight': many((i) => bucket.getMany(batches[i])),
    'putMany of 100, 16 in flight': many((i) => bucket.putMany(entries[i])),
    'one put after the other': { unit: 'µs', isMoreBetter: false, run: alone },
  }
  return { ways, close: () => engine.close() }
}
