import { loadTrace } from './trace-file.js'
import { Simulation } from './simulation.js'
import { StoreSimulation } from './store-simulation.js'
const dir = '/work/shared/traces/'
const t = await loadTrace(dir + 'OLTP.gz')
for (const [mem, val] of [[2, 800], [4, 3000], [8, 7000],[2, 1900]] as const) {
  const s = new StoreSimulation(mem * 2 ** 20)
  const m = s.run(t, () => val)
  const n = s.store.counts(1, 0).items
  const alone = new Simulation(n, t.distinct).run(t)
  console.log(mem, 'MiB', val, 'items', n, (100 - m / t.keys.length * 100).toFixed(2), 'policy alone at that', (100 - alone / t.keys.length * 100).toFixed(2))
}
for (const [mem, max] of [[2, 1600], [4, 6000], [8, 14000],[16,14000]] as const) {
  const s = new StoreSimulation(mem * 2 ** 20)
  const val = (i: number) => (Math.imul(t.keys[i] + 1, 0x9e3779b1) >>> 0) / 2 ** 32 * max
  const v2 = (i: number) => Math.floor(val(i))
  const m = s.run(t, v2)
  const n = s.store.counts(1, 0)
  const alone = new Simulation(n.items, t.distinct).run(t)
  console.log('mixed', mem, 'MiB', max, 'items', n.items, n.bytes, (100 - m / t.keys.length * 100).toFixed(2), 'policy alone at that', (100 - alone / t.keys.length * 100).toFixed(2))
}
