import fc from 'fast-check'
import { suite } from 'uvu'
import { play } from './play.js'
import { scripts } from './script.js'

const test = suite('motion, in every order that the scheduler finds')
const isSoak = process.env['ANNULUS_SOAK'] === '1'
const runs = Number(process.env['ANNULUS_HISTORIES'] ?? (isSoak ? 3_000 : 40))
const seed = Number(process.env['ANNULUS_SEED'] ?? Date.now() % 2 ** 31)

const acts = {
  'nodes join and leave': scripts({ bad: false, patched: false, replicas: fc.constant(0) }),
  'the same with copies': scripts({
    bad: false,
    patched: false,
    replicas: fc.constantFrom(1, 2),
  }),
  'hosts go bad': scripts({ bad: true, patched: false, replicas: fc.constant(0) }),
  'hosts go bad, and there are copies': scripts({
    bad: true,
    patched: false,
    replicas: fc.constantFrom(1, 2),
  }),
  'replicas and tier change on the way': scripts({ bad: true, patched: true, replicas: fc.nat(2) }),
  'the economy tier': scripts({
    bad: true,
    patched: false,
    replicas: fc.nat(1),
    tier: 'economy',
  }),
}

for (const [name, script] of Object.entries(acts)) {
  test(`${name}: ${runs} plays, seed ${seed}`, async () => {
    await fc.assert(fc.asyncProperty(fc.scheduler(), script, play), {
      numRuns: runs,
      seed,
      includeErrorInReport: true,
      endOnFailure: process.env['ANNULUS_NO_SHRINK'] === '1',
    })
  })
}

test.run()
