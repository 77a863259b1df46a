import { adopt } from '../../src/store/adopt.js'
import { check } from '../../src/store/check.js'
import { NEVER } from '../../src/store/item.js'
import { CREATED, DONE, MISSING, NO_MEMORY, REPLACED } from '../../src/store/order.js'
import { bench } from './pen.js'

const b = bench(4 * 2 ** 20)
let seed = Number(process.argv[2] ?? 1)
const rnd = (n: number) => {
  seed = (Math.imul(seed, 1103515245) + 12345) >>> 0
  return Math.floor((seed / 2 ** 32) * n)
}
const N = Number(process.argv[3] ?? 20000),
  every = Number(process.argv[4] ?? 50)
const counts: Record<string, number> = {}
let store = b.store
for (let i = 0; i < N; i++) {
  const space = 1 + rnd(4)
  const key = 'k' + rnd(3000)
  const r = rnd(100)
  let out: number
  if (r < 60) {
    const size = rnd(10) === 0 ? rnd(100000) : rnd(300)
    out = store.put(
      b.pen.write(space, key, Buffer.alloc(size, i), {
        deadline: rnd(3) === 0 ? b.clock.now + 1 + rnd(100000) : NEVER,
        type: rnd(4) === 0 ? 'text/plain' : '',
      }),
      b.clock.now,
    )
    if (out === NO_MEMORY) throw new Error('no memory at ' + i)
  } else if (r < 80) out = store.delete(b.pen.write(space, key), b.clock.now)
  else if (r < 90)
    out = store.touch(
      b.pen.write(space, key, '', { deadline: b.clock.now + rnd(1000) }),
      b.clock.now,
    )
  else if (r < 98) {
    b.clock.now += rnd(50)
    store.advance(b.clock.now)
    out = 100
  } else {
    store.sweep(b.clock.now, 64)
    out = 101
    if (rnd(20) === 0) {
      const s = 1 + rnd(4)
      store.killSpace(s)
      while (store.sweep(b.clock.now, 1000));
      store.openSpace(s, 0x1234, rnd(3) === 0 ? 300000 : 0, b.clock.now)
    }
  }
  counts[out] = (counts[out] ?? 0) + 1
  if (i % every === 0) {
    try {
      check(store)
    } catch (e) {
      console.error('at', i, 'op', r, String(e))
      process.exit(1)
    }
  }
  if (i % 5000 === 4999) {
    store = adopt(b.memory, b.clock.now)
    check(store)
  }
}
check(store)
console.log(
  counts,
  [1, 2, 3, 4].map((s) => store.counts(s, b.clock.now)),
)
void [REPLACED, CREATED, DONE, MISSING]
