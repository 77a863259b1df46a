/**
 * GET of 100 bytes over HTTP with several threads on one port, from one to all cores, beside bare
 * node:http with as many threads and nginx before memcached with as many workers. The load generator
 * shares the machine; it has a thread for each four cores.
 */
import { availableParallelism } from 'node:os'
import { type Effort, FULL, secondsFor } from './effort.js'
import {
  BARE,
  hasAcceptors,
  NGINX,
  OURS,
  startBare,
  startNginxMemcached,
  startOurs,
  type Target,
} from './http-servers.js'
import { isInstalled, type Program, skippedRow } from './installed.js'
import type { Row } from './row.js'
import { CONNECTIONS, type Load, type Reports, Wrk } from './wrk.js'

const BENCH = 'acceptors'
const SECONDS = 3
const WARM_SECONDS = 1
const NGINX_NEEDS: readonly Program[] = ['nginx', 'memcached']
const OF_BARE = 0.93
/** Over one bare thread, where the load generator takes a part of only two cores. */
const OF_ONE_BARE = 1.1

export async function acceptorRows(effort = FULL): Promise<Row[]> {
  if (!isInstalled('wrk')) return [skippedRow(BENCH, 'several acceptors', ['wrk'])]
  if (!(await hasAcceptors())) throw new Error('annulus serve has no --acceptors')
  const cores = availableParallelism()
  const counts = steps(cores)
  const targets = new Map<string, Target>()
  const wrk = new Wrk()
  try {
    for (const count of counts) {
      const ours = await startOurs({ acceptors: count })
      targets.set(named(OURS, count), ours)
      targets.set(named(BARE, count), await startBare(ours, count))
      if (NGINX_NEEDS.every(isInstalled)) {
        targets.set(named(NGINX, count), await startNginxMemcached(count))
      }
      await wrk.run(ours.put, { seconds: WARM_SECONDS })
    }
    const reports = await contest(wrk, targets, cores, effort)
    return counts.flatMap((count) => rowsOf(reports, count, cores))
  } finally {
    wrk.remove()
    for (const target of targets.values()) await target.stop()
  }
}

/** 1, 2, 4, … and all. */
export function steps(cores: number): number[] {
  const powers = Array.from({ length: Math.ceil(Math.log2(cores)) }, (_, i) => 2 ** i)
  return [...powers, cores]
}

async function contest(
  wrk: Wrk,
  targets: ReadonlyMap<string, Target>,
  cores: number,
  effort: Effort,
): Promise<Reports> {
  const loads = new Map([...targets].map(([name, { get }]): [string, Load] => [name, get]))
  const threads = Math.max(1, Math.floor(cores / 4))
  const pressure = { threads, connections: CONNECTIONS * threads }
  await wrk.contest(loads, 1, { ...pressure, seconds: WARM_SECONDS })
  return wrk.contest(loads, effort.rounds, { ...pressure, seconds: secondsFor(SECONDS, effort) })
}

function named(name: string, count: number): string {
  return `${name}, ${count} ${count === 1 ? 'thread' : 'threads'}`
}

function rowsOf(reports: Reports, count: number, cores: number): Row[] {
  const speed = (name: string, threads = count) =>
    reports.get(named(name, threads))?.perSecond ?? Number.NaN
  const own = (name: string): Row => {
    const report = reports.get(named(name, count))
    const what = named(name, count)
    const bar = { group: `${count}`, label: name, isOurs: name === OURS }
    const row = { bench: BENCH, what, value: speed(name), unit: 'req/s', bar }
    return report === undefined ? row : { ...row, latency: report.latency }
  }
  const beside = (name: string, least: number): Row => {
    const ratio = speed(OURS) / speed(name)
    const aim = least === 1 ? '> 1 ×' : `>= ${least} ×`
    const met = least === 1 ? ratio > 1 : ratio >= least
    return { ...own(name), beside: 'ours / theirs', ratio, aim, met }
  }
  const nginx = reports.has(named(NGINX, count))
    ? beside(NGINX, 1)
    : skippedRow(BENCH, named(NGINX, count), NGINX_NEEDS)
  return [growth(own(OURS), speed, count, cores), beside(BARE, OF_BARE), nginx]
}

/** More threads must be faster than fewer, and than one bare thread. */
function growth(
  row: Row,
  speed: (name: string, threads?: number) => number,
  count: number,
  cores: number,
): Row {
  if (count === 1) return row
  const onTwo = cores === 2
  const [peer, least] = onTwo ? [BARE, OF_ONE_BARE] : [OURS, 1]
  const ratio =
    row.value / speed(peer, onTwo ? 1 : Math.max(...steps(cores).filter((n) => n < count)))
  const beside = onTwo ? 'ours / one bare thread' : 'ours / ours with the step before'
  const aim = onTwo ? `>= ${least} ×` : `> ${least} ×`
  return { ...row, beside, ratio, aim, met: onTwo ? ratio >= least : ratio > least }
}
