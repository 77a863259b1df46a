import { Keyv, type KeyvStoreAdapter } from 'keyv'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import KeyvDefault, { KeyvAnnulus } from '../../src/adapters/keyv.js'
import { CacheError } from '../../src/errors.js'
import { type Place, places } from './places.js'

const LONG = 'x'.repeat(2_000)

/** A Keyv over the place, and the errors that it tells of. */
function keyvOver({ bucket }: Place, options: object = {}): { keyv: Keyv; errors: unknown[] } {
  const errors: unknown[] = []
  const keyv = new Keyv({ store: new KeyvAnnulus(bucket), ...options })
  keyv.on('error', (error: unknown) => errors.push(error))
  return { keyv, errors }
}

function codes(errors: readonly unknown[]): string[] {
  return errors.map((error) => (error instanceof CacheError ? error.code : String(error)))
}

async function listed(keyv: Keyv): Promise<[string, unknown][]> {
  assert.ok(keyv.iterator, 'Keyv takes the store for one that it can iterate over')
  const found: [string, unknown][] = []
  for await (const entry of keyv.iterator({})) found.push(entry)
  return found
}

for (const [where, open] of places) {
  const test = suite<{ place: Place }>(`Keyv 5 over ${where}`)

  test.before.each(async (context) => {
    context.place = await open()
  })
  test.after.each(({ place }) => place.close())

  test('what is set is got, whatever it is made of', async ({ place }) => {
    const { keyv, errors } = keyvOver(place)
    const value = { text: '\ufeffäöü 🦆', bytes: Buffer.from([0, 255]), list: [1, null, false] }
    assert.is(await keyv.set('k', value), true)
    assert.equal(await keyv.get('k'), value)
    assert.is(await keyv.get('nobody'), undefined)
    assert.equal(errors, [])
  })

  test('a TTL is over to the millisecond, by the clock of the nodes', async ({ place }) => {
    const { keyv } = keyvOver(place)
    await keyv.set('k', 'v', 60_000)
    await keyv.set('part', 'v', 59_999.5)
    await keyv.set('always', 'v')
    place.clock.advance(59_999)
    assert.equal(await keyv.get(['k', 'part', 'always']), ['v', 'v', 'v'])
    place.clock.advance(1)
    assert.equal(await keyv.get(['k', 'part', 'always']), [undefined, undefined, 'v'])
    assert.equal(await keyv.has(['k', 'always']), [false, true])
  })

  test('many are set with a TTL each, got, asked for and deleted', async ({ place }) => {
    const { keyv } = keyvOver(place)
    const entries = [
      { key: 'a', value: 1, ttl: 1_000 },
      { key: 'b', value: 2 },
      { key: 'c', value: 3, ttl: 1_000 },
      { key: 'd', value: 4, ttl: 5_000 },
    ]
    assert.equal(await keyv.setMany(entries), [true, true, true, true])
    assert.equal(await keyv.getMany(['d', 'c', 'nobody', 'b', 'a']), [4, 3, undefined, 2, 1])
    place.clock.advance(1_000)
    assert.equal(await keyv.hasMany(['a', 'b', 'c', 'd']), [false, true, false, true])
    assert.is(await keyv.deleteMany(['b', 'nobody']), false, 'not all of them were there')
    assert.is(await keyv.deleteMany(['d']), true)
    assert.equal(await keyv.getMany(['a', 'b', 'c', 'd']), [
      undefined,
      undefined,
      undefined,
      undefined,
    ])
  })

  test('a TTL of more than a year is cut to one', async ({ place }) => {
    const { keyv, errors } = keyvOver(place)
    const tooLong = 2 * 365 * 86_400_000
    assert.is(await keyv.set('k', 1, tooLong), true)
    assert.is(await keyv.set('endless', 1, Number.POSITIVE_INFINITY), true)
    assert.equal(await keyv.setMany([{ key: 'm', value: 1, ttl: tooLong }]), [true])
    place.clock.advance(365 * 86_400_000 - 1)
    assert.equal(await keyv.has(['k', 'endless', 'm']), [true, true, true])
    place.clock.advance(1)
    assert.equal(await keyv.has(['k', 'endless', 'm']), [false, false, false])
    assert.equal(errors, [])
  })

  test('what is over before it is stored ends what was there', async ({ place }) => {
    const { keyv, errors } = keyvOver(place)
    for (const key of ['a', 'b', 'c']) await keyv.set(key, 'old')
    assert.is(await keyv.set('a', 'new', -1), true)
    const entries = [
      { key: 'b', value: 'new', ttl: -1 },
      { key: 'c', value: 'new', ttl: 1_000 },
      { key: 'd', value: 'new', ttl: -1 },
    ]
    assert.equal(await keyv.setMany(entries), [true, true, true])
    assert.equal(await keyv.getMany(['a', 'b', 'c', 'd']), [undefined, undefined, 'new', undefined])
    assert.equal(errors, [])
  })

  test('of a key that is set twice the last value stays, whatever their TTLs', async ({
    place,
  }) => {
    const { keyv, errors } = keyvOver(place)
    const set = (key: string, value: number, ttl?: number) => ({ key, value, ttl })
    await keyv.setMany([set('a', 1, 60_000), set('a', 2, 90_000), set('a', 3, 60_000)])
    await keyv.setMany([set('b', 1), set('c', 1, 9_000), set('c', 2), set('b', 2)])
    await keyv.setMany([set('d', 1, -1), set('d', 2, 60_000), set('e', 1), set('e', 2, -1)])
    assert.equal(await keyv.getMany(['a', 'b', 'c', 'd', 'e']), [3, 2, 2, 2, undefined])
    assert.equal(errors, [])
  })

  test('one bad entry of many leaves nothing stored', async ({ place }) => {
    const { keyv, errors } = keyvOver(place)
    const good = { key: 'good', value: 1, ttl: 1_000 }
    assert.equal(await keyv.setMany([good, { key: LONG, value: 2 }]), [false, false])
    assert.equal(await keyv.setMany([good, { key: 'k', value: 2, ttl: Number.NaN }]), [
      false,
      false,
    ])
    assert.is(await keyv.has('good'), false)
    assert.equal(codes(errors), ['key_too_long', 'invalid_ttl'])
  })

  test('namespaces share a bucket and are cleared each for itself', async ({ place }) => {
    const one = keyvOver(place, { namespace: 'one' }).keyv
    const two = keyvOver(place, { namespace: 'two' }).keyv
    await one.set('k', 1)
    await two.set('k', 2)
    await place.bucket.put('beside', 'v')
    await one.clear()
    assert.is(await one.get('k'), undefined)
    assert.is(await two.get('k'), 2)
    assert.is(await place.bucket.getText('beside'), 'v')
    await keyvOver(place, { namespace: undefined }).keyv.clear()
    assert.is(await place.bucket.getText('beside'), undefined, 'without a namespace all goes')
  })

  test('the iterator gives each key of the namespace once, page after page', async ({ place }) => {
    const { keyv } = keyvOver(place, { namespace: 'one' })
    const other = keyvOver(place, { namespace: 'two' }).keyv
    const entries = Array.from({ length: 250 }, (_, i) => ({ key: `k${i}`, value: i }))
    await keyv.setMany(entries)
    await other.set('k', 'other')
    const found = await listed(keyv)
    assert.is(found.length, 250)
    assert.equal(
      found.sort((a, b) => Number(a[1]) - Number(b[1])),
      entries.map(({ key, value }) => [key, value]),
    )
  })

  test('a read that fails is a miss, and told of once', async ({ place }) => {
    const { keyv, errors } = keyvOver(place)
    assert.is(await keyv.get(LONG), undefined)
    assert.equal(await keyv.getMany(['a', LONG]), [undefined, undefined])
    assert.is(await keyv.has(LONG), false)
    assert.equal(codes(errors), ['key_too_long', 'key_too_long', 'key_too_long'])
    const strict = keyvOver(place, { throwOnErrors: true })
    await assertRejects(() => strict.keyv.get(LONG), 'key_too_long')
  })

  test('a write that fails is false, and told of once', async ({ place }) => {
    const { keyv, errors } = keyvOver(place)
    assert.is(await keyv.set(LONG, 'v'), false)
    assert.is(await keyv.set('k', 'v', Number.NaN), false)
    assert.equal(await keyv.setMany([{ key: LONG, value: 1 }]), [false])
    assert.is(await keyv.delete(LONG), false)
    assert.is(await keyv.deleteMany([LONG]), false)
    const bare = keyvOver(place, { serialize: undefined })
    assert.is(await bare.keyv.set('k', 'v'), false)
    const long = 'key_too_long'
    assert.equal(codes(errors), [long, 'invalid_ttl', long, long, long])
    assert.equal(codes(bare.errors), ['invalid_body'])
  })

  test('nothing is thrown when the cache is gone', async ({ place }) => {
    const { keyv, errors } = keyvOver(place)
    await place.close()
    assert.is(await keyv.set('k', 'v'), false)
    assert.is(await keyv.delete('k'), false)
    assert.is(errors.length, 2)
    assert.is(await keyv.get('k'), undefined)
    assert.equal(await keyv.getMany(['k']), [undefined])
    await keyv.disconnect()
  })

  test('an immutable bucket keeps what it has', async () => {
    const place = await open({ immutable: true })
    try {
      const { keyv, errors } = keyvOver(place)
      assert.is(await keyv.set('k', 1), true)
      assert.is(await keyv.set('k', 2), false)
      assert.equal(
        await keyv.setMany([
          { key: 'k', value: 2 },
          { key: 'l', value: 3 },
        ]),
        [false, true],
      )
      assert.is(await keyv.get('k'), 1)
      assert.equal(errors, [])
    } finally {
      await place.close()
    }
  })

  test.run()
}

const test = suite('Keyv 5')

test('the class has the shape that Keyv 5 gives a store', async () => {
  const { bucket, close } = await places[0][1]()
  const store: KeyvStoreAdapter = new KeyvAnnulus(bucket)
  assert.ok(store)
  await close()
})

test('the class is the default export, too', () => {
  assert.is(KeyvDefault, KeyvAnnulus)
})

test.run()

async function assertRejects(call: () => Promise<unknown>, code: string): Promise<void> {
  const error = await call().then(
    () => undefined,
    (reason: unknown) => reason,
  )
  assert.equal(codes([error]), [code])
}
