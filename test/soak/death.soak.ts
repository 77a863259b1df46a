import { besieged, dying, type Siege } from '../node/dying.js'

const STORMS = 12
const SECONDS = 3
const DEATHS = Number(process.env['ANNULUS_DEATHS'] ?? 1_000)
const FIRST_SEED = Number(process.env['ANNULUS_SEED'] ?? 1)
/** Deaths of one child. */
const SIEGE = 100
const ITEMS = 1_000_000
/** By then the spare thread stands by again: so far apart are the deaths whose pauses are measured. */
const APART_MS = 800

/** Workers die under load, at random instants and in all ways; throws where a write was lost. */
export async function soak(): Promise<string> {
  const stormy = await storms()
  const inARow: Siege[] = []
  const apart: Siege[] = []
  for (let seed = FIRST_SEED; (seed - FIRST_SEED + 1) * SIEGE <= DEATHS; seed++) {
    // One in four has a million items, and time between its deaths.
    const isLarge = seed % 4 === 1
    const siege = await besieged(SIEGE, seed, isLarge ? ITEMS : 0, isLarge ? APART_MS : 0)
    if (siege.wrong.length > 0 || siege.deaths.length !== SIEGE || siege.state !== 'serving') {
      throw new Error(`siege of seed ${seed}: ${JSON.stringify({ ...siege, deaths: '…' })}`)
    }
    const where = isLarge ? apart : inARow
    where.push(siege)
    console.log(`siege ${seed}: ${siege.orders} orders; ${pauses([siege])}`)
  }
  const orders = [...inARow, ...apart].reduce((sum, siege) => sum + siege.orders, 0)
  console.log(`in a row: ${pauses(inARow)}`)
  console.log(`a million items, ${APART_MS} ms apart: ${pauses(apart)}`)
  return `${stormy}; ${DEATHS} deaths in ${orders} orders: nothing lost, torn or repeated, none went back`
}

async function storms(): Promise<string> {
  let orders = 0
  let deaths = 0
  for (let seed = 1; seed <= STORMS; seed++) {
    const way = ['terminate', 'throw', 'exit', 'oom'][seed % 4]
    const report = await dying(way, SECONDS, seed)
    const wrong = report['wrong'] as string[]
    if (wrong.length > 0 || report['goesOn'] !== true || report['isInOrder'] !== true) {
      throw new Error(`seed ${seed}: ${JSON.stringify(report)}`)
    }
    orders += Number(report['orders'])
    deaths += Number(report['deaths'])
  }
  return `${STORMS} storms, ${orders} orders, ${deaths} deaths`
}

/** How long writes stood still, from the last answer before to the first one after. */
function pauses(sieges: readonly Siege[]): string {
  const all = sieges.flatMap(({ deaths }) => deaths)
  const usual = all.filter(({ way }) => way !== 'oom').map(({ pauseMs }) => pauseMs)
  const filled = all.filter(({ way }) => way === 'oom').map(({ knownMs }) => knownMs)
  return `pause p50 ${at(usual, 0.5)}, p99 ${at(usual, 0.99)}, max ${at(usual, 1)} ms; after a full heap's end p50 ${at(filled, 0.5)}, max ${at(filled, 1)} ms`
}

function at(values: readonly number[], share: number): string {
  const sorted = [...values].sort((a, b) => a - b)
  const value = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]
  return value === undefined ? '-' : value.toFixed(1)
}
