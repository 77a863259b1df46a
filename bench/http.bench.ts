/**
 * GET and PUT of 100 bytes over HTTP, each server a process of its own, wrk with one thread and 32
 * connections before it. The bare server sends the same bytes, so the ratio is what Annulus adds.
 */
import { type Effort, FULL, secondsFor } from './effort.js'
import {
  BARE,
  OURS,
  startBare,
  startOurs,
  startWebdis,
  type Target,
  WEBDIS,
} from './http-servers.js'
import { isInstalled, type Program, skippedRow } from './installed.js'
import type { Row } from './row.js'
import { type Reports, Wrk } from './wrk.js'

const SECONDS = 2
const WARM_SECONDS = 1
const NEEDS: readonly Program[] = ['wrk']
const WEBDIS_NEEDS: readonly Program[] = ['webdis', 'redis-server']
const TESTS = [
  { what: 'GET, hit, 100 B', way: 'get', least: 0.93 },
  { what: 'PUT, 100 B', way: 'put', least: 0.85 },
] as const
type Test = (typeof TESTS)[number]

export function httpRows(effort = FULL): Promise<Row[]> {
  return rowsFor(TESTS, effort)
}

export function httpGetRows(effort = FULL): Promise<Row[]> {
  return rowsFor([TESTS[0]], effort)
}

export function httpPutRows(effort = FULL): Promise<Row[]> {
  return rowsFor([TESTS[1]], effort)
}

async function rowsFor(tests: readonly Test[], effort: Effort): Promise<Row[]> {
  if (!NEEDS.every(isInstalled)) return tests.map(({ what }) => skippedRow('http', what, NEEDS))
  const ours = await startOurs()
  const targets: Target[] = [ours, await startBare(ours)]
  if (WEBDIS_NEEDS.every(isInstalled)) targets.push(await startWebdis())
  const wrk = new Wrk()
  const rows: Row[] = []
  try {
    for (const { put, get } of targets) {
      await wrk.run(put, { seconds: WARM_SECONDS }) // every key is there from now on
      await wrk.run(get, { seconds: WARM_SECONDS })
    }
    for (const test of tests) {
      const loads = new Map(targets.map((target) => [target.name, target[test.way]]))
      const seconds = secondsFor(SECONDS, effort)
      rows.push(...rowsOf(test, await wrk.contest(loads, effort.rounds, { seconds })))
    }
  } finally {
    wrk.remove()
    for (const target of targets) await target.stop()
  }
  return rows
}

function rowsOf({ what, least }: Test, reports: Reports): Row[] {
  const ours = reports.get(OURS)?.perSecond ?? Number.NaN
  const own = (name: string): Row => {
    const { perSecond, latency } = reports.get(name) ?? { perSecond: Number.NaN }
    const bar = { group: what, label: name, isOurs: name === OURS }
    const row = { bench: 'http', what: `${what}: ${name}`, value: perSecond, unit: 'req/s', bar }
    return latency === undefined ? row : { ...row, latency }
  }
  const beside = (name: string, aim: string, isMet: (ratio: number) => boolean): Row => {
    const row = own(name)
    const ratio = ours / row.value
    return { ...row, beside: 'ours / theirs', ratio, aim, met: isMet(ratio) }
  }
  return [
    own(OURS),
    beside(BARE, `>= ${least} ×`, (ratio) => ratio >= least),
    reports.has(WEBDIS)
      ? beside(WEBDIS, '> 1 ×', (ratio) => ratio > 1)
      : skippedRow('http', `${what}: ${WEBDIS}`, WEBDIS_NEEDS),
  ]
}
