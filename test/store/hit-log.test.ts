import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { itemBytes } from '../../src/store/assembler.js'
import { HitLog } from '../../src/store/hit-log.js'
import { HIT_ENTRIES } from '../../src/store/layout.js'
import { bench, SEED } from './pen.js'

const test = suite('hit log')
const H_HEAD = 16

function drained(log: HitLog, limit = 1e6): number[] {
  const prints: number[] = []
  log.drain(limit, (print) => prints.push(print))
  return prints
}

function scene() {
  const b = bench(4 * 2 ** 20)
  b.store.openSpace(2, SEED, 2 ** 20, 0)
  for (const space of [1, 2]) b.store.put(b.pen.write(space, 'key', Buffer.alloc(100)), 0)
  const log = new HitLog(b.memory)
  const read = (space: number) => {
    b.pen.scratch.encode('key')
    b.reader.bytesOf(b.pen.scratch.hash(SEED), b.pen.scratch.words, b.pen.scratch.length, space)
  }
  return { ...b, log, read }
}

test('a hit of a sampled key of the watched set is noted, with its size; no other is', () => {
  const { log, read } = scene()
  log.watch(0)
  read(1)
  assert.equal(drained(log), [], 'nothing is sampled')
  log.sample(0)
  read(2)
  assert.equal(drained(log), [], 'of another set')
  read(1)
  const sizes: number[] = []
  log.drain(10, (_, bytes) => sizes.push(bytes))
  assert.equal(sizes, [itemBytes(3, 0, 100)])
  log.watch(2)
  log.sample(0)
  read(2)
  assert.is(drained(log).length, 1)
  log.sample(16)
  read(2)
  assert.is(drained(log).length, 0, 'one key in 65,536')
})

test('the writer fetches a bounded number, and what was overwritten is gone', () => {
  const { log, read } = scene()
  log.watch(0)
  log.sample(0)
  for (let n = 0; n < 50; n++) read(1)
  assert.is(drained(log, 20).length, 20)
  assert.is(drained(log).length, 30)
  for (let n = 0; n < HIT_ENTRIES + 300; n++) read(1)
  assert.is(drained(log).length, HIT_ENTRIES)
})

test('wherever races or a death leave its head, it goes on', () => {
  const { log, read, memory } = scene()
  log.watch(0)
  log.sample(0)
  for (const head of [-1, 2 ** 31 - 1, -(2 ** 31), 12_345, 0]) {
    memory.words[memory.shape.hitsAt + H_HEAD] = head
    assert.ok(drained(log).length <= HIT_ENTRIES)
    read(1)
    assert.is(drained(log).length, 1)
    memory.words[memory.shape.hitsAt + H_HEAD] -= 5
    assert.equal(drained(log), [], 'a late store of another reader')
  }
})

test.run()
