/**
 * getMany and putMany of 100 with 16 calls in flight, acknowledged, on worker nodes; Redis does the
 * same items 32 to a pipeline. In process against a socket: it is what a program can choose between.
 */
import { type Bucket, Engine } from '../src/index.js'
import { countFor, type Effort, FULL } from './effort.js'
import { isInstalled, type Program, skippedRow } from './installed.js'
import { fill, keyOf, randomIndexes, VALUE_BYTES, valueFor } from './items.js'
import { type RunningProgram, redisBenchmark, startRedis } from './programs.js'
import { type Figures, interleave, medianOf } from './rounds.js'
import type { Row } from './row.js'

const BATCH = 100
const IN_FLIGHT = 16
/** Batches made before the clock starts, gone through in turn. */
const PREPARED = 1_000
const CALLS = 3_000
const WARM_CALLS = 1_500
const REDIS_ARGS = ['-P', '32', '-d', `${VALUE_BYTES}`, '-t', 'set,get']
const NEEDS: readonly Program[] = ['redis-server', 'redis-benchmark']
/** Of Redis's items a second. */
const AIM = 2
const GETS = 'getMany'
const PUTS = 'putMany'

interface Size {
  readonly keys: number
  readonly name: string
  readonly redisRequests: number
  /** The aim holds for what the caches of the processor nearly hold. */
  readonly hasAim: boolean
}

const SIZES: readonly Size[] = [
  {
    keys: 10_000,
    name: '10,000 keys',
    redisRequests: 300_000,
    hasAim: true,
  },
  { keys: 1_000_000, name: '1M keys', redisRequests: 200_000, hasAim: false },
]

export async function manyRows(effort = FULL): Promise<Row[]> {
  const redis = NEEDS.every(isInstalled) ? await startRedis() : undefined
  const engine = await Engine.open({ nodes: 1, memory: '512mb' })
  const rows: Row[] = []
  for (const size of SIZES) {
    const bucket = await engine.createBucket(`bench-${size.keys}`)
    await fill(bucket, size.keys)
    const figures = await contest(bucket, redis, size, effort)
    rows.push(...rowsOf(size, figures, redis !== undefined))
  }
  await engine.close()
  await redis?.stop()
  return rows
}

async function contest(
  bucket: Bucket,
  redis: RunningProgram | undefined,
  { keys, redisRequests }: Size,
  effort: Effort,
): Promise<Figures> {
  const batches = batchesOf(keys)
  const entries = batches.map((batch) => batch.map((key, i): [string, Buffer] => [key, VALUES[i]]))
  const gets = (calls: number) => perSecond(calls, (i) => bucket.getMany(batches[i % PREPARED]))
  const puts = (calls: number) => perSecond(calls, (i) => bucket.putMany(entries[i % PREPARED]))
  await gets(countFor(WARM_CALLS, effort))
  await puts(countFor(WARM_CALLS, effort))
  const calls = countFor(CALLS, effort)
  const contestants = [
    { name: GETS, run: () => gets(calls) },
    { name: PUTS, run: () => puts(calls) },
  ]
  if (redis !== undefined) {
    const told: number[] = []
    const requests = countFor(redisRequests, effort)
    const base = [...REDIS_ARGS, '-r', `${keys}`]
    // So many that nearly every key is there: a miss would be quicker than a hit.
    await redisBenchmark(redis.port, [...base, '-t', 'set', '-n', `${keys * 2}`])
    contestants.push({
      name: 'SET',
      run: async () => {
        const found = await redisBenchmark(redis.port, [...base, '-n', `${requests}`])
        told.push(found.get('get') ?? Number.NaN)
        return found.get('set') ?? Number.NaN
      },
    })
    const figures = await interleave(contestants, effort.rounds)
    return new Map([...figures, ['GET', told]])
  }
  return interleave(contestants, effort.rounds)
}

const VALUES = Array.from({ length: BATCH }, (_, i) => valueFor(i))

function batchesOf(keys: number): string[][] {
  const indexes = randomIndexes(PREPARED * BATCH, keys, 3)
  return Array.from({ length: PREPARED }, (_, i) =>
    Array.from(indexes.subarray(i * BATCH, (i + 1) * BATCH), keyOf),
  )
}

/** Items a second while so many calls are under way at any time. */
async function perSecond(
  calls: number,
  call: (index: number) => Promise<readonly unknown[]>,
): Promise<number> {
  let next = 0
  const one = async () => {
    while (next < calls) {
      const answers = await call(next++)
      if (answers[BATCH - 1] === undefined || answers[0] === false) throw new Error('a miss')
    }
  }
  const from = performance.now()
  await Promise.all(Array.from({ length: IN_FLIGHT }, one))
  return (calls * BATCH * 1000) / (performance.now() - from)
}

function rowsOf({ name, hasAim }: Size, figures: Figures, hasRedis: boolean): Row[] {
  const pairs = [
    [GETS, 'GET'],
    [PUTS, 'SET'],
  ] as const
  return pairs.flatMap(([ours, theirs]): Row[] => {
    const value = medianOf(figures, ours)
    const group = `${ours === GETS ? 'get' : 'put'}, ${name}`
    const own = `${ours} of ${BATCH}, ${IN_FLIGHT} in flight, ${name}`
    const row: Row = {
      bench: 'many',
      what: own,
      value,
      unit: 'items/s',
      bar: { group, label: `annulus ${ours}`, isOurs: true },
    }
    const peer = `redis-benchmark -P 32 ${theirs}, ${name}`
    if (!hasRedis) return [row, skippedRow('many', peer, NEEDS)]
    const peerValue = medianOf(figures, theirs)
    const ratio = value / peerValue
    const aim = hasAim ? { aim: `>= ${AIM} ×`, met: ratio >= AIM } : {}
    const bar = { group, label: `redis-benchmark ${theirs}`, isOurs: false }
    return [
      { ...row, ratio, beside: 'ours / Redis', ...aim },
      { bench: 'many', what: peer, value: peerValue, unit: 'items/s', bar },
    ]
  })
}
