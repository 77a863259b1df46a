import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ManualClock } from '../../src/clock.js'
import { CacheError } from '../../src/errors.js'
import type { Node, NodeOptions } from '../../src/node/node.js'
import { NEVER } from '../../src/store/item.js'
import {
  CREATED,
  DONE,
  EXISTS,
  IF_ABSENT,
  IF_NEVER_PUT,
  IF_PRESENT,
  IF_VERSION,
  MISMATCH,
  MISSING,
  NO_SPACE,
  NO_VERSION,
  OP_DELETE,
  OP_TICK,
  OP_TOUCH,
  REPLACED,
} from '../../src/store/order.js'
import { BASE_MS, Desk } from '../node/desk.js'

export interface ContractOptions extends NodeOptions {
  readonly maxValueBytes: number
}

type Test = (desk: Desk, clock: ManualClock) => Promise<void>

const MIB = 2 ** 20

/** What every kind of node promises. A new kind adds a file with one line: this call. */
export function nodeContract(kind: string, create: (options: ContractOptions) => Node): void {
  const tests = suite(`the contract of nodes: ${kind}`)
  const promise = (name: string, test: Test, memoryBytes = 4 * MIB): void => {
    tests(name, async () => {
      const clock = new ManualClock(BASE_MS)
      const maxValueBytes = memoryBytes / 8
      const options = { id: 'n1', memoryBytes, spaces: 8, clock, baseMs: BASE_MS, maxValueBytes }
      const node = create(options)
      try {
        await test(new Desk(node), clock)
      } finally {
        await node.close()
      }
    })
  }
  promise('put, get, delete, touch', outcomes)
  promise('conditions', conditions)
  promise('no version is used twice, and versions rise', versions)
  promise('orders are settled once each, in the order of submission', settleOrder)
  promise('spaces are opened, killed and used again', spaces)
  promise('counts', counts)
  promise('a deadline is exact to the millisecond', deadlines)
  promise('values from nothing to 8 MiB, as bytes and as text', values, 80 * MIB)
  promise('keys of 1 to 1,024 bytes, content types up to 255', keysAndTypes)
  promise('the queue has a bound, and what is beyond it leaves no trace', queueBound)
  promise('large values meet the bound of the queue as well', queueBytes, 24 * MIB)
  promise('a large value is taken whenever nothing is under way', largeAfterSmall, 24 * MIB)
  promise('close answers everything that was asked', closing)
  promise('figures', figures)
  promise('statistics only grow, whatever becomes of spaces', statistics)
  tests.run()
}

async function outcomes(desk: Desk): Promise<void> {
  await desk.prepare()
  assert.is(await desk.outcome('k', { value: 'one' }), CREATED)
  assert.is(desk.text('k'), 'one')
  assert.is(await desk.outcome('k', { value: Buffer.from('two') }), REPLACED)
  assert.is(desk.text('k'), 'two')
  assert.is(await desk.outcome('k', { op: OP_TOUCH, deadline: 1000 }), DONE)
  assert.is(desk.find('k')?.deadline, 1000)
  assert.is(desk.text('k'), 'two')
  assert.is(await desk.outcome('k', { op: OP_DELETE }), DONE)
  assert.is(desk.find('k'), undefined)
  assert.is(await desk.outcome('k', { op: OP_DELETE }), MISSING)
  assert.is(await desk.outcome('k', { op: OP_TOUCH, deadline: 1000 }), MISSING)
  assert.is(await desk.outcome('k'), CREATED)
}

