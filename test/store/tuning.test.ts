import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { adopt } from '../../src/store/adopt.js'
import { itemBytes } from '../../src/store/assembler.js'
import { check } from '../../src/store/check.js'
import { C_PLANNED, C_RULE } from '../../src/store/layout.js'
import { CONTEST, RULES, S3_FIFO } from '../../src/store/rules.js'
import type { Store } from '../../src/store/store.js'
import { type Bench, bench, SEED } from './pen.js'

const test = suite('tuning')
const value = Buffer.alloc(1_000, 1)
const each = itemBytes(7, 0, 1_000)

/** Asks for the key as an application does: a get, and on a miss a put. Whether it was a hit. */
function ask(b: Bench, store: Store, space: number, n: number): boolean {
  const key = `k${n}`.padEnd(7, '_')
  b.pen.scratch.encode(key)
  const hash = b.pen.scratch.hash(SEED)
  const { words, length } = b.pen.scratch
  if (b.reader.bytesOf(hash, words, length, space) !== undefined) return true
  store.put(b.pen.write(space, key, value), 0)
  return false
}

/** A loop over more keys than fit; its hits. */
function loop(b: Bench, store: Store, space: number, keys: number, rounds: number): number {
  let hits = 0
  for (let n = 0; n < keys * rounds; n++) hits += ask(b, store, space, n % keys) ? 1 : 0
  return hits
}

/** Each key three times in a while, and never again. */
function recent(b: Bench, store: Store, space: number, count: number): number {
  let hits = 0
  for (let n = 0; n < count; n++) {
    for (const ago of [0, 60, 120]) hits += ask(b, store, space, 10_000 + n - ago) ? 1 : 0
  }
  return hits
}

test('a loop longer than the memory has hits, as S3-FIFO has none', () => {
  const b = bench(2 ** 20)
  const hits = loop(b, b.store, 1, 1_500, 8)
  assert.is(b.store.tuning.ruleOf(0), CONTEST)
  assert.ok(hits > 1_500 * 8 * 0.2, `${hits} hits`)
  check(b.store)
})

test('a bucket with a limit is watched where it evicts most, and learns as well', () => {
  const b = bench(4 * 2 ** 20)
  b.store.openSpace(2, SEED, each * 300, 0)
  ask(b, b.store, 1, 0)
  assert.is(b.store.tuning.ruleOf(2), S3_FIFO)
  const hits = loop(b, b.store, 2, 500, 12)
  assert.is(b.store.tuning.ruleOf(2), CONTEST)
  assert.is(b.store.tuning.ruleOf(0), S3_FIFO)
  assert.ok(hits > 500 * 12 * 0.3, `${hits} hits`)
  check(b.store)
})

test('where what is recent is asked for, the rule changes over, and back', () => {
  const b = bench(4 * 2 ** 20)
  b.store.openSpace(1, SEED, each * 250, 0)
  recent(b, b.store, 1, 6_000)
  assert.is.not(b.store.tuning.ruleOf(1), CONTEST)
  const hits = recent(b, b.store, 1, 2_000)
  assert.ok(hits > 2_000 * 3 * 0.6, `${hits} hits of ${2_000 * 3}`)
  loop(b, b.store, 1, 400, 40)
  assert.is(b.store.tuning.ruleOf(1), CONTEST)
  check(b.store)
})

test('who takes over goes on by the same rule', () => {
  const b = bench(4 * 2 ** 20)
  b.store.openSpace(1, SEED, each * 250, 0)
  recent(b, b.store, 1, 6_000)
  const rule = b.store.tuning.ruleOf(1)
  const successor = adopt(b.memory, 0)
  assert.is(successor.tuning.ruleOf(1), rule)
  recent(b, successor, 1, 500)
  assert.is.not(successor.tuning.ruleOf(1), CONTEST)
  check(successor)
})

test('whatever stands in its words, the store stays whole', () => {
  const { hitsAt, sketchAt } = bench(2 ** 21).memory.shape
  for (const [word, garbage] of [
    [C_RULE, 99],
    [C_RULE, -5],
    [C_PLANNED, 2 ** 31 - 1],
    [C_PLANNED, -7],
    [hitsAt, 0],
    [hitsAt + 1, 1_000_000],
    [hitsAt + 16, -3],
    [sketchAt, -1],
  ]) {
    const b = bench(2 ** 21)
    loop(b, b.store, 1, 2_500, 1)
    b.memory.words[word] = garbage
    const successor = adopt(b.memory, 0)
    loop(b, successor, 1, 2_500, 2)
    b.memory.words[C_RULE] = Math.max(0, Math.min(RULES.length, b.memory.words[C_RULE]))
    b.memory.words[C_PLANNED] = Math.max(0, b.memory.words[C_PLANNED])
    check(successor)
  }
})

test.run()
