/**
 * A batch of 100 keys over HTTP, wrk with one thread and 32 connections before it. Beside it webdis,
 * which answers MGET in JSON too, and redis-benchmark, which needs no HTTP at all.
 */
import { FRAME_TYPE } from '../src/frames/frame.js'
import { encodeItems, encodeKeys } from '../src/frames/requests.js'
import { countFor, type Effort, FULL, secondsFor } from './effort.js'
import { ask, type OurTarget, startOurs, startWebdis, type Target } from './http-servers.js'
import { isInstalled, type Program, skippedRow } from './installed.js'
import { keyOf, VALUE_BYTES } from './items.js'
import { type RunningProgram, redisBenchmark, startRedis } from './programs.js'
import { type Contestant, type Figures, interleave, medianOf } from './rounds.js'
import type { Latency, Row } from './row.js'
import { type Load, medianLatency, requestBytes, Wrk } from './wrk.js'

const BENCH = 'batch'
const BATCH = 100
/** Batches made beforehand, each of keys of its own. */
const PREPARED = 100
const KEYS = BATCH * PREPARED
const SECONDS = 3
const WARM_SECONDS = 1
const AIM = 1_000_000
const REDIS_CALLS = 60_000
const VALUE = 'v'.repeat(VALUE_BYTES)
const OURS = {
  getJson: 'batch/get, JSON',
  getBinary: 'batch/get, binary',
  putJson: 'batch/put, JSON',
  putBinary: 'batch/put, binary',
} as const
const WEBDIS = 'webdis MGET'
const WEBDIS_NEEDS: readonly Program[] = ['webdis', 'redis-server']
const REDIS = 'redis-benchmark MGET'
const REDIS_NEEDS: readonly Program[] = ['redis-server', 'redis-benchmark']

export async function batchRows(effort = FULL): Promise<Row[]> {
  if (!isInstalled('wrk')) return [skippedRow(BENCH, `batches of ${BATCH} over HTTP`, ['wrk'])]
  const ours = await startOurs()
  const webdis = WEBDIS_NEEDS.every(isInstalled) ? await startWebdis() : undefined
  const redis = REDIS_NEEDS.every(isInstalled) ? await startRedis() : undefined
  const wrk = new Wrk()
  try {
    const loads = ourLoads(ours)
    await wrk.run(loads.get(OURS.putJson) as Load, { seconds: WARM_SECONDS })
    await checkHits(ours)
    if (webdis !== undefined) loads.set(WEBDIS, await webdisLoad(wrk, webdis))
    return await contest(wrk, loads, redis, effort)
  } finally {
    wrk.remove()
    for (const server of [ours, webdis, redis]) await server?.stop()
  }
}

async function contest(
  wrk: Wrk,
  loads: ReadonlyMap<string, Load>,
  redis: RunningProgram | undefined,
  effort: Effort,
): Promise<Row[]> {
  const seconds = secondsFor(SECONDS, effort)
  const latencies = new Map<string, Latency[]>()
  const contestants = [...loads].map(([name, load]): Contestant => {
    const run = async () => {
      const { perSecond, latency } = await wrk.run(load, { seconds })
      latencies.set(name, [...(latencies.get(name) ?? []), latency])
      return perSecond * BATCH
    }
    return { name, run }
  })
  if (redis !== undefined) contestants.push(await redisContestant(redis, effort))
  await interleave(contestants, 1)
  latencies.clear()
  return rowsOf(await interleave(contestants, effort.rounds), latencies)
}

