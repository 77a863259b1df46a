import * as fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { remix } from '../../src/hash.js'
import { Memory } from '../../src/store/layout.js'
import { MINIATURE_ENTRIES, Miniature } from '../../src/store/miniature.js'
import { CONTEST, EAGER, RECENT, RULES, type Rule, S3_FIFO, WIDE } from '../../src/store/rules.js'
import { Sketch } from '../../src/store/sketch.js'

const test = suite('miniature')

function fresh(rule: Rule, capacity: number): Miniature {
  const miniature = new Miniature(rule, new Sketch(Memory.create(2 ** 20, 4, 0)))
  miniature.capacity = capacity
  return miniature
}

/** The same rules, written down as plainly as can be; the newest stands first. */
class Model {
  private readonly rule: Rule
  private readonly capacity: number
  private small: { key: number; bytes: number; reads: number }[] = []
  private main: { key: number; bytes: number; reads: number }[] = []
  private ghost: { key: number; bytes: number }[] = []

  constructor(rule: Rule, capacity: number) {
    this.rule = rule
    this.capacity = capacity
  }

  access(key: number, bytes: number): boolean {
    const found = [...this.small, ...this.main].find((item) => item.key === key)
    if (found !== undefined) {
      found.reads = Math.min(3, found.reads + 1)
      return true
    }
    const known = this.ghost.some((item) => item.key === key)
    this.ghost = this.ghost.filter((item) => item.key !== key)
    if (bytes <= this.capacity) {
      while (sum(this.small) + sum(this.main) + bytes > this.capacity) this.evict()
      const queue = known || this.rule.direct ? this.main : this.small
      queue.unshift({ key, bytes, reads: 0 })
    }
    return false
  }

  private evict(): void {
    const share = Math.floor(this.capacity * this.rule.smallShare)
    for (;;) {
      const isMain = this.small.length === 0 || sum(this.main) > this.capacity - share
      const item = isMain && this.main.length > 0 ? this.main.pop() : this.small.pop()
      if (item === undefined) return
      if (isMain && item.reads > 0) {
        this.main.unshift({ ...item, reads: item.reads - 1 })
      } else if (!isMain && item.reads >= this.rule.promoteAt) {
        this.main.unshift({ ...item, reads: 0 })
      } else {
        if (!isMain) this.ghost.unshift({ key: item.key, bytes: item.bytes })
        while (sum(this.ghost) > this.capacity * 0.9) this.ghost.pop()
        return
      }
    }
  }
}

function sum(items: readonly { bytes: number }[]): number {
  return items.reduce((bytes, item) => bytes + item.bytes, 0)
}

for (const [name, rule] of Object.entries({ S3_FIFO, WIDE, EAGER, RECENT })) {
  test(`${name}: it hits and misses as the plain model does`, () => {
    const accesses = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 50, maxLength: 400 })
    fc.assert(
      fc.property(accesses, fc.integer({ min: 1, max: 9 }), (keys, largest) => {
        const miniature = fresh(rule, 100)
        const model = new Model(rule, 100)
        keys.forEach((key, n) => {
          const bytes = 1 + (remix(key) % largest)
          assert.is(miniature.access(remix(key), bytes), model.access(key, bytes), `access ${n}`)
        })
      }),
      { numRuns: 100 },
    )
  })
}

test('a loop longer than it is: the contest keeps a part of it, the others nothing', () => {
  const hits = [CONTEST, S3_FIFO, WIDE, EAGER, RECENT].map((rule) => {
    const miniature = fresh(rule, 100)
    let count = 0
    for (let n = 0; n < 4_000; n++) count += miniature.access(remix(n % 200), 1) ? 1 : 0
    return count
  })
  assert.ok(hits[0] > 1_500, `${hits[0]} of 4,000`)
  assert.equal(hits.slice(1), [0, 0, 0, 0])
})

test('items smaller than planned: it holds as many as it has entries, and goes on', () => {
  for (const rule of RULES) {
    const miniature = fresh(rule, 1e9)
    for (let n = 0; n < MINIATURE_ENTRIES * 3; n++) miniature.access(remix(n), 1)
    assert.ok(miniature.access(remix(MINIATURE_ENTRIES * 3 - 1), 1))
    assert.not(miniature.access(remix(1), 2e9), 'what does not fit is not kept')
  }
})

test.run()
