import { fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as pass } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { pino } from 'pino'
import type { Bucket } from '../../src/engine/bucket.js'
import { Engine } from '../../src/engine/engine.js'
import type { Receipt } from '../../src/engine/motion/receipt.js'
import { startServer } from '../../src/http/server.js'
import type { LoadTask, PhaseReport } from './load-child.js'

const CHILD = fileURLToPath(new URL('./load-child.js', import.meta.url))
const VALUE_BYTES = 100

export interface Growth {
  readonly from: number
  readonly to: number
  readonly keys: number
  /** Seconds of load without a change before each change. */
  readonly stillSeconds: number
  readonly pace?: number
}

export interface GrowthReport {
  readonly phases: Record<string, PhaseReport>
  readonly receipts: readonly Receipt[]
  /** Of each change: keys of the economy bucket that were missing, and planned to be. */
  readonly economy: readonly { readonly missing: number; readonly wrong: number }[]
  readonly p99Ratio: number
}

/** Grows and shrinks the ring, a node at a time, while clients read and write over HTTP. */
export async function growAndShrink(growth: Growth): Promise<GrowthReport> {
  const { from, to, keys, stillSeconds } = growth
  await using engine = await Engine.open({
    nodes: from,
    memory: from * 64 * 2 ** 20,
    maxValue: '1mb',
    ...(growth.pace === undefined ? {} : { movePace: growth.pace }),
  })
  const server = await startServer(engine, {
    host: '127.0.0.1',
    port: 0,
    domain: 'localhost',
    maxInflightBytes: 2 ** 26,
    logger: pino({ level: 'silent' }),
  })
  const bucket = await engine.createBucket('live')
  const economy = await engine.createBucket('cheap', { tier: 'economy' })
  await fill(bucket, keys)
  await fill(economy, keys / 10)
  const load = startLoad({
    url: server.url,
    bucket: bucket.id,
    credential: bucket.credentialKey ?? '',
    keys,
    connections: 32,
    valueBytes: VALUE_BYTES,
    seed: 1,
  })
  const receipts: Receipt[] = []
  const missed: { missing: number; wrong: number }[] = []
  await pass(3_000)
  for (let change = 0; change < (to - from) * 2; change++) {
    load.phase('still')
    await pass(stillSeconds * 1_000)
    load.phase('moving')
    const before = owners(economy, keys / 10)
    const migration =
      change < to - from
        ? await engine.addNode()
        : await engine.removeNode(engine.ring.members.at(-1)?.id ?? '')
    const receipt = await migration.done
    load.phase('between')
    receipts.push(receipt)
    missed.push(compare(economy, before, receipt))
    await fill(economy, keys / 10)
  }
  const phases = await load.end()
  await server.close(1_000)
  const { still, moving } = phases
  return { phases, receipts, economy: missed, p99Ratio: moving.p99Us / still.p99Us }
}

async function fill(bucket: Bucket, keys: number): Promise<void> {
  for (let from = 0; from < keys; from += 500) {
    const count = Math.min(500, keys - from)
    const value = 'v'.repeat(VALUE_BYTES)
    await bucket.putMany(Array.from({ length: count }, (_, i) => [`key${from + i}`, value]))
  }
}

function owners(bucket: Bucket, keys: number): string[] {
  return Array.from({ length: keys }, (_, i) => bucket.explain(`key${i}`).owner)
}

/** What is missing must be what changed its owner, neither more nor less, and as many as planned. */
function compare(bucket: Bucket, before: readonly string[], receipt: Receipt) {
  let missing = 0
  let wrong = 0
  for (const [i, owner] of before.entries()) {
    const isMissing = bucket.getSync(`key${i}`) === undefined
    const isMoved = bucket.explain(`key${i}`).owner !== owner
    missing += isMissing ? 1 : 0
    wrong += isMissing === isMoved ? 0 : 1
  }
  return { missing, wrong: wrong + Math.abs(missing - receipt.dropped.keys) }
}

function startLoad(task: LoadTask) {
  const child = fork(CHILD, [JSON.stringify(task)])
  return {
    phase: (name: string): void => void child.send(name),
    end: async (): Promise<Record<string, PhaseReport>> => {
      const told = once(child, 'message')
      child.send('end')
      const [report] = await told
      return report as Record<string, PhaseReport>
    },
  }
}
