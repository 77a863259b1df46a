import { fuzzStore, STAGES } from '../store/store.fuzz.js'

/** A million steps; every invariant of the store is verified after every one of them. */
const STEPS = Number(process.env['ANNULUS_STEPS'] ?? 1_000_000)
/** Steps of one seed: a history that grows for ever would strain nothing new. */
const ROUND = 25_000

export async function soak(): Promise<string> {
  let lost = 0
  let seed = 1_000
  for (let done = 0; done < STEPS; done += ROUND) {
    const stage = STAGES[seed % STAGES.length]
    const steps = Math.min(ROUND, STEPS - done)
    lost += fuzzStore({ seed, steps, stage, checkEvery: 1 }).world.lost
    seed++
    if (seed % 8 === 0) console.log(`${done + steps} steps`)
  }
  return `${STEPS} steps, every invariant after each; ${lost} keys found evicted, none wrong`
}
