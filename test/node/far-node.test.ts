import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { systemClock } from '../../src/clock.js'
import { CacheError } from '../../src/errors.js'
import { FarNode } from '../../src/node/far-node.js'
import { M_DONE, M_WAITING, Mailbox } from '../../src/node/mailbox.js'
import { Producer } from '../../src/node/producer.js'
import { WorkerNode } from '../../src/node/worker-node.js'
import { CREATED, REPLACED, STALE } from '../../src/store/order.js'
import { BASE_MS, Desk } from './desk.js'
import type { Errand } from './far-thread.js'
import { Pair } from './pair.js'

const test = suite('a node seen from far')

function host(writers: number): WorkerNode {
  return new WorkerNode({
    id: 'n1',
    memoryBytes: 8 * 2 ** 20,
    spaces: 4,
    clock: systemClock,
    baseMs: BASE_MS,
    maxValueBytes: 100_000,
    writers,
  })
}

function farOf({ memory, mailbox }: Pair): FarNode {
  const { buffer } = memory
  return new FarNode({
    id: 'n1',
    memory: buffer,
    mailbox: mailbox.buffer,
    clock: systemClock,
    baseMs: BASE_MS,
  })
}

async function send(node: WorkerNode, prefix: string, isCutShort = false): Promise<void> {
  const errand: Errand = {
    memory: node.memory,
    mailbox: node.mailboxes[0],
    baseMs: BASE_MS,
    prefix,
    puts: 200,
    isCutShort,
  }
  const worker = new Worker(new URL('./far-thread.js', import.meta.url), { workerData: errand })
  const [code] = await once(worker, 'exit')
  assert.is(code, 0, 'it lived until all was answered')
}

test('threads, one after the other, write through one mailbox while the engine writes as well', async () => {
  const node = host(1)
  const desk = await new Desk(node).prepare()
  let isOver = false
  const own = async () => {
    for (let n = 0; !isOver; n++) await desk.ask(`own ${n % 50}`, { value: `${n}` })
  }
  const owning = own()
  for (const prefix of ['a', 'b', 'c']) {
    await send(node, prefix, prefix === 'b')
    assert.ok(new Mailbox(node.mailboxes[0]).isDrained())
  }
  isOver = true
  await owning
  for (const prefix of ['a', 'b', 'c']) {
    for (let n = 0; n < 200; n++) assert.is(desk.text(`${prefix}${n}`), `${n}`)
    assert.is(desk.text(`${prefix} 299`)?.length, 500)
  }
  assert.is(desk.text('b never'), undefined)
  await node.close()
})

test('a mailbox is taken up only when it is drained', async () => {
  const pair = new Pair()
  pair.submit('k', { value: 'v' })
  pair.producer.publish()
  assert.is(pair.mailbox.isDrained(), false)
  assert.throws(() => new Producer(pair.mailbox, pair.memory.words), RangeError)
  pair.work()
  assert.ok(pair.mailbox.isDrained())
  const far = farOf(pair)
  const desk = new Desk(far)
  const index = desk.submit('k', { value: 'w' })
  await new Promise(setImmediate)
  assert.is(pair.consumers.drain(0), 1)
  assert.is((await desk.ledger.answer(index)).outcome, REPLACED)
})

test('a node that left: what it answered counts, the rest was never carried out', async () => {
  const pair = new Pair()
  const far = farOf(pair)
  const desk = new Desk(far)
  const seen = desk.submit('seen', { value: 'v' })
  await new Promise(setImmediate)
  while (pair.consumers.drain(0) > 0) {}
  const unseen = [desk.submit('unseen'), desk.submit('unseen too')]
  far.gone('left')
  const late = desk.submit('late')
  assert.is(desk.ledger.answers.has(late), false, 'told later, as every caller expects')
  assert.is((await desk.ledger.answer(seen)).outcome, CREATED)
  for (const index of [...unseen, late]) {
    assert.equal(await desk.ledger.answer(index), { outcome: STALE, version: 0 })
  }
  assert.equal(desk.ledger.order, [seen, ...unseen, late])
  assert.is(far.state, 'down')
  for (let n = 0; n < 20_000; n++) desk.submit('more than any queue holds')
  await far.close()
})

