/**
 * GET and PUT of 100 bytes over HTTP, each server a process of its own, wrk with one thread and 32
 * connections before it. The bare server sends the same bytes, so the ratio is what Annulus adds.
 */
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
import { type Figures, interleave, medianOf } from './rounds.js'
import type { Row } from './row.js'
import { Wrk } from './wrk.js'

const SECONDS = 2
const WARM_SECONDS = 1
/** A yardstick only: the full comparison runs apart. */
const WEBDIS_SECONDS = 1
const NEEDS: readonly Program[] = ['wrk']
const WEBDIS_NEEDS: readonly Program[] = ['webdis', 'redis-server']
const TESTS = [
  { what: 'GET, hit, 100 B', way: 'get', least: 0.9 },
  { what: 'PUT, 100 B', way: 'put', least: 0.8 },
] as const

export async function httpRows(): Promise<Row[]> {
  if (!NEEDS.every(isInstalled)) return TESTS.map(({ what }) => skippedRow('http', what, NEEDS))
  const ours = await startOurs()
  const targets = [ours, await startBare(ours)]
  if (WEBDIS_NEEDS.every(isInstalled)) targets.push(await startWebdis())
  const wrk = new Wrk()
  const rows: Row[] = []
  try {
    for (const { put, get } of targets) {
      await wrk.run(put, WARM_SECONDS) // every key is there from now on
      await wrk.run(get, WARM_SECONDS)
    }
    for (const test of TESTS) rows.push(...rowsOf(test, await contest(wrk, targets, test.way)))
  } finally {
    wrk.remove()
    for (const target of targets) await target.stop()
  }
  return rows
}

async function contest(wrk: Wrk, targets: readonly Target[], way: 'get' | 'put'): Promise<Figures> {
  return interleave(
    targets.map((target) => {
      const seconds = target.name === WEBDIS ? WEBDIS_SECONDS : SECONDS
      return { name: target.name, run: () => wrk.run(target[way], seconds) }
    }),
  )
}

function rowsOf({ what, least }: (typeof TESTS)[number], figures: Figures): Row[] {
  const row = { bench: 'http', unit: 'req/s', beside: 'ours / theirs' }
  const ours = medianOf(figures, OURS)
  const besideRow = (name: string, aim: string, isMet: (ratio: number) => boolean): Row => {
    const value = medianOf(figures, name)
    const ratio = ours / value
    return { ...row, what: `${what}: ${name}`, value, ratio, aim, met: isMet(ratio) }
  }
  return [
    { bench: 'http', what: `${what}: ${OURS}`, value: ours, unit: 'req/s' },
    besideRow(BARE, `>= ${least} ×`, (ratio) => ratio >= least),
    figures.has(WEBDIS)
      ? besideRow(WEBDIS, '> 1 ×', (ratio) => ratio > 1)
      : skippedRow('http', `${what}: ${WEBDIS}`, WEBDIS_NEEDS),
  ]
}