function ourLoads({ port, bucketPath, headers }: OurTarget): Map<string, Load> {
  const load = (call: string, type: string, body: (keys: string[]) => Uint8Array): Load => {
    const all = { ...headers, 'Content-Type': type, Accept: type }
    const path = `${bucketPath}/batch/${call}`
    return { port, requests: batches().map((keys) => requestBytes('POST', path, all, body(keys))) }
  }
  const json = (value: unknown) => Buffer.from(JSON.stringify(value))
  const value = Buffer.from(VALUE)
  const items = (keys: string[]) => keys.map((key) => ({ key, value }))
  const values = new Array(BATCH).fill(VALUE)
  return new Map([
    [OURS.getJson, load('get', 'application/json', (keys) => json({ keys }))],
    [OURS.getBinary, load('get', FRAME_TYPE, encodeKeys)],
    [OURS.putJson, load('put', 'application/json', (keys) => json({ keys, values }))],
    [
      OURS.putBinary,
      load('put', FRAME_TYPE, (keys) => encodeItems({ items: items(keys), ttlMs: undefined })),
    ],
  ])
}

function batches(): string[][] {
  return Array.from({ length: PREPARED }, (_, batch) =>
    Array.from({ length: BATCH }, (_, i) => keyOf(batch * BATCH + i)),
  )
}

/** A batch of misses would be quicker than one of hits. */
async function checkHits({ port, bucketPath, headers }: OurTarget): Promise<void> {
  const keys = batches().at(-1)
  const told = { ...headers, 'Content-Type': 'application/json' }
  const path = `${bucketPath}/batch/get`
  const { body } = await ask(port, 'POST', path, told, JSON.stringify({ keys }))
  const { values } = JSON.parse(body) as { values: unknown[] }
  if (values.some((value) => value !== VALUE)) throw new Error('a value of the batch is missing')
}

async function webdisLoad(wrk: Wrk, { port }: Target): Promise<Load> {
  const put = (key: string) => requestBytes('PUT', `/SET/${key}`, {}, Buffer.from(VALUE))
  await wrk.run({ port, requests: batches().flat().map(put) }, { seconds: WARM_SECONDS })
  const path = (keys: string[]) => `/MGET/${keys.join('/')}`
  const { body } = await ask(port, 'GET', path(batches().at(-1) ?? []), {})
  if (body.includes('null')) throw new Error('webdis lacks a key of the batch')
  const get = (keys: string[]) => requestBytes('GET', path(keys), {})
  return { port, requests: batches().map(get) }
}

async function redisContestant({ port }: RunningProgram, effort: Effort): Promise<Contestant> {
  const size = ['-r', `${KEYS}`, '-d', `${VALUE_BYTES}`, '-c', '32']
  // So many that nearly every key is there.
  await redisBenchmark(port, [...size, '-t', 'set', '-P', '32', '-n', `${KEYS * 8}`])
  const calls = countFor(REDIS_CALLS, effort)
  const command = ['MGET', ...new Array<string>(BATCH).fill('key:__rand_int__')]
  const run = async () => {
    const found = await redisBenchmark(port, [...size, '-n', `${calls}`, ...command])
    return BATCH * ([...found.values()][0] ?? Number.NaN)
  }
  return { name: REDIS, run }
}

function rowsOf(figures: Figures, latencies: ReadonlyMap<string, readonly Latency[]>): Row[] {
  const group = `batches of ${BATCH}`
  const own = (name: string): Row => {
    const isOurs = name.startsWith('batch/')
    const value = medianOf(figures, name)
    const row = { bench: BENCH, what: `${name} of ${BATCH}`, value, unit: 'items/s' }
    const told = latencies.get(name)
    const shown = { ...row, bar: { group, label: name, isOurs } }
    return told === undefined ? shown : { ...shown, latency: medianLatency(told) }
  }
  const gets = [OURS.getJson, OURS.getBinary].map((name): Row => {
    const row = own(name)
    return { ...row, aim: '>= 1M items/s', met: row.value >= AIM }
  })
  const peers = [
    { name: WEBDIS, needs: WEBDIS_NEEDS },
    { name: REDIS, needs: REDIS_NEEDS },
  ].map(({ name, needs }): Row => {
    if (!figures.has(name)) return skippedRow(BENCH, name, needs)
    const row = own(name)
    const ratio = medianOf(figures, OURS.getJson) / row.value
    return { ...row, ratio, beside: `${OURS.getJson} / theirs` }
  })
  return [...gets, own(OURS.putJson), own(OURS.putBinary), ...peers]
}
