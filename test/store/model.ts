import { check } from '../../src/store/check.js'
import { History } from './history.js'
import { STAGES } from './store.fuzz.js'

/**
 * Plays so many histories of 40 to 400 steps, each of its own seed; throws with the seed. In mortal
 * ones the writer dies now and then at a random store to memory.
 */
export function playHistories(
  firstSeed: number,
  count: number,
  isMortal = false,
): { steps: number; lost: number; deaths: number } {
  let steps = 0
  let deaths = 0
  let lost = 0
  for (let seed = firstSeed; seed < firstSeed + count; seed++) {
    const history = new History(seed, STAGES[seed % STAGES.length], isMortal)
    const length = 40 + ((seed * 37) % 360)
    try {
      for (let step = 0; step < length; step++) {
        const before = history.world.deaths
        history.step()
        if (history.world.deaths > before) check(history.world.store)
      }
      history.world.verify()
      check(history.world.store)
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause)
      throw new Error(`history of seed ${seed}: ${why}`, { cause })
    }
    steps += length
    lost += history.world.lost
    deaths += history.world.deaths
  }
  return { steps, lost, deaths }
}
