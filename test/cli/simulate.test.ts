import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { simulate, simulationLines } from '../../src/cli/simulate.js'
import { annulus } from './command.js'

const simulating = suite('cli simulate')

simulating('modulo moves nearly all keys, the ring about 1 in N + 1', () => {
  const { modulo, ring } = simulate({ nodes: 15, add: 1, keys: 100_000, virtualNodes: 1_024 })
  assert.ok(Math.abs(modulo.moved / 93_750 - 1) < 0.01, `${modulo.moved}`)
  assert.ok(ring.moved <= (1.1 * 100_000) / 16, `${ring.moved}`)
  assert.ok(ring.moved >= (0.9 * 100_000) / 16, `${ring.moved}`)
  assert.ok(ring.peak < 1.1 && modulo.peak < 1.1)
})

simulating('the table shows both side by side', () => {
  const options = { nodes: 15, add: 1, keys: 1_000_000, virtualNodes: 1_024 }
  const simulation = {
    modulo: { moved: 937_500, peak: 1.01 },
    ring: { moved: 62_817, peak: 1.0234 },
  }
  assert.equal(simulationLines(options, simulation), [
    '1,000,000 keys, 15 nodes, then 16',
    '',
    '                          modulo     ring   least possible',
    'keys that change owner   937,500   62,817           62,500',
    'share of all keys        93.75 %   6.28 %           6.25 %',
    'fullest node / average     1.010    1.023            1.000',
  ])
})

simulating('the command prints it', () => {
  const { status, stdout, stderr } = annulus([
    ...['ring', 'simulate', '--nodes', '3', '--add', '2', '--keys', '20000'],
  ])
  assert.is(stderr, '')
  assert.is(status, 0)
  assert.match(stdout, /^20,000 keys, 3 nodes, then 5\n/)
  assert.match(stdout, /change owner +\d\d,\d{3} +[\d,]+ +8,000\n/)
})

simulating('the same question has the same answer', () => {
  const options = { nodes: 4, add: 1, keys: 5_000, virtualNodes: 16 }
  assert.equal(simulate(options), simulate(options))
})

simulating.run()
