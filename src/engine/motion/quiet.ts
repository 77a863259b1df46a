import { patiently } from '../lookup.js'

/** Nobody waits at the other end as for a read: a writer that died in mid-change is given longer. */
const MAX_LOOKS = 5_000

/** Reads once the line is in no change: see `patiently`. */
export function whenQuiet<T>(read: () => T): Promise<T> {
  return patiently(read, MAX_LOOKS)
}
