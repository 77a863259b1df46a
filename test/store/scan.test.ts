import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { BUSY } from '../../src/store/reader.js'
import { Scanner } from '../../src/store/scan.js'
import { Chance } from './chance.js'
import { crowd } from './crowd.js'
import { BASE_MS, type Bench, bench } from './pen.js'

const test = suite('scan')
const ALL = new Uint8Array(0)

function scannerOf(b: Bench): Scanner {
  return new Scanner(b.memory, () => BASE_MS + b.clock.now, false)
}

function list(scanner: Scanner, limit: number, lines: number, prefix = ''): string[] {
  const keys: string[] = []
  for (let from = 0; from >= 0; ) {
    const page = scanner.scan(1, Buffer.from(prefix), from, limit, lines)
    assert.ok(page.keys.length <= limit, 'more keys than asked for')
    keys.push(...page.keys)
    from = page.next
  }
  return keys
}

for (const [limit, lines] of [
  [1, 1],
  [1, 10_000],
  [7, 3],
  [1_000, 10_000],
]) {
  test(`at rest each key comes once: ${limit} keys, ${lines} lines at a time`, () => {
    const b = bench()
    const keys = [
      ...crowd(b.store, b.pen, 3, 2, 60),
      ...Array.from({ length: 200 }, (_, n) => `p${n}`),
    ]
    for (const key of keys) b.store.put(b.pen.write(1, key), 0)
    b.store.put(b.pen.write(2, 'foreign'), 0)
    assert.equal(list(scannerOf(b), limit, lines).sort(), keys.sort())
  })
}

test('an empty store is listed at once', () => {
  const b = bench()
  assert.equal(scannerOf(b).scan(1, ALL, 0, 10, 1_000_000), { keys: [], next: -1 })
})

test('a prefix is compared in bytes', () => {
  const b = bench()
  for (const key of ['a', 'ab', 'abc', 'b', 'é1', 'é2', 'e1']) b.store.put(b.pen.write(1, key), 0)
  assert.equal(list(scannerOf(b), 3, 50, 'ab').sort(), ['ab', 'abc'])
  assert.equal(list(scannerOf(b), 3, 50, 'é').sort(), ['é1', 'é2'])
  assert.equal(list(scannerOf(b), 3, 50, 'abcd'), [])
})

test('expired keys are left out before they are swept', () => {
  const b = bench()
  b.store.put(b.pen.write(1, 'gone', '', { deadline: 10 }), 0)
  b.store.put(b.pen.write(1, 'kept', '', { deadline: 11 }), 0)
  b.clock.now = 10
  assert.equal(list(scannerOf(b), 10, 10_000), ['kept'])
})

for (let seed = 1; seed <= 20; seed++) {
  test(`a key that lives throughout is found while others come and go (seed ${seed})`, () => {
    const b = bench(2 ** 22)
    const chance = new Chance(seed)
    const keys = crowd(b.store, b.pen, 3, 2, 160)
    const steady = new Set(keys.filter((_, n) => n % 4 === 0))
    const others = keys.filter((key) => !steady.has(key))
    const change = (times: number) => {
      for (let n = 0; n < times; n++) {
        const key = chance.pick(others)
        if (chance.once(2)) b.store.put(b.pen.write(1, key, 'x'.repeat(chance.below(90))), 0)
        else b.store.delete(b.pen.write(1, key), 0)
        const kept = chance.pick([...steady])
        if (chance.once(9)) b.store.put(b.pen.write(1, kept, 'y'.repeat(chance.below(900))), 0)
      }
    }
    change(200)
    for (const key of steady) b.store.put(b.pen.write(1, key), 0)
    const scanner = scannerOf(b)
    const found = new Set<string>()
    for (let from = 0; from >= 0; ) {
      change(12)
      const page = scanner.scan(1, ALL, from, 1 + chance.below(5), 1_000)
      for (const key of page.keys) found.add(key)
      from = page.next
    }
    assert.equal(
      [...steady].filter((key) => !found.has(key)),
      [],
    )
  })
}

test('a line that changes while it is listed is listed again from its start', () => {
  const b = bench()
  for (const key of crowd(b.store, b.pen, 0, 1, 6)) b.store.put(b.pen.write(1, key), 0)
  let asked = 0
  // The prefix is looked at between the two looks at the version.
  const prefix = new Proxy(new Uint8Array(1), {
    get(target, name) {
      if (name !== 'length') return Reflect.get(target, name, target)
      if (asked++ === 2) {
        b.store.table.open(b.store.table.lineAt(0))
        b.store.table.close(b.store.table.lineAt(0))
      }
      return 0
    },
  })
  const { keys } = scannerOf(b).scan(1, prefix, 0, 100, 1)
  assert.is(keys.length, 6)
  assert.ok(asked > 12, 'it was listed twice')
})

test('a line in mid-change is BUSY', () => {
  const b = bench()
  b.store.table.open(b.store.table.lineAt(3))
  assert.throws(
    () => scannerOf(b).scan(1, ALL, 0, 10, 10),
    (error: unknown) => error === BUSY,
  )
})

test.run()
