import { Keyv as Keyv5 } from 'keyv'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { KeyvAnnulus } from '../../src/adapters/keyv.js'
import { CacheError } from '../../src/errors.js'
import { skip } from '../skip.js'
import { newer } from './newer.js'
import { type Place, places } from './places.js'

/** What of Keyv 6 is used here; its types cannot stand beside those of 5. */
interface Keyv6 {
  on(event: 'error', listener: (error: unknown) => void): void
  get(key: string): Promise<unknown>
  getMany(keys: string[]): Promise<unknown[]>
  getRaw(key: string): Promise<{ value?: unknown; expires?: number } | undefined>
  set(key: string, value: unknown, ttl?: number): Promise<boolean>
  setMany(entries: { key: string; value: unknown; ttl?: number }[]): Promise<boolean[]>
  setRaw(key: string, value: { value?: unknown; expires?: number }): Promise<boolean>
  setManyRaw(
    entries: { key: string; value: { value?: unknown; expires?: number } }[],
  ): Promise<boolean[]>
  has(key: string): Promise<boolean>
  hasMany(keys: string[]): Promise<boolean[]>
  delete(key: string): Promise<boolean>
  deleteMany(keys: string[]): Promise<boolean[]>
  clear(): Promise<void>
  disconnect(): Promise<void>
  iterator(): AsyncGenerator<[string, unknown]>
  readonly store: unknown
}

interface Module {
  readonly Keyv: new (options: object) => Keyv6
}

const LONG = 'x'.repeat(2_000)
const systemNow = Date.now
const keyv6 = await newer<Module>('keyv')

/** Keyv tells times, not TTLs: its clock stands, so that not a millisecond of them is lost. */
function stopTheClock(): number {
  const now = systemNow()
  Date.now = () => now
  return now
}

function codes(errors: readonly unknown[]): string[] {
  return errors.map((error) => (error instanceof CacheError ? error.code : String(error)))
}

async function listed(keyv: Keyv6): Promise<[string, unknown][]> {
  const found: [string, unknown][] = []
  for await (const entry of keyv.iterator()) found.push(entry)
  return found.sort(([a], [b]) => (a < b ? -1 : 1))
}

/** A Keyv over the place, and the errors that it tells of. */
function keyvOver(
  { Keyv }: Module,
  { bucket }: Place,
  options: object = {},
): { keyv: Keyv6; errors: unknown[] } {
  const errors: unknown[] = []
  const keyv = new Keyv({ store: new KeyvAnnulus(bucket), ...options })
  keyv.on('error', (error) => errors.push(error))
  return { keyv, errors }
}

