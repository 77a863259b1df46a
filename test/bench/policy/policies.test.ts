import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Arc } from '../../../bench/policy/arc.js'
import { Clock } from '../../../bench/policy/clock.js'
import { peerNames, peers } from '../../../bench/policy/compare.js'
import { FrequencySketch } from '../../../bench/policy/frequency-sketch.js'
import { Lru } from '../../../bench/policy/lru.js'
import { Opt } from '../../../bench/policy/opt.js'
import { missesOf, type Policy } from '../../../bench/policy/policy.js'
import { seeded, zipf } from '../../../bench/policy/random.js'
import { S3Fifo } from '../../../bench/policy/s3-fifo.js'
import { Sieve } from '../../../bench/policy/sieve.js'
import type { Trace } from '../../../bench/policy/trace-file.js'
import { WTinyLfu } from '../../../bench/policy/w-tinylfu.js'
import { mostHits, SlowArc, SlowClock, SlowLru, SlowS3Fifo, SlowSieve } from './slow-policies.js'

const test = suite('bench/policy/policies')
const DISTINCT = 26
const LONGEST = 400

function traceOf(keys: ArrayLike<number>, distinct = DISTINCT): Trace {
  return { keys: Int32Array.from(keys), sizes: undefined, distinct }
}

/** Letters asked for one after the other; the answer has a capital where one was there. */
function play(policy: Policy, letters: string): string {
  const answers = [...letters].map((letter) => {
    const hit = policy.access(letter.charCodeAt(0) - 97, 1)
    return hit ? letter.toUpperCase() : letter
  })
  return answers.join('')
}

test('LRU evicts what was asked for longest ago', () => {
  assert.is(play(new Lru(2, DISTINCT), 'abacab'), 'abAcAb')
})

test('CLOCK gives what was asked for a second chance, and a FIFO gives none', () => {
  // d: a goes round, b leaves. e: c leaves. f: a, unmarked by now, leaves.
  assert.is(play(new Clock(3, DISTINCT), 'abcadaebcfa'), 'abcAdAebcfa')
  assert.is(play(new Clock(3, DISTINCT, 0), 'abcadab'), 'abcAdab')
})

test('SIEVE spares what was asked for where it stands, and its hand goes on', () => {
  // d: the hand unmarks a and takes b. e: it goes on from c. a was spared once, not twice.
  assert.is(play(new Sieve(3, DISTINCT), 'abcadeab'), 'abcAdeAb')
})

test('S3-FIFO: once through S and out, back by the ghost into M', () => {
  const policy = new S3Fifo(10, DISTINCT)
  assert.is(play(policy, 'abcdefghij'), 'abcdefghij')
  // k pushes a out; a is known to the ghost, enters M, and outlives a scan.
  assert.is(play(policy, 'kalmnopqrstuvwxa'), 'kalmnopqrstuvwxA')
  assert.is(play(new S3Fifo(10, DISTINCT), 'aaa'), 'aAA')
})

test('ARC: what came twice outlives a scan', () => {
  assert.is(play(new Arc(3, DISTINCT), 'aabcdefa'), 'aAbcdefA')
})

test('the optimum on the sequence of the textbooks', () => {
  // Page faults of Belady's method with three frames: 9 with forced admission, no more here.
  const letters = 'habcadaeacdfdcabcabhab'
  const trace = traceOf([...letters].map((letter) => letter.charCodeAt(0) - 97))
  const misses = missesOf(new Opt(3, DISTINCT, trace.keys), trace)
  assert.is(letters.length - misses, mostHits([...trace.keys], 3))
})

const sized = fc.record({
  capacity: fc.integer({ min: 1, max: 60 }),
  sizes: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: DISTINCT, maxLength: DISTINCT }),
  keys: fc.array(fc.integer({ min: 0, max: DISTINCT - 1 }), { maxLength: LONGEST }),
})

const slow = [
  ['LRU', Lru, SlowLru],
  ['CLOCK', Clock, SlowClock],
  ['SIEVE', Sieve, SlowSieve],
  ['S3-FIFO', S3Fifo, SlowS3Fifo],
] as const