test('a node that was lost: what it has not answered may have been stored', async () => {
  const pair = new Pair()
  const far = farOf(pair)
  const desk = new Desk(far)
  const first = desk.submit('k', { value: 'v' })
  far.gone('lost')
  for (const index of [first, desk.submit('k')]) {
    const error = await desk.ledger.answer(index).catch((cause: unknown) => cause)
    assert.ok(error instanceof CacheError && error.code === 'recovering' && error.maybeStored)
  }
  await far.close()
})

test('without a mailbox it is there to be read', async () => {
  const pair = new Pair()
  pair.submit('k', { value: 'v' })
  pair.work()
  const options = { id: 'n1', memory: pair.memory.buffer, clock: systemClock, baseMs: BASE_MS }
  const far = new FarNode({ ...options, mailbox: undefined })
  const desk = new Desk(far)
  assert.is(desk.text('k'), 'v')
  assert.is(far.counts(1).items, 1)
  assert.throws(
    () => desk.submit('k'),
    (cause: unknown) => cause instanceof CacheError && cause.code === 'closed',
  )
  far.gone('left')
  await far.close()
})

test('who writes much does not keep others waiting: a batch of each in turn', () => {
  const pair = new Pair(2 ** 16, 2 ** 22, 3)
  for (let n = 0; n < 1_000; n++) pair.submit(`k${n}`)
  const few = [1, 2].map((writer) => pair.submit(`few ${writer}`, {}, writer))
  pair.publish()
  for (let n = 0; n < 3; n++) pair.consumers.drain(0)
  for (const producer of pair.producers) producer.collect()
  assert.equal(
    few.map((index) => pair.outcome(index)),
    [CREATED, CREATED],
  )
  assert.is(pair.outcome(999), undefined)
  assert.is(pair.work(), 1_000 - 64)
})

test('a producer that sleeps is woken for an empty queue, or for much that is done', () => {
  const pair = new Pair(2 ** 18, 2 ** 23)
  const { control } = pair.mailbox
  const wakes: number[] = []
  const drainAll = () => {
    pair.publish()
    Atomics.store(control, M_WAITING, 1)
    for (let n = pair.consumers.drain(0); n > 0; n = pair.consumers.drain(0)) {
      if (Atomics.compareExchange(control, M_WAITING, 0, 1) === 0) wakes.push(control[M_DONE])
    }
    pair.producer.collect()
  }
  const sent = control[M_DONE]
  for (let n = 0; n < 3_000; n++) pair.submit(`k${n}`, { value: 'v'.repeat(100) })
  drainAll()
  const gaps = wakes.map((at, i) => at - (wakes[i - 1] ?? sent))
  assert.is(wakes.at(-1), sent + 3_000, 'the last answers wake')
  assert.ok(gaps.length > 5, `${gaps}`)
  assert.ok(
    gaps.slice(0, -1).every((gap) => gap > 250 && gap < 600),
    `${gaps}`,
  )
  pair.submit('one')
  drainAll()
  assert.is(wakes.at(-1), sent + 3_001)
})

test('a worker that is to stop carries out what it sees, and not what comes meanwhile', () => {
  const pair = new Pair(2 ** 16, 2 ** 22, 2)
  for (let n = 0; n < 300; n++) pair.submit(`k${n}`, {}, n & 1)
  pair.publish()
  const put = pair.store.put
  pair.store.put = function (order, now) {
    pair.submit('more')
    pair.producer.publish()
    return put.call(this, order, now)
  }
  pair.consumers.finish(0)
  for (const producer of pair.producers) producer.collect()
  assert.is(pair.producers[1].pending, 0)
  assert.is(pair.outcome(300), CREATED)
  assert.ok(pair.producer.pending > 0)
})

test.run()
