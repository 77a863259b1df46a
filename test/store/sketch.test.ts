import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { remix } from '../../src/hash.js'
import { Memory } from '../../src/store/layout.js'
import { Sketch } from '../../src/store/sketch.js'
import { Chance } from './chance.js'

const test = suite('sketch')

function fresh(items: number) {
  const memory = Memory.create(2 ** 22, 4, 0)
  const sketch = new Sketch(memory)
  sketch.size(items)
  sketch.clear()
  return { memory, sketch }
}

test('a key counts for no less than it was added, and for 15 at most', () => {
  const { sketch } = fresh(2_000)
  const chance = new Chance(5)
  const counts = new Map<number, number>()
  for (let n = 0; n < 1_000; n++) {
    const key = chance.below(200)
    const count = 1 + chance.below(3)
    sketch.add(remix(key), count)
    counts.set(key, (counts.get(key) ?? 0) + count)
  }
  let exact = 0
  for (const [key, count] of counts) {
    const known = sketch.estimate(remix(key))
    assert.ok(known >= Math.min(15, count) && known <= 15, `${key}: ${known} for ${count}`)
    exact += known === Math.min(15, count) ? 1 : 0
  }
  assert.ok(exact > counts.size * 0.9, `${exact} of ${counts.size} are exact`)
})

test('all fades by half after three additions an item, a little with each', () => {
  const { memory, sketch } = fresh(1_000)
  const { sketchAt, sketchLines } = memory.shape
  sketch.add(remix(1), 12)
  for (let n = 12; n < 2_999; n++) sketch.add(remix(77), 1)
  assert.is(sketch.estimate(remix(1)), 12)
  const region = memory.words.subarray(sketchAt, sketchAt + sketchLines * 16)
  for (let n = 0; n < 20; n++) {
    const before = region.slice()
    sketch.add(remix(77), 1)
    let changed = 0
    before.forEach((word, index) => {
      changed += word === region[index] ? 0 : 1
    })
    assert.ok(changed <= 66, `${changed} words at once`)
  }
  assert.is(sketch.estimate(remix(1)), 6)
})

test('it stays within its region, however many items are said to come', () => {
  for (const items of [1, 250, 100_000, 2 ** 31 - 1]) {
    const { memory, sketch } = fresh(items)
    const { sketchAt, sketchLines, pageRecordsAt } = memory.shape
    memory.words.fill(-1, sketchAt, sketchAt + sketchLines * 16)
    for (let n = 0; n < 5_000; n++) {
      sketch.add(remix(n), 3)
      assert.is(sketch.estimate(remix(n)) <= 15, true)
    }
    assert.is(memory.words[sketchAt - 1], 0)
    assert.is(memory.words[pageRecordsAt], 0)
  }
})

test.run()
