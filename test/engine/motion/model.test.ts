import { suite } from 'uvu'
import { ACTS, perform } from './acts.js'

/**
 * ANNULUS_SEED and ANNULUS_HISTORIES repeat a run or make it longer; ANNULUS_PATH, as a failure gives
 * it, picks one play of a seed.
 */
const test = suite('motion, in every order that the scheduler finds')
const plays = Number(process.env['ANNULUS_HISTORIES'] ?? 60)
const seed = Number(process.env['ANNULUS_SEED'] ?? Date.now() % 2 ** 31)
console.log(`seed ${seed}, ${plays} plays an act`)

for (const act of Object.keys(ACTS) as (keyof typeof ACTS)[]) {
  test(act, () => perform(act, plays, seed))
}

test.run()
