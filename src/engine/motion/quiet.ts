import { setTimeout as pass } from 'node:timers/promises'
import { CacheError } from '../../errors.js'
import { BUSY } from '../../store/reader.js'

/** A writer that died in mid-change leaves its line to its successor: that long, at most. */
const MAX_TRIES = 5_000
const EAGER_TRIES = 50

/** Reads once the line is in no change: tries again in later turns, then every millisecond. */
export async function whenQuiet<T>(read: () => T): Promise<T> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    try {
      return read()
    } catch (error) {
      if (error !== BUSY) {
        throw error
      }
    }
    await (tries < EAGER_TRIES ? new Promise((resolve) => setImmediate(resolve)) : pass(1))
  }
  throw new CacheError('busy', 'a line of the table stays in mid-change: try again')
}
