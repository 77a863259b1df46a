/**
 * A value that another thread, or another process, holds: ours is read where it lies; a message has to
 * go there and back, however many are under way.
 */
import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { Redis } from 'ioredis'
import { Piscina } from 'piscina'
import { Engine } from '../src/index.js'
import { steps } from './acceptors.bench.js'
import { countFor, type Effort, FULL } from './effort.js'
import type { FarAsk, FarTask } from './far-get-thread.js'
import { isInstalled, skippedRow } from './installed.js'
import { fill, keyOf, randomIndexes } from './items.js'
import { fillRedis, startRedis } from './programs.js'
import { type Contestant, type Figures, interleave, medianOf } from './rounds.js'
import type { Row } from './row.js'

const BENCH = 'far-get'
/** Of these the aim is; the processor's caches hold few of the others. */
const KEYS = 10_000
const ALL_KEYS = 1_000_000
const IN_FLIGHT = 100
const OUR_GETS = 1_000_000
const THEIR_GETS = 100_000
const TTL_MS = 3_600_000
const REDIS_AIM = 10
const THREAD_FILE = new URL('./far-get-thread.js', import.meta.url)
const REDIS = `ioredis, ${IN_FLIGHT} in flight`
const PISCINA = `piscina, ${IN_FLIGHT} in flight`
const MESSAGES = `postMessage, ${IN_FLIGHT} in flight`
const ONE_MESSAGE = 'postMessage, one at a time'

interface Way {
  readonly name: string
  /** Gets a second of keys among so many. */
  readonly run: (among: number) => Promise<number>
  readonly close: () => Promise<unknown>
}

export async function farGetRows(effort = FULL): Promise<Row[]> {
  const counts = steps(availableParallelism())
  const all = Math.max(KEYS, countFor(ALL_KEYS, effort))
  const ways: Way[] = await ours(counts, all, effort)
  ways.push(await piscina(effort), ...(await messages(effort)))
  if (isInstalled('redis-server')) ways.push(await redis(all, effort))
  try {
    const few = await contest(ways, KEYS, effort)
    const overAll = ways.filter(({ name }) => name === named(1) || name === REDIS)
    return [...rowsOf(few, counts), ...rowsOverAll(await contest(overAll, all, effort))]
  } finally {
    for (const way of ways) await way.close()
  }
}

/** All ask for keys at random among the first `among`. */
async function contest(ways: readonly Way[], among: number, effort: Effort): Promise<Figures> {
  const contestants = ways.map(({ name, run }): Contestant => ({ name, run: () => run(among) }))
  await interleave(contestants, 1)
  return interleave(contestants, effort.rounds)
}

function named(threads: number): string {
  return `annulus, ${threads} ${threads === 1 ? 'thread' : 'threads'}`
}

/** All threads are there from the start; so many of them are asked. */
async function ours(counts: readonly number[], all: number, effort: Effort): Promise<Way[]> {
  const engine = await Engine.open({ nodes: 1, memory: '512mb' })
  const bucket = await engine.createBucket('bench')
  await fill(bucket, all)
  const count = countFor(OUR_GETS, effort)
  const threads: Worker[] = []
  for (let i = 0; i < Math.max(...counts); i++) {
    const handle = engine.handle()
    const task: FarTask = { kind: 'attached', handle, bucket: bucket.id }
    threads.push(new Worker(THREAD_FILE, { workerData: task, transferList: handle.transfer }))
  }
  const tell = async (thread: Worker, seed: number, among: number) => {
    const ask: FarAsk = { count, seed, among }
    thread.postMessage(ask)
    await once(thread, 'message')
  }
  const close = async () => {
    for (const thread of threads.splice(0)) await thread.terminate()
    await engine.close()
  }
  return counts.map((asked): Way => {
    const run = async (among: number) => {
      const from = performance.now()
      await Promise.all(threads.slice(0, asked).map((thread, i) => tell(thread, i + 1, among)))
      return (asked * count * 1000) / (performance.now() - from)
    }
    return { name: named(asked), run, close }
  })
}

