/**
 * A node joins while 32 clients ask for keys that live, nine reads for each write: what they wait for
 * meanwhile, beside what the same clients wait for before. Each round is a ring of two that grows to
 * three; the clients are a process of their own.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as pass } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { LoadTask, PhaseReport } from '../test/motion/load-child.js'
import { countFor, type Effort, FULL } from './effort.js'
import { ask, type OurTarget, ROOT, startOurs } from './http-servers.js'
import { VALUE_BYTES } from './items.js'
import { median } from './rounds.js'
import type { Row } from './row.js'

const BENCH = 'join'
const CHILD_FILE = fileURLToPath(new URL('../test/motion/load-child.js', import.meta.url))
const KEYS = 200_000
const BATCH = 500
const CONNECTIONS = 32
const STILL_MS = 3_000
const WARM_MS = 1_000
const MOVE_LIMIT_MS = 60_000
const LOOK_MS = 50
const AIM = 2

interface Round {
  readonly still: PhaseReport
  readonly moving: PhaseReport
  /** Of the keys: how many were moved, and how long that took. */
  readonly moved: number
  readonly ms: number
}

export async function joinRows(effort = FULL): Promise<Row[]> {
  const rounds: Round[] = []
  for (let round = 0; round < effort.rounds; round++) {
    const server = await startOurs({ nodes: 2, memory: '128mb' })
    try {
      rounds.push(await joinOnce(server, round + 1, effort))
    } finally {
      await server.stop()
    }
  }
  return rowsOf(rounds)
}

async function joinOnce(server: OurTarget, seed: number, effort: Effort): Promise<Round> {
  const keys = countFor(KEYS, effort)
  await fill(server, keys)
  const task: LoadTask = {
    url: `http://127.0.0.1:${server.port}`,
    bucket: server.bucketPath.split('/').at(-1) ?? '',
    credential: server.headers['Authorization'].replace('Bearer ', ''),
    keys,
    connections: CONNECTIONS,
    valueBytes: VALUE_BYTES,
    seed,
  }
  const clients = fork(CHILD_FILE, [JSON.stringify(task)])
  await pass(WARM_MS)
  clients.send('still')
  await pass(STILL_MS * Math.min(1, effort.share * 10))
  clients.send('moving')
  const from = performance.now()
  const moved = await join(server.port)
  const ms = performance.now() - from
  const told = once(clients, 'message')
  clients.send('end')
  const [{ still, moving }] = (await told) as [Record<string, PhaseReport>]
  return { still, moving, moved, ms }
}

async function fill({ port, bucketPath, headers }: OurTarget, keys: number): Promise<void> {
  const told = { ...headers, 'Content-Type': 'application/json' }
  const value = 'v'.repeat(VALUE_BYTES)
  for (let from = 0; from < keys; from += BATCH) {
    const count = Math.min(BATCH, keys - from)
    const names = Array.from({ length: count }, (_, i) => `key${from + i}`)
    const body = JSON.stringify({ keys: names, values: names.map(() => value) })
    await ask(port, 'POST', `${bucketPath}/batch/put`, told, body)
  }
}

/** Adds a node and waits for its keys; how many those were. */
async function join(port: number): Promise<number> {
  const { body } = await ask(port, 'POST', '/v1/nodes', ROOT, '{}')
  const { migration } = JSON.parse(body) as { migration: string }
  for (let waited = 0; waited < MOVE_LIMIT_MS; waited += LOOK_MS) {
    const answer = await ask(port, 'GET', `/v1/migrations/${migration}`, ROOT)
    const { state, moved } = JSON.parse(answer.body) as { state: string; moved: { keys: number } }
    if (state === 'done') return moved.keys
    if (state === 'failed' || state === 'cancelled') throw new Error(`the move ${state}`)
    await pass(LOOK_MS)
  }
  throw new Error(`the move was not over within ${MOVE_LIMIT_MS} ms`)
}

function rowsOf(rounds: readonly Round[]): Row[] {
  const of = (part: (round: Round) => number) => median(rounds.map(part))
  const phase = (name: 'still' | 'moving'): Row => {
    const value = of((round) => round[name].p99Us)
    const latency = {
      p50: of((round) => round[name].p50Us),
      p99: value,
      p999: of((round) => round[name].p999Us),
    }
    const label = name === 'still' ? 'before' : 'while a node joins'
    const bar = { group: 'p99', label, isOurs: name === 'moving' }
    return { bench: BENCH, what: `p99 ${label}`, value, unit: 'µs', latency, bar }
  }
  const still = phase('still')
  const moving = phase('moving')
  // Each round's own ratio: rounds differ by more than their two phases do.
  const ratio = of((round) => round.moving.p99Us / round.still.p99Us)
  const sum = (part: (round: Round) => number) => rounds.reduce((all, one) => all + part(one), 0)
  const misses = sum(({ still: before, moving: during }) => before.misses + during.misses)
  const errors = rounds.flatMap((round) => [...round.still.errors, ...round.moving.errors])
  if (errors.length > 0) throw new Error(`${errors.length} requests failed: ${errors[0]}`)
  const row = { bench: BENCH }
  return [
    still,
    { ...moving, ratio, beside: 'over the p99 before', aim: `<= ${AIM} ×`, met: ratio <= AIM },
    { ...row, what: 'misses', value: misses, unit: 'keys', aim: '0', met: misses === 0 },
    { ...row, what: 'requests while it joined', value: sum((r) => r.moving.requests), unit: '' },
    { ...row, what: 'keys moved', value: of(({ moved }) => moved), unit: 'keys' },
    { ...row, what: 'the move took', value: of(({ ms }) => ms), unit: 'ms' },
  ]
}
