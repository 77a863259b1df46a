import fc from 'fast-check'
import { play } from './play.js'
import { scripts } from './script.js'

/** What may happen in a play, from nodes that come and go to hosts that are lost on the way. */
export const ACTS = {
  'nodes join and leave': scripts({ replicas: fc.constant(0) }),
  'the same with copies': scripts({ replicas: fc.constantFrom(1, 2) }),
  'hosts go bad': scripts({ bad: true, replicas: fc.constant(0) }),
  'hosts go bad, and there are copies': scripts({ bad: true, replicas: fc.constantFrom(1, 2) }),
  'replicas and tier change on the way': scripts({ bad: true, patched: true, replicas: fc.nat(2) }),
  'the economy tier': scripts({ bad: true, replicas: fc.nat(1), tier: 'economy' }),
  'queues and the disk are full at times': scripts({ short: true, replicas: fc.nat(1) }),
  'everything at once': scripts({ bad: true, patched: true, short: true, replicas: fc.nat(2) }),
} as const

/** Plays so many scripts of an act, each in an order that the seed decides; throws the first failure. */
export async function perform(act: keyof typeof ACTS, plays: number, seed: number): Promise<void> {
  const path = process.env['ANNULUS_PATH']
  await fc.assert(fc.asyncProperty(fc.scheduler(), ACTS[act], play), {
    numRuns: plays,
    seed,
    includeErrorInReport: true,
    endOnFailure: process.env['ANNULUS_NO_SHRINK'] === '1',
    ...(path === undefined ? {} : { path }),
  })
}