for (const [where, open] of 'module' in keyv6 ? places : []) {
  const { module } = keyv6 as { module: Module }
  const test = suite<{ place: Place }>(`Keyv 6 over ${where}`)

  test.before.each(async (context) => {
    context.place = await open()
  })
  test.after.each(({ place }) => {
    Date.now = systemNow
    return place.close()
  })

  test('the store stands in Keyv as it is, without a bridge', async ({ place }) => {
    const { keyv } = keyvOver(module, place)
    assert.instance(keyv.store, KeyvAnnulus)
  })

  test('what is set is got, whatever it is made of', async ({ place }) => {
    const { keyv, errors } = keyvOver(module, place)
    const value = { text: '\ufeffäöü 🦆', bytes: Buffer.from([0, 255]), list: [1, null, ':a'] }
    assert.is(await keyv.set('k', value), true)
    assert.equal(await keyv.get('k'), value)
    assert.is(await keyv.get('nobody'), undefined)
    assert.equal(errors, [])
  })

  test('a TTL is over to the millisecond, by the clock of the nodes', async ({ place }) => {
    const now = stopTheClock()
    const { keyv } = keyvOver(module, place, { ttl: 60_000 })
    await keyv.set('k', 'v')
    await keyv.set('part', 'v', 59_999.5)
    await keyv.setRaw('raw', { value: 'v', expires: now + 60_000 })
    await keyv.set('always', 'v', 0)
    const keys = ['k', 'part', 'raw', 'always']
    place.clock.advance(59_999)
    assert.equal(await keyv.getMany(keys), ['v', 'v', 'v', 'v'])
    place.clock.advance(1)
    assert.equal(await keyv.getMany(keys), [undefined, undefined, undefined, 'v'])
    assert.equal(await keyv.hasMany(keys), [false, false, false, true])
  })

  test('many are set with a TTL each, got, asked for and deleted', async ({ place }) => {
    stopTheClock()
    const { keyv, errors } = keyvOver(module, place, { namespace: 'many' })
    const entries = [
      { key: 'a', value: 1, ttl: 1_000 },
      { key: 'b', value: 2 },
      { key: 'c', value: 3, ttl: 1_000 },
      { key: 'd', value: 4, ttl: 5_000 },
    ]
    assert.equal(await keyv.setMany(entries), [true, true, true, true])
    assert.equal(await keyv.getMany(['d', 'c', 'nobody', 'b', 'a']), [4, 3, undefined, 2, 1])
    // Those of setMany stay a little longer in the bucket, though not to a Keyv whose time goes on.
    place.clock.advance(1_000 + 128)
    assert.equal(await keyv.hasMany(['a', 'b', 'c', 'd']), [false, true, false, true])
    assert.equal(await keyv.deleteMany(['b', 'nobody', 'd']), [true, false, true])
    assert.equal(await keyv.getMany(['b', 'd']), [undefined, undefined])
    assert.equal(errors, [])
  })

  test('one TTL makes one batch, or two, and the last value of a key stays', async ({ place }) => {
    let batches = 0
    const counting = new Proxy(place.bucket, {
      get(bucket, name) {
        if (name === 'putMany') batches++
        const member: unknown = Reflect.get(bucket, name)
        return typeof member === 'function' ? member.bind(bucket) : member
      },
    })
    const { keyv } = keyvOver(module, { ...place, bucket: counting })
    // The clock goes on while Keyv makes the end of each: by a millisecond, every hundred entries.
    const from = systemNow()
    let asked = 0
    Date.now = () => from + Math.floor(asked++ / 100)
    const entries = Array.from({ length: 3_000 }, (_, i) => ({
      key: `k${i % 1_000}`,
      value: i,
      ttl: 60_000,
    }))
    await keyv.setMany(entries)
    assert.ok(batches <= 2, `${batches} batches`)
    Date.now = () => from
    const values = await keyv.getMany(entries.slice(0, 1_000).map(({ key }) => key))
    assert.equal(
      values,
      Array.from({ length: 1_000 }, (_, i) => 2_000 + i),
    )
  })

  test('a Keyv 5 that is given the store of a Keyv 6 is told so', async ({ place }) => {
    const store = new KeyvAnnulus(place.bucket)
    assert.ok(new module.Keyv({ store }))
    const errors: unknown[] = []
    const former = new Keyv5({ store })
    former.on('error', (error: unknown) => errors.push(error))
    assert.is(await former.set('k', 'v', 365 * 86_400_000), false)
    assert.equal(codes(errors), ['invalid_option'])
  })

  test('more than a year is cut to one', async ({ place }) => {
    stopTheClock()
    const { keyv, errors } = keyvOver(module, place)
    assert.is(await keyv.set('k', 1, 2 * 365 * 86_400_000), true)
    place.clock.advance(365 * 86_400_000 - 1)
    assert.is(await keyv.has('k'), true)
    place.clock.advance(1)
    assert.is(await keyv.has('k'), false)
    assert.equal(errors, [])
  })

  test('what is over before it is stored ends what was there', async ({ place }) => {
    const now = stopTheClock()
    const { keyv, errors } = keyvOver(module, place)
    for (const key of ['a', 'b', 'c']) await keyv.set(key, 'old')
    assert.is(await keyv.setRaw('a', { value: 'new', expires: now }), true)
    const entries = [
      { key: 'b', value: { value: 'new', expires: now - 1 } },
      { key: 'c', value: { value: 'new', expires: now + 1_000 } },
      { key: 'd', value: { value: 'old', expires: now - 1 } },
      { key: 'd', value: { value: 'new' } },
    ]
    assert.equal(await keyv.setManyRaw(entries), [true, true, true, true])
    assert.equal(await place.bucket.getMany(['a', 'b']), [undefined, undefined])
    assert.equal(await keyv.getMany(['a', 'b', 'c', 'd']), [undefined, undefined, 'new', 'new'])
    assert.equal(await keyv.getRaw('c'), { value: 'new', expires: now + 1_000 })
    assert.equal(errors, [])
  })

  test('namespaces share a bucket, are listed and cleared each for itself', async ({ place }) => {
    const one = keyvOver(module, place, { namespace: 'one' }).keyv
    const two = keyvOver(module, place, { namespace: 'two' }).keyv
    const all = keyvOver(module, place).keyv
    const entries = Array.from({ length: 150 }, (_, i) => ({ key: `${1_000 + i}`, value: i }))
    await one.setMany(entries)
    await two.set('1000', 'other')
    assert.equal(
      await listed(one),
      entries.map(({ key, value }) => [key, value]),
    )
    assert.is((await listed(all)).length, 151)
    assert.is((await listed(all))[0]?.[0], 'one:1000')
    await one.clear()
    assert.equal(await listed(one), [])
    assert.equal(await listed(all), [['two:1000', 'other']])
    assert.equal(await listed(two), [['1000', 'other']])
    await all.clear()
    assert.equal(await listed(two), [])
  })

  test('Keyv 5 and 6 read what the other has stored', async ({ place }) => {
    const { keyv } = keyvOver(module, place, { namespace: 'shared' })
    const former = new Keyv5({ store: new KeyvAnnulus(place.bucket), namespace: 'shared' })
    await former.set('five', { text: ':a', bytes: Buffer.from([5]) }, 60_000)
    await keyv.set('six', { text: ':b', bytes: Buffer.from([6]) }, 60_000)
    assert.equal(await keyv.get('five'), { text: ':a', bytes: Buffer.from([5]) })
    assert.equal(await former.get('six'), { text: ':b', bytes: Buffer.from([6]) })
    assert.is(await former.delete('six'), true)
    await keyv.clear()
    assert.is(await former.get('five'), undefined)
  })

  test('what fails is a miss or false, and told of once', async ({ place }) => {
    const { keyv, errors } = keyvOver(module, place)
    assert.is(await keyv.get(LONG), undefined)
    assert.equal(await keyv.getMany(['a', LONG]), [undefined, undefined])
    assert.is(await keyv.has(LONG), false)
    assert.equal(await keyv.hasMany(['a', LONG]), [false, false])
    assert.is(await keyv.set(LONG, 'v'), false)
    const good = { key: 'good', value: 1, ttl: 1_000 }
    assert.equal(await keyv.setMany([good, { key: LONG, value: 1 }]), [false, false])
    assert.is(await keyv.has('good'), false)
    assert.is(await keyv.delete(LONG), false)
    assert.equal(await keyv.deleteMany([LONG]), [false])
    assert.equal(codes(errors), Array(8).fill('key_too_long'))
    const bare = keyvOver(module, place, { serialization: false })
    assert.is(await bare.keyv.set('k', 'v'), false)
    assert.equal(codes(bare.errors), ['invalid_body'])
  })

  test('nothing is thrown when the cache is gone', async ({ place }) => {
    const { keyv, errors } = keyvOver(module, place)
    await place.close()
    assert.is(await keyv.set('k', 'v'), false)
    assert.is(await keyv.delete('k'), false)
    await keyv.clear()
    assert.is(errors.length, 3)
    assert.is(await keyv.get('k'), undefined)
    assert.equal(await keyv.getMany(['k']), [undefined])
    await keyv.disconnect()
  })

  test('an immutable bucket keeps what it has', async () => {
    const place = await open({ immutable: true })
    try {
      const { keyv, errors } = keyvOver(module, place)
      const entries = ['k', 'l'].map((key) => ({ key, value: key }))
      assert.is(await keyv.set('k', 1), true)
      assert.is(await keyv.set('k', 2), false)
      assert.equal(await keyv.setMany(entries), [false, true])
      assert.is(await keyv.get('k'), 1)
      assert.equal(errors, [])
    } finally {
      await place.close()
    }
  })

  test.run()
}

if ('missing' in keyv6) {
  const test = suite('Keyv 6')
  skip(test, 'Keyv 6', keyv6.missing)
  test.run()
}
