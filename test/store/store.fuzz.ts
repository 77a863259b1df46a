import { check } from '../../src/store/check.js'
import { History, type Stage } from './history.js'

export interface FuzzOptions {
  readonly seed: number
  readonly steps: number
  readonly stage: Stage
  /** All invariants are verified after every so many steps. */
  readonly checkEvery: number
}

/** Memory for a few dozen items: it is full nearly all the time. */
export const FULL: Stage = {
  sizeBytes: 2 ** 20,
  buckets: 3,
  keys: 400,
  lines: 8,
  longest: 60_000,
  shiftEvery: 0,
}
/** Memory for most of the keys, in long chains. */
export const CROWDED: Stage = {
  sizeBytes: 2 ** 21,
  buckets: 2,
  keys: 400,
  lines: 6,
  longest: 9_000,
  shiftEvery: 0,
}
/** Full memory whose pages change class again and again: items and segments move. */
export const SHIFTING: Stage = {
  sizeBytes: 2 ** 21,
  buckets: 2,
  keys: 1_200,
  lines: 60,
  longest: 20_000,
  shiftEvery: 40,
}
export const STAGES = [FULL, CROWDED, SHIFTING]

/** Plays a history and verifies the store's invariants along the way; throws with the step. */
export function fuzzStore({ seed, steps, stage, checkEvery }: FuzzOptions): History {
  const history = new History(seed, stage)
  for (let step = 1; step <= steps; step++) {
    try {
      history.step()
      if (step % checkEvery === 0) {
        check(history.world.store)
      }
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause)
      throw new Error(`seed ${seed}, step ${step}: ${why}`, { cause })
    }
  }
  history.world.verify()
  check(history.world.store)
  return history
}