async function conditions(desk: Desk): Promise<void> {
  await desk.prepare()
  const on = (condition: number, version = 0) => ({ condition, version, value: 'new' })
  assert.is(await desk.outcome('k', on(IF_PRESENT)), MISMATCH)
  assert.is(await desk.outcome('k', on(IF_VERSION, 1)), MISMATCH)
  assert.is(desk.find('k'), undefined)
  const first = await desk.ask('k', { condition: IF_ABSENT, value: 'old' })
  assert.is(first.outcome, CREATED)
  for (const [condition, outcome] of [
    [IF_ABSENT, MISMATCH],
    [IF_NEVER_PUT, EXISTS],
  ]) {
    assert.equal(await desk.ask('k', on(condition)), { outcome, version: first.version })
    assert.is(desk.text('k'), 'old')
  }
  assert.is(await desk.outcome('k', on(IF_VERSION, first.version + 1)), MISMATCH)
  const second = await desk.ask('k', on(IF_VERSION, first.version))
  assert.is(second.outcome, REPLACED)
  assert.is(desk.find('k')?.version, second.version)
  assert.is(await desk.outcome('k', on(IF_PRESENT)), REPLACED)
  const gone = { op: OP_DELETE, condition: IF_VERSION, version: first.version }
  assert.is(await desk.outcome('k', gone), MISMATCH)
  assert.is(await desk.outcome('k', { ...gone, op: OP_TOUCH, deadline: 5 }), MISMATCH)
  const version = desk.find('k')?.version ?? 0
  assert.is(await desk.outcome('k', { ...gone, op: OP_TOUCH, deadline: 5, version }), DONE)
  assert.is(await desk.outcome('k', { ...gone, version }), DONE)
  assert.is(await desk.outcome('k', { ...gone, version }), MISSING)
  assert.is(await desk.outcome('k', { condition: IF_NEVER_PUT }), CREATED)
}

async function versions(desk: Desk): Promise<void> {
  await desk.open(1)
  assert.is(await desk.outcome('k'), NO_VERSION)
  await desk.prepare()
  let last = 0
  for (let n = 0; n < 300; n++) {
    const key = `k${n % 7}`
    const { outcome, version } = await desk.ask(key)
    assert.ok(version > last, `${version} after ${last}`)
    assert.is(desk.find(key)?.version, version)
    if (n % 5 === 0) {
      assert.is(await desk.outcome(key, { op: OP_DELETE }), DONE)
    }
    assert.ok(outcome === CREATED || outcome === REPLACED)
    last = version
  }
}

async function settleOrder(desk: Desk): Promise<void> {
  await desk.prepare()
  const before = desk.ledger.order.length
  const numbers = Array.from({ length: 3_000 }, (_, n) =>
    desk.submit(`k${n % 50}`, { op: n % 3 === 0 ? OP_DELETE : 1, value: String(n) }),
  )
  await desk.ledger.answer(numbers[numbers.length - 1])
  assert.equal(desk.ledger.order.slice(before), numbers)
  assert.is(desk.text('k49'), '2999')
}

async function spaces(desk: Desk): Promise<void> {
  await desk.prepare(0)
  assert.is(await desk.outcome('k', { space: 2 }), NO_SPACE)
  assert.ok(desk.node.isUnused(2))
  await desk.open(2)
  await desk.open(3)
  assert.is(desk.node.isUnused(2), false)
  for (const space of [2, 3]) {
    assert.is(await desk.outcome('k', { space, value: `in ${space}` }), CREATED)
  }
  assert.is(desk.text('k', 2), 'in 2')
  await desk.kill(2)
  assert.is(desk.node.counts(2).items, 0)
  assert.is(await desk.outcome('k', { space: 2 }), NO_SPACE)
  assert.is(desk.text('k', 3), 'in 3')
  await desk.ask('', { op: OP_TICK })
  assert.ok(desk.node.isUnused(2), 'the sweep gives the number back')
  await desk.open(2)
  assert.is(desk.find('k', 2), undefined)
  assert.is(desk.node.counts(2).puts, 0)
  assert.is(await desk.outcome('k', { space: 2, value: 'again' }), CREATED)
  assert.is(desk.text('k', 2), 'again')
}

async function counts(desk: Desk, clock: ManualClock): Promise<void> {
  await desk.prepare()
  for (let n = 0; n < 10; n++) {
    await desk.ask(`k${n}`, { value: 'x'.repeat(100), deadline: n < 4 ? 50 : NEVER })
  }
  await desk.ask('k9', { value: 'y'.repeat(100) })
  await desk.ask('k8', { op: OP_DELETE })
  await desk.ask('k8', { op: OP_DELETE })
  const { bytes } = desk.node.counts(1)
  assert.ok(bytes >= 9 * 132 && bytes < 9 * 264, `${bytes}`)
  clock.advance(50)
  await desk.ask('', { op: OP_TICK })
  const { byteMs, ...rest } = desk.node.counts(1)
  const five = (bytes / 9) * 5
  assert.equal(rest, {
    items: 5,
    bytes: five,
    puts: 11,
    deletes: 1,
    evictions: 0,
    expirations: 4,
    droppedByMove: 0,
  })
  assert.is(byteMs, bytes * 50)
  clock.advance(1000)
  assert.is(desk.node.counts(1).byteMs, bytes * 50 + five * 1000)
}

