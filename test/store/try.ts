import { CROWDED, FULL, fuzzStore } from './store.fuzz.js'

const [a, b, c] = process.argv.slice(2).map(Number)
for (let s = a; s < a + b; s++) {
  const t0 = performance.now()
  const h = fuzzStore({ seed: s, steps: c, stage: s % 2 ? CROWDED : FULL, checkEvery: 1 })
  console.log(
    s,
    h.world.lost,
    h.world.buckets
      .map((x) => JSON.stringify(h.world.store.counts(x.space, h.world.now)))
      .join('\n'),
    (performance.now() - t0).toFixed(0),
  )
}