async function redis(all: number, effort: Effort): Promise<Way> {
  const server = await startRedis()
  const client = new Redis(server.port, '127.0.0.1')
  await fillRedis(client, all, () => TTL_MS)
  const close = async () => {
    client.disconnect()
    await server.stop()
  }
  const get = (key: string) => client.getBuffer(key)
  const run = (among: number) => perSecond(get, IN_FLIGHT, among, effort)
  return { name: REDIS, run, close }
}

async function piscina(effort: Effort): Promise<Way> {
  const task: FarTask = { kind: 'map', keys: KEYS }
  const pool = new Piscina({
    filename: THREAD_FILE.href,
    minThreads: 1,
    maxThreads: 1,
    concurrentTasksPerWorker: IN_FLIGHT,
    workerData: task,
  })
  const get = (key: string): Promise<unknown> => pool.run(key)
  const run = (among: number) => perSecond(get, IN_FLIGHT, among, effort)
  return { name: PISCINA, run, close: () => pool.destroy() }
}

async function messages(effort: Effort): Promise<Way[]> {
  const task: FarTask = { kind: 'map', keys: KEYS }
  const thread = new Worker(THREAD_FILE, { workerData: task })
  const waiting: ((value: unknown) => void)[] = [] // answers come in the order of the questions
  thread.on('message', (value) => waiting.shift()?.(value))
  const get = (key: string) => {
    return new Promise<unknown>((resolve) => {
      waiting.push(resolve)
      thread.postMessage(key)
    })
  }
  const close = () => thread.terminate()
  return [
    { name: MESSAGES, run: (among) => perSecond(get, IN_FLIGHT, among, effort), close },
    { name: ONE_MESSAGE, run: (among) => perSecond(get, 1, among, effort), close },
  ]
}

/** Gets a second while so many are under way. */
async function perSecond(
  get: (key: string) => Promise<unknown>,
  inFlight: number,
  among: number,
  effort: Effort,
): Promise<number> {
  const count = countFor(inFlight === 1 ? THEIR_GETS / 4 : THEIR_GETS, effort)
  const indexes = randomIndexes(count, among, 5)
  let next = 0
  const one = async () => {
    while (next < count) {
      const value = await get(keyOf(indexes[next++]))
      if (value === null || value === undefined) throw new Error('a miss')
    }
  }
  const from = performance.now()
  await Promise.all(Array.from({ length: inFlight }, one))
  return (count * 1000) / (performance.now() - from)
}

function rowsOf(figures: Figures, counts: readonly number[]): Row[] {
  const one = medianOf(figures, named(1))
  const own = (name: string): Row => {
    const bar = {
      group: `gets a second, ${KEYS.toLocaleString('en-US')} keys`,
      label: name,
      isOurs: name.startsWith('annulus'),
    }
    return { bench: BENCH, what: name, value: medianOf(figures, name), unit: 'gets/s', bar }
  }
  const beside = (name: string): Row => {
    const row = own(name)
    return { ...row, ratio: one / row.value, beside: `${named(1)} / theirs` }
  }
  const grown = counts.map((count): Row => {
    const row = own(named(count))
    return count === 1 ? row : { ...row, ratio: row.value / one, beside: 'over one thread' }
  })
  const peers = [MESSAGES, ONE_MESSAGE, PISCINA].map(beside)
  if (!figures.has(REDIS)) return [...grown, ...peers, skippedRow(BENCH, REDIS, ['redis-server'])]
  const row = beside(REDIS)
  const met = (row.ratio ?? 0) >= REDIS_AIM
  return [...grown, { ...row, aim: `>= ${REDIS_AIM} ×`, met }, ...peers]
}

/** Reported beside: what is far away in memory takes ours longer, and Redis hardly. */
function rowsOverAll(figures: Figures): Row[] {
  const value = medianOf(figures, named(1))
  const own: Row = { bench: BENCH, what: `${named(1)}, 1M keys`, value, unit: 'gets/s' }
  if (!figures.has(REDIS)) return [own]
  const theirs = medianOf(figures, REDIS)
  const row: Row = { bench: BENCH, what: `${REDIS}, 1M keys`, value: theirs, unit: 'gets/s' }
  return [own, { ...row, ratio: value / theirs, beside: 'ours / theirs' }]
}