async function deadlines(desk: Desk, clock: ManualClock): Promise<void> {
  await desk.prepare()
  const ages = [
    1,
    2,
    255,
    256,
    257,
    65_535,
    65_536,
    86_400_000,
    2 ** 32 - 1,
    2 ** 32,
    31_536_000_000,
  ]
  for (const age of ages) {
    await desk.ask(`k${age}`, { value: 'v', deadline: age })
  }
  let time = 0
  for (const age of ages) {
    clock.advance(age - 1 - time)
    assert.is(desk.text(`k${age}`), 'v', `${age} ms: alive in its last one`)
    clock.advance(1)
    assert.is(desk.find(`k${age}`), undefined, `${age} ms: gone`)
    assert.is(await desk.outcome(`k${age}`, { op: OP_DELETE }), MISSING)
    time = age
  }
  assert.is(await desk.outcome('past', { value: 'v', deadline: time }), CREATED)
  assert.is(desk.find('past'), undefined)
  assert.is(await desk.outcome('past', { condition: IF_ABSENT }), CREATED)
}

async function values(desk: Desk): Promise<void> {
  await desk.prepare()
  const noise = Buffer.alloc(8 * MIB)
  for (let n = 0; n < noise.length; n++) {
    noise[n] = (n * 31) ^ (n >>> 8)
  }
  const sizes = [0, 1, 3, 4, 5, 63, 64, 65, 511, 512, 513, 4095, 4096, 4097, 16_000, 65_400]
  for (const size of [...sizes, 65_536, 65_537, 262_144, MIB, 3 * MIB + 1, 8 * MIB]) {
    const value = noise.subarray(0, size)
    assert.ok((await desk.outcome('bytes', { value })) <= REPLACED, `${size}`)
    assert.ok(desk.find('bytes')?.value.equals(value), `${size} bytes`)
  }
  for (const unit of ['a', 'é', '€', '😀']) {
    for (const length of [1, 21, 22, 64, 65, 1_365, 4_095, 4_096, 100_000]) {
      const value = unit.repeat(Math.ceil(length / unit.length))
      await desk.ask('text', { value })
      assert.ok(desk.text('text') === value, `${length} of ${unit}`)
    }
  }
}

async function keysAndTypes(desk: Desk): Promise<void> {
  await desk.prepare()
  for (const length of [1, 2, 3, 4, 5, 63, 64, 65, 1_023, 1_024]) {
    for (const type of ['', 't', 'text', 'é'.repeat(3), 'x'.repeat(254), 'y'.repeat(255)]) {
      const key = 'k'.repeat(length)
      await desk.ask(key, { type, value: `${length}` })
      const found = desk.find(key)
      assert.is(found?.type, type === '' ? undefined : type)
      assert.is(found?.value.toString(), `${length}`)
    }
  }
}

/** Submits until the node refuses, or enough were taken; returns how many were taken. */
function submitMany(desk: Desk, most: number, value: Uint8Array | string): number[] {
  const taken: number[] = []
  for (let n = 0; n < most; n++) {
    try {
      taken.push(desk.submit(`key-${n}`, { value }))
    } catch (error) {
      assert.ok(error instanceof CacheError && error.code === 'overloaded', String(error))
      return taken
    }
  }
  return taken
}

async function queueBound(desk: Desk): Promise<void> {
  await desk.prepare()
  const taken = submitMany(desk, 40_000, '')
  const before = process.memoryUsage().arrayBuffers
  const value = Buffer.alloc(1000)
  for (let n = 0; n < 20_000 && taken.length < 40_000; n++) {
    assert.throws(() => desk.submit(`beyond-${n}`, { value }), isOverloaded)
  }
  assert.ok(process.memoryUsage().arrayBuffers - before < MIB, 'refused orders take no memory')
  for (const number of taken) {
    assert.is((await desk.ledger.answer(number)).outcome, CREATED)
  }
  assert.is(desk.find('beyond-0'), undefined)
  assert.is(desk.node.counts(1).puts, taken.length)
  assert.is(await desk.outcome('beyond-0', { value: 'now' }), CREATED, 'and then it goes on')
}

