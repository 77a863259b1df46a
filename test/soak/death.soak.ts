import { dying } from '../node/dying.js'

const STORMS = 12
const SECONDS = 3

/** Storms of writes in which workers die, one after the other; throws where a write was lost. */
export async function soak(): Promise<string> {
  let orders = 0
  let deaths = 0
  for (let seed = 1; seed <= STORMS; seed++) {
    const way = ['terminate', 'throw', 'exit'][seed % 3]
    const report = await dying(way, SECONDS, seed)
    const wrong = report['wrong'] as string[]
    if (wrong.length > 0 || report['goesOn'] !== true || report['isInOrder'] !== true) {
      throw new Error(`seed ${seed}: ${JSON.stringify(report)}`)
    }
    orders += Number(report['orders'])
    deaths += Number(report['deaths'])
  }
  return `${deaths} deaths of workers in ${orders} writes: none lost, none came back`
}
