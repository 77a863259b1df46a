/**
 * How long whatever comes next has to wait for the event loop, in a process that holds 2M items with a
 * TTL of which as many end as are put. Each round is a fresh process: none pays for another's heap.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { countFor, FULL } from './effort.js'
import { type Contestant, interleave, median } from './rounds.js'
import type { Row } from './row.js'
import type { Churn, StallReport } from './stall-child.js'
import { type ChurnName, churns } from './stall-stores.js'

const BENCH = 'stall'
const CHILD_FILE = fileURLToPath(new URL('./stall-child.js', import.meta.url))
const ITEMS = 2_000_000
const SECONDS = 4
/** So that nothing ends before all is there, and puts keep their number up. */
const TTL_SECONDS = 40
const AIM = 0.1
const HEAP_MB = 6_144

export async function stallRows(effort = FULL): Promise<Row[]> {
  const names = Object.keys(churns) as ChurnName[]
  const reports = new Map(names.map((name): [ChurnName, StallReport[]] => [name, []]))
  const churn: Churn = {
    items: countFor(ITEMS, effort),
    ttlMs: TTL_SECONDS * 1_000,
    seconds: Math.max(1, SECONDS * effort.share),
  }
  const contestants = names.map((name): Contestant => {
    const run = async () => {
      const report = await inChild(name, churn)
      reports.get(name)?.push(report)
      return report.p999Ms
    }
    return { name, run }
  })
  await interleave(contestants, effort.rounds)
  return names.map((name) => rowOf(name, reports))
}

async function inChild(name: ChurnName, churn: Churn): Promise<StallReport> {
  const execArgv = [`--max-old-space-size=${HEAP_MB}`]
  const child = fork(CHILD_FILE, [name, JSON.stringify(churn)], { execArgv })
  const gone = once(child, 'exit').then(([code]) => {
    throw new Error(`${name}: the process ended with ${code}`)
  })
  const [report] = await Promise.race([once(child, 'message'), gone])
  gone.catch(() => {}) // it ends now, as it should
  child.kill('SIGKILL')
  return report as StallReport
}

function rowOf(name: ChurnName, reports: ReadonlyMap<ChurnName, readonly StallReport[]>): Row {
  const of = (who: ChurnName, part: keyof StallReport) =>
    median((reports.get(who) ?? []).map((report) => report[part]))
  const value = of(name, 'p999Ms')
  const latency = {
    p50: of(name, 'p50Ms') * 1_000,
    p99: of(name, 'p99Ms') * 1_000,
    p999: value * 1_000,
  }
  const isOurs = name === 'annulus'
  const bar = { group: 'wait for the event loop, p99.9', label: name, isOurs }
  const live = Math.round(of(name, 'live')).toLocaleString('en-US')
  const row = {
    bench: BENCH,
    what: `${name}, ${live} items, p99.9`,
    value,
    unit: 'ms',
    latency,
    bar,
  }
  if (isOurs) return row
  const ratio = of('annulus', 'p999Ms') / value
  return { ...row, ratio, beside: 'ours / theirs', aim: `<= ${AIM} ×`, met: ratio <= AIM }
}