async function queueBytes(desk: Desk): Promise<void> {
  await desk.prepare()
  for (let round = 0; round < 5; round++) {
    const value = Buffer.alloc(700_000 + round * 333_333, round)
    const taken = submitMany(desk, 20, value)
    assert.ok(taken.length >= 2, 'two of the largest values at once, at least')
    for (const number of taken) {
      assert.ok((await desk.ledger.answer(number)).outcome <= REPLACED)
    }
    assert.ok(desk.find(`key-${taken.length - 1}`)?.value.equals(value))
  }
}

/** Whatever was sent before: an idle node has room for the largest value. */
async function largeAfterSmall(desk: Desk): Promise<void> {
  await desk.prepare()
  for (let size = 1_000; size < 3 * MIB; size = Math.floor(size * 1.37)) {
    for (let n = 0; n < 4; n++) {
      const value = Buffer.alloc(size + n * 4, n)
      assert.ok((await desk.outcome('k', { value })) <= REPLACED, `${size} bytes`)
      assert.is(desk.find('k')?.value.length, value.length)
    }
  }
}

async function closing(desk: Desk): Promise<void> {
  await desk.prepare()
  for (let n = 0; n < 20; n++) {
    await desk.ask('now and then') // so that a worker sleeps, and nobody waits for it in place
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  const numbers = Array.from({ length: 500 }, (_, n) => desk.submit(`k${n}`, { value: `${n}` }))
  const closed = desk.node.close()
  assert.throws(() => desk.submit('late'), isClosed)
  await closed
  for (const [n, number] of numbers.entries()) {
    assert.is((await desk.ledger.answer(number)).outcome, CREATED, `order ${n}`)
    assert.is(desk.text(`k${n}`), `${n}`)
  }
  assert.is(desk.node.state, 'down')
  assert.throws(() => desk.submit('late'), isClosed)
  await desk.node.close()
}

async function figures(desk: Desk): Promise<void> {
  await desk.prepare(2)
  assert.is(desk.node.state, 'serving')
  assert.equal([desk.node.figures().items, desk.node.figures().bytes], [0, 0])
  await desk.ask('k', { value: 'v' })
  await desk.ask('k', { value: 'v', space: 2 })
  const { items, bytes, memoryBytes } = desk.node.figures()
  assert.is(items, 2)
  assert.ok(bytes > 0 && memoryBytes > bytes && memoryBytes <= desk.node.memory.byteLength)
  assert.ok(desk.node.versionsLeft() > 0)
}

async function statistics(desk: Desk, clock: ManualClock): Promise<void> {
  await desk.prepare()
  assert.is(desk.node.lane, 0)
  for (let n = 0; n < 40; n++) await desk.ask(`k${n}`, { value: 'v', deadline: 50 })
  await desk.ask('gone', { value: 'v' })
  await desk.ask('gone', { op: OP_DELETE })
  clock.advance(80)
  await desk.ask('', { op: OP_TICK })
  const first = desk.node.statistics()
  assert.equal([first.puts, first.deletes, first.expirations, first.evictions], [41, 1, 40, 0])
  assert.equal([first.lag.total, first.lag.sum], [40, 40 * 30])
  assert.equal([first.queued, first.quotaEvictions], [0, 0])
  assert.ok(first.latency.total <= 43, 'a part of the orders')
  await desk.ask('stays', { value: 'v' })
  const pages = desk.node.statistics().classes
  assert.is(pages.reduce((sum, { usedChunks }) => sum + usedChunks, 0) >= 1, true)
  await desk.kill(1)
  await desk.ask('', { op: OP_TICK }) // the space is swept, and may be used again
  while (!desk.node.isUnused(1)) await desk.ask('', { op: OP_TICK })
  await desk.open(1)
  await desk.ask('k', { value: 'v' })
  const { puts, deletes, expirations } = desk.node.statistics()
  assert.equal([puts, deletes, expirations], [43, 1, 40])
}

function isOverloaded(error: unknown): boolean {
  return error instanceof CacheError && error.code === 'overloaded'
}

function isClosed(error: unknown): boolean {
  return error instanceof CacheError && error.code === 'closed'
}
