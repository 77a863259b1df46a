/**
 * One awaited write after the other, on a worker node: nobody else shares the way. Beside it what a
 * message to a thread and back costs by itself, and a Redis on the loopback.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { Redis } from 'ioredis'
import { Engine } from '../src/index.js'
import { countFor, type Effort, FULL } from './effort.js'
import { isInstalled, skippedRow } from './installed.js'
import { keyOf, valueFor } from './items.js'
import { startRedis } from './programs.js'
import { type Contestant, type Figures, interleave, medianOf, quantile } from './rounds.js'
import type { Latency, Row } from './row.js'

const KEYS = 10_000
const IDLE_MS = 2_000
const SETTLE_MS = 500
const IDLE_AIM_PERCENT = 1
const ECHO = `require('worker_threads').parentPort.on('message', function (m) { this.postMessage(m) })`
const OURS = 'annulus put'
const REDIS = 'ioredis set'
const ECHOED = 'postMessage and back'

/** One operation at a time; `count` of them are a round. */
interface Way {
  readonly name: string
  readonly count: number
  readonly once: (key: string, value: Buffer) => Promise<unknown>
  readonly close: () => Promise<unknown>
}

export async function putOneRows(effort = FULL): Promise<Row[]> {
  const idle = await idlePercent()
  const ways = [await ours(), await echo()]
  const hasRedis = isInstalled('redis-server')
  if (hasRedis) ways.push(await redis())
  const latencies = new Map(ways.map(({ name }): [string, number[]] => [name, []]))
  const contestants = ways.map((way): Contestant => {
    return { name: way.name, run: () => round(way, latencies.get(way.name) ?? [], effort) }
  })
  await interleave(contestants, 2)
  for (const list of latencies.values()) list.length = 0
  const figures = await interleave(contestants, effort.rounds)
  for (const way of ways) await way.close()
  const own = (name: string) => rowOf(name, figures, latencies.get(name) ?? [])
  const mine = own(OURS)
  return [
    mine,
    besideRow(mine, own(ECHOED), 0.2),
    hasRedis ? besideRow(mine, own(REDIS), 0.1) : skippedRow('put-one', REDIS, ['redis-server']),
    {
      bench: 'put-one',
      what: `CPU of an idle engine over ${IDLE_MS / 1000} s`,
      value: idle,
      unit: '% of a core',
      aim: `<= ${IDLE_AIM_PERCENT} %`,
      met: idle <= IDLE_AIM_PERCENT,
    },
  ]
}

/** µs an operation on average; each one's own time goes to `latencies`. */
async function round(
  { count: full, once }: Way,
  latencies: number[],
  effort: Effort,
): Promise<number> {
  const count = countFor(full, effort)
  const from = performance.now()
  let before = from
  for (let i = 0; i < count; i++) {
    await once(KEY_LIST[i % KEYS], VALUE_LIST[i % KEYS])
    const now = performance.now()
    latencies.push((now - before) * 1000)
    before = now
  }
  return ((before - from) * 1000) / count
}

const KEY_LIST = Array.from({ length: KEYS }, (_, i) => keyOf(i))
const VALUE_LIST = KEY_LIST.map((_, i) => valueFor(i))

async function ours(): Promise<Way> {
  const engine = await Engine.open({ nodes: 1, memory: '64mb' })
  const bucket = await engine.createBucket('bench')
  const once = (key: string, value: Buffer) => bucket.put(key, value)
  return { name: OURS, count: 20_000, once, close: () => engine.close() }
}

async function echo(): Promise<Way> {
  const worker = new Worker(ECHO, { eval: true })
  let answer: () => void = () => {}
  worker.on('message', () => answer())
  const once = (key: string) => {
    return new Promise<void>((resolve) => {
      answer = resolve
      worker.postMessage(key)
    })
  }
  return { name: ECHOED, count: 5_000, once, close: () => worker.terminate() }
}

async function redis(): Promise<Way> {
  const server = await startRedis()
  const client = new Redis(server.port, '127.0.0.1')
  const close = async () => {
    client.disconnect()
    await server.stop()
  }
  return { name: REDIS, count: 5_000, once: (key, value) => client.set(key, value), close }
}

/** All threads of this process; nothing else runs in it meanwhile. */
async function idlePercent(): Promise<number> {
  const engine = await Engine.open({ nodes: 2, memory: '128mb' })
  const bucket = await engine.createBucket('bench', { defaultTtl: '1h' })
  await bucket.putMany(KEY_LIST.map((key, i): [string, Buffer] => [key, VALUE_LIST[i]]))
  await sleep(SETTLE_MS)
  const before = process.cpuUsage()
  const from = performance.now()
  await sleep(IDLE_MS)
  const { user, system } = process.cpuUsage(before)
  const percent = (user + system) / 10 / (performance.now() - from)
  await engine.close()
  return percent
}

function rowOf(name: string, figures: Figures, latencies: readonly number[]): Row {
  const [p50, p99, p999] = [0.5, 0.99, 0.999].map((share) => quantile(latencies, share))
  const latency: Latency = { p50, p99, p999 }
  const bar = { group: 'one write after the other, mean', label: name, isOurs: name === OURS }
  const value = medianOf(figures, name)
  return { bench: 'put-one', what: `${name}, mean`, value, unit: 'µs', latency, bar }
}

function besideRow(ours: Row, row: Row, atMost: number): Row {
  const ratio = ours.value / row.value
  const beside = 'ours / theirs'
  return { ...row, ratio, beside, aim: `<= ${atMost} ×`, met: ratio <= atMost }
}
