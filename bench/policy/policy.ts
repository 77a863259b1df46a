import { sizeOf, type Trace } from './trace-file.js'

/** A cache that is only an eviction policy: keys are small whole numbers, values are left out. */
export interface Policy {
  /** Asks for a key and, where it is missing, admits it. Whether it was there. */
  access(key: number, size: number): boolean
}

/** Plays a trace through a policy and gives the misses. */
export function missesOf(policy: Policy, trace: Trace): number {
  let misses = 0
  for (let i = 0; i < trace.keys.length; i++) {
    if (!policy.access(trace.keys[i], sizeOf(trace, i))) misses++
  }
  return misses
}
