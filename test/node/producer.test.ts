import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { CacheError } from '../../src/errors.js'
import { M_HEAD, M_ORIGIN, M_TAIL, MAX_ORDERS } from '../../src/node/mailbox.js'
import { CREATED, REPLACED } from '../../src/store/order.js'
import { Chance } from '../store/chance.js'
import { Pair } from './pair.js'

const test = suite('producer and consumer')

test('orders and answers go through rings of all sizes, wrapped at every place', () => {
  for (const ringWords of [64, 128, 256, 1024]) {
    const chance = new Chance(ringWords)
    const pair = new Pair(ringWords)
    const known = new Map<string, string>()
    for (let n = 0; n < 3_000; n++) {
      const key = `key-${chance.below(40)}`
      const value = String.fromCharCode(97 + (n % 26)).repeat(chance.below(ringWords / 4))
      const type = chance.once(3) ? 'text/plain' : ''
      if (!pair.trySubmit(key, { value, type })) {
        assert.ok(pair.producer.pending > 0, 'an empty ring refuses nothing that it has room for')
        pair.work()
        pair.submit(key, { value, type })
      }
      known.set(key, value)
      if (chance.once(4)) {
        pair.work()
        assert.is(pair.find(key)?.value.toString(), value)
        assert.is(pair.find(key)?.type, type === '' ? undefined : type)
      }
    }
    pair.work()
    for (const [key, value] of known) {
      assert.is(pair.find(key)?.value.toString(), value)
    }
    assert.is(pair.producer.pending, 0)
    assert.equal(
      pair.ledger.order,
      pair.ledger.order.map((_, index) => index),
    )
  }
})

test('a ring that stands anywhere takes any order that fits half of it, once it is empty', () => {
  const ringWords = 65_536
  for (const first of [10, 16_000, 17_000, 20_000, 32_000]) {
    for (const second of [10, 15_000, 18_000, 21_000, 32_000]) {
      const pair = new Pair(ringWords)
      for (const words of [first, second, second, second]) {
        const index = pair.submit('k', { value: Buffer.alloc(words * 4, words) })
        pair.work()
        assert.ok((pair.outcome(index) ?? 0) <= REPLACED, `${first} words, then ${second}`)
        assert.is(pair.find('k')?.value.length, words * 4)
      }
    }
  }
})

test('light traffic stays at the start of the ring', () => {
  const pair = new Pair(2 ** 20)
  for (let n = 0; n < 5_000; n++) {
    pair.submit('k', { value: 'v'.repeat(100) })
    pair.work()
    const { control, mask } = pair.mailbox
    assert.is(control[M_HEAD], control[M_TAIL])
    assert.ok(((control[M_TAIL] - control[M_ORIGIN]) & mask) < 17_000)
  }
})

test('a ring has all of its room wherever it stands', () => {
  for (let sent = 255; sent < 275; sent++) {
    const pair = new Pair(2 ** 17)
    for (let n = 0; n < sent; n++) {
      pair.submit('k', { value: 'v'.repeat(200) })
      pair.work()
    }
    for (let n = 0; n < 1_000; n++) {
      assert.ok(pair.trySubmit(`k${n}`, { value: 'v'.repeat(300) }), `order ${n} after ${sent}`)
    }
    assert.is(pair.work(), 1_000)
    assert.is(pair.find('k999')?.value.length, 300)
  }
})

test('text is laid down in as many bytes as it has, however many were reserved for it', () => {
  const pair = new Pair(4096)
  for (const text of [
    'é'.repeat(100),
    '€'.repeat(50),
    '😀'.repeat(99),
    `a${'é'.repeat(63)}`,
    'é',
  ]) {
    const before = pair.mailbox.control[M_TAIL]
    pair.submit('k', { value: text })
    pair.work()
    const bytes = Buffer.byteLength(text)
    assert.is(pair.find('k')?.value.toString(), text)
    const words = (pair.mailbox.control[M_TAIL] - before) | 0
    const record = 10 + Math.ceil((4 + bytes) / 8) * 2
    assert.ok(words === record || words > 64, `${bytes} bytes took ${words} words`)
  }
})

test('text whose bound crosses the end of the ring, while its bytes would not', () => {
  const pair = new Pair(256)
  for (let n = 0; n < 500; n++) {
    const text = (n % 2 === 0 ? 'é' : 'a').repeat(1 + ((n * 7) % 90))
    const index = pair.submit(`k${n % 3}`, { value: text })
    pair.work()
    assert.ok((pair.outcome(index) ?? 9) <= REPLACED)
    assert.is(pair.find(`k${n % 3}`)?.value.toString(), text)
  }
})

test('what is beyond the bound is refused whole, by number and by bytes', () => {
  for (const value of ['', 'x'.repeat(4_000)]) {
    const pair = new Pair(2 ** 20)
    let taken = 0
    while (pair.trySubmit(`k${taken}`, { value })) {
      taken++
    }
    assert.ok(value === '' ? taken === MAX_ORDERS : taken < MAX_ORDERS && taken > 900, `${taken}`)
    const tail = pair.mailbox.control[M_TAIL]
    for (let n = 0; n < 100; n++) {
      assert.is(pair.trySubmit('beyond', { value }), false)
    }
    assert.is(pair.mailbox.control[M_TAIL], tail)
    assert.is(pair.work(), taken)
    assert.is(pair.find('beyond'), undefined)
    assert.ok(pair.trySubmit('beyond', { value }))
    pair.work()
    assert.ok(pair.find('beyond'))
  }
})

test('numbers and positions go round 2^32', () => {
  const pair = new Pair(256)
  Reflect.set(pair.producer, 'sequence', -20)
  Reflect.set(pair.producer, 'settled', -20)
  pair.mailbox.control[32] = -20
  pair.mailbox.control[17] = -20
  const near = (2 ** 31 - 256) | 0
  pair.mailbox.control[M_HEAD] = near
  pair.mailbox.control[M_TAIL] = near
  Reflect.set(pair.producer, 'tail', near)
  Reflect.set(pair.producer, 'published', near)
  for (let n = 0; n < 100; n++) {
    const index = pair.submit(`k${n}`, { value: `${n}` })
    pair.work()
    assert.is(pair.outcome(index), CREATED, `order ${n}`)
  }
})

test('failing all fails the unsettled ones once, and what comes late changes nothing', () => {
  const pair = new Pair()
  const indexes = [1, 2, 3].map((n) => pair.submit(`k${n}`))
  const error = new CacheError('recovering', 'gone')
  pair.producer.failAll(error)
  assert.is(pair.producer.pending, 0)
  for (const index of indexes) {
    assert.is(pair.ledger.answers.get(index), error)
  }
  pair.producer.collect() // the consumer is behind: this must not count through all numbers
  assert.is(pair.producer.pending, 0)
  pair.work()
})

test.run()
