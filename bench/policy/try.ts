import { loadTrace } from './trace-file.js'
import { Simulation } from './simulation.js'
const dir = '/work/shared/traces/'
const rows: [string, number, number][] = [
  ['OLTP.gz', 250, 21.70], ['OLTP.gz', 500, 32.64], ['OLTP.gz', 1000, 40.84], ['OLTP.gz', 2000, 47.01],
  ['gli.trace.gz', 500, 16.13], ['gli.trace.gz', 1000, 35.05], ['loop.trace.gz', 500, 0], ['multi3.trace.gz', 1000, 45.37],
  ['sprite.trace.gz', 500, 78.89], ['sprite.trace.gz', 1000, 89.35], ['corda_vaultservice.gz', 512, 33.33],
]
const cache = new Map<string, Awaited<ReturnType<typeof loadTrace>>>()
const get = async (f: string) => { let t = cache.get(f); if (!t) { t = await loadTrace(dir + f); cache.set(f, t) } return t }
for (const [f, c, want] of rows) {
  const t = await get(f)
  const t0 = performance.now()
  const m = new Simulation(c, t.distinct).run({ ...t, sizes: undefined })
  console.log(f, c, (100 - m / t.keys.length * 100).toFixed(2), want, (performance.now() - t0).toFixed(0))
}
const t = await get('cloudPhysicsIO.oracleGeneral.bin.gz')
const vec = [89307, 82387, 77041, 76791, 71300, 70343, 70455, 70355]
console.log(vec.map((v, i) => new Simulation((i + 1) * 128 * 2 ** 20, t.distinct).run(t) + '/' + v).join(' '))