for (const [name, Fast, Slow] of slow) {
  test(`${name} does what its plain telling does, with sizes`, () => {
    fc.assert(
      fc.property(sized, ({ capacity, sizes, keys }) => {
        const fast = new Fast(capacity, DISTINCT)
        const plain = new Slow(capacity)
        for (const key of keys) {
          assert.is(fast.access(key, sizes[key]), plain.access(key, sizes[key]))
        }
      }),
    )
  })
}

const equal = fc.record({
  capacity: fc.integer({ min: 1, max: 20 }),
  keys: fc.array(fc.integer({ min: 0, max: DISTINCT - 1 }), { maxLength: LONGEST }),
})

test('ARC does what the four cases of the paper say', () => {
  fc.assert(
    fc.property(equal, ({ capacity, keys }) => {
      const fast = new Arc(capacity, DISTINCT)
      const plain = new SlowArc(capacity)
      for (const key of keys) assert.is(fast.access(key, 1), plain.access(key))
    }),
  )
})

test('the optimum has as many hits as the best of all choices', () => {
  const tiny = fc.record({
    capacity: fc.integer({ min: 1, max: 4 }),
    keys: fc.array(fc.integer({ min: 0, max: 6 }), { maxLength: 18 }),
  })
  fc.assert(
    fc.property(tiny, ({ capacity, keys }) => {
      const trace = traceOf(keys)
      const misses = missesOf(new Opt(capacity, DISTINCT, trace.keys), trace)
      assert.is(keys.length - misses, mostHits(keys, capacity))
    }),
  )
})

test('nothing is above the optimum', () => {
  fc.assert(
    fc.property(equal, ({ capacity, keys: list }) => {
      const trace = traceOf(list)
      const least = missesOf(new Opt(capacity, DISTINCT, trace.keys), trace)
      for (const name of peerNames) {
        const misses = missesOf(peers[name](capacity, trace), trace)
        assert.ok(misses >= least, `${name}: ${misses} < ${least}`)
      }
    }),
  )
})

test('where everything fits, a key misses once', () => {
  const keys = Array.from({ length: 2_000 }, (_, i) => (i * i + 3 * i) % 97)
  const trace = traceOf(keys, 100)
  for (const name of peerNames) {
    assert.is(missesOf(peers[name](100, trace), trace), new Set(keys).size, name)
  }
  assert.is(missesOf(new Opt(100, 100, trace.keys), trace), new Set(keys).size)
})

test('W-TinyLFU keeps a part of a loop that is longer than the cache, LRU nothing', () => {
  const trace = traceOf(
    Array.from({ length: 50_000 }, (_, i) => i % 200),
    200,
  )
  assert.is(missesOf(new Lru(100, 200), trace), 50_000)
  assert.ok(missesOf(new WTinyLfu(100, 200), trace) < 0.6 * 50_000)
})

test('W-TinyLFU widens its window where what is new is worth most', () => {
  // Most requests are for one of the last 80 keys: which, frequency cannot tell.
  const random = seeded(1)
  const past: number[] = []
  for (let i = 0; i < 100_000; i++) {
    const back = Math.floor(random() * 80) + 1
    past.push(i > 80 && random() < 0.7 ? past[i - back] : i)
  }
  const trace = traceOf(past, past.length)
  const lru = missesOf(new Lru(100, past.length), trace)
  const misses = missesOf(new WTinyLfu(100, past.length), trace)
  assert.ok(misses < 1.1 * lru, `${misses} misses, LRU ${lru}`)
})

test('W-TinyLFU keeps what is popular better than LRU does', () => {
  const rank = zipf(2_000, 0.9, seeded(2))
  const trace = traceOf(Array.from({ length: 50_000 }, rank), 2_000)
  const lru = missesOf(new Lru(100, 2_000), trace)
  assert.ok(missesOf(new WTinyLfu(100, 2_000), trace) < 0.9 * lru)
})

test('a sketch never counts too few before it halves, and halves', () => {
  const sketch = new FrequencySketch(100)
  const everyKey = Array.from({ length: 100 }, (_, key) => key)
  for (let i = 0; i < 9; i++) for (const key of everyKey) sketch.add(key)
  for (const key of everyKey) assert.ok(sketch.estimate(key) >= 9)
  for (let i = 0; i < 2; i++) for (const key of everyKey) sketch.add(key)
  const sum = everyKey.reduce((total, key) => total + sketch.estimate(key), 0)
  assert.ok(sum < 9 * 100, `${sum}`)
})

test.run()
