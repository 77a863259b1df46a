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
class Exact {
  m = new Map<number, number>(); live = 0
  early = process.argv[2] === 'early'
  add(print: number, _s: number, bytes: number, cap: number) {
    const C = Math.floor(cap * 0.9)
    if (this.m.has(print)) return
    if (bytes > C) return
    while (this.live + bytes > C) { const [k, b] = this.m.entries().next().value as [number, number]; this.m.delete(k); this.live -= b }
    this.m.set(print, bytes); this.live += bytes
  }
  take(print: number) {
    const b = this.m.get(print); if (b === undefined) return false
    this.m.delete(print); this.live -= b; return true
  }
}
/** epochs: histogram of live bytes per epoch. */
class Epochs {
  E = Number(process.argv[3] ?? 64)
  m = new Map<number, {e: number, b: number}>(); live = 0; clock = 0
  hist = new Map<number, number>(); tail = 0
  add(print: number, _s: number, bytes: number, cap: number) {
    const e = Math.floor(this.clock * this.E / cap)
    this.m.set(print, { e, b: bytes }); this.clock += bytes; this.live += bytes
    this.hist.set(e, (this.hist.get(e) ?? 0) + bytes)
    while (this.live > cap * 0.9 && this.live - (this.hist.get(this.tail) ?? 0) >= cap*0.9 - cap/this.E/2) { this.live -= this.hist.get(this.tail) ?? 0; this.hist.delete(this.tail); this.tail++ }
  }
  take(print: number) {
    const x = this.m.get(print); if (!x) return false
    this.m.delete(print)
    if (x.e < this.tail) return false
    this.live -= x.b; this.hist.set(x.e, (this.hist.get(x.e) ?? 0) - x.b)
    return true
  }
}
/** clock that a hit turns back, by a share */
class Back {
  m = new Map<number, number>(); clock = 0
  k = Number(process.argv[3] ?? 1)
  add(print: number, _s: number, bytes: number, _cap: number) { this.m.set(print, this.clock); this.clock += bytes }
  take(print: number, _s: number, cap: number, bytes: number) {
    const t = this.m.get(print); if (t === undefined) return false
    this.m.delete(print)
    const ok = this.clock - t <= cap * 0.9
    if (ok) { this.ext(bytes, cap) }
    return ok
  }
  ext(_b: number, _c: number) {}
}
class Uniform {
  m = new Map<number, {t: number, b: number}>(); live = 0; clock = 0; tail = 0
  add(print: number, _s: number, bytes: number, cap: number) {
    this.m.set(print, { t: this.clock, b: bytes }); this.clock += bytes; this.live += bytes
    const over = this.live - cap * 0.9
    if (over > 0) { this.tail += over * (this.clock - this.tail) / this.live; this.live -= over }
  }
  take(print: number) {
    const x = this.m.get(print); if (!x) return false
    this.m.delete(print)
    if (x.t < this.tail) return false
    this.live -= x.b
    return true
  }
}
/** few epochs in a ring of R, epoch = cap/E bytes added, tail interpolated */
class Ring {
  E = Number(process.argv[3] ?? 16); R = Number(process.argv[4] ?? 32)
  m = new Map<number, {e: number, b: number}>(); live = 0; clock = 0
  ring = new Float64Array(Number(process.argv[4] ?? 32)); tail = 0; head = 0
  add(print: number, _s: number, bytes: number, cap: number) {
    this.clock += bytes
    const e = Math.floor(this.clock * this.E / cap)
    while (this.head < e) { this.head++; if (this.head - this.tail >= this.R) this.drop(); this.ring[this.head % this.R] = 0 }
    this.m.set(print, { e: this.head, b: bytes }); this.live += bytes
    this.ring[this.head % this.R] += bytes
    while (this.tail < this.head && this.live - this.ring[this.tail % this.R] / 2 > cap * 0.9) this.drop()
  }
  drop() { this.live -= this.ring[this.tail % this.R]; this.ring[this.tail % this.R] = 0; this.tail++ }
  take(print: number, _s: number, bytes: number) {
    const x = this.m.get(print); if (!x) return false
    this.m.delete(print)
    if (x.e < this.tail) return false
    this.live -= bytes; this.ring[x.e % this.R] -= bytes
    return true
  }
}
const kinds: Record<string, () => any> = { exact: () => new Exact(), early: () => new Exact(), epochs: () => new Epochs(), back: () => new Back(), uniform: () => new Uniform(), ring: () => new Ring() }
const make = (c: number, d: number) => { const s = new Simulation(c, d); (s as any).eviction.ghost = kinds[process.argv[2]](); if (process.argv[2]==='early') (s as any).early = true; return s }
let out = ''
for (const [f, c, want] of rows) {
  const t = await get(f)
  const m = make(c, t.distinct).run({ ...t, sizes: undefined })
  out += `${f.slice(0,5)} ${c} ${(100 - m / t.keys.length * 100).toFixed(2)}/${want}  `
}
console.log(out)
const t = await get('cloudPhysicsIO.oracleGeneral.bin.gz')
const vec = [89307, 82387, 77041, 76791, 71300, 70343, 70455, 70355]
console.log(vec.map((v, i) => make((i + 1) * 128 * 2 ** 20, t.distinct).run(t) + '/' + v).join(' '))
