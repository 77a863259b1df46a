import { createCache } from 'cache-manager'
import { Keyv } from 'keyv'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { KeyvAnnulus } from '../../src/adapters/keyv.js'
import { type Place, places } from './places.js'

for (const [where, open] of places) {
  const test = suite<{ place: Place }>(`cache-manager over ${where}`)

  test.before.each(async (context) => {
    context.place = await open()
  })
  test.after.each(({ place }) => place.close())

  test('sets, gets and deletes, one and many', async ({ place }) => {
    const cache = cacheOver(place)
    await cache.set('a', { n: 1 })
    await cache.mset([
      { key: 'b', value: 2 },
      { key: 'c', value: 3, ttl: 1_000 },
    ])
    assert.equal(await cache.mget(['a', 'b', 'c', 'nobody']), [{ n: 1 }, 2, 3, undefined])
    await cache.del('a')
    await cache.mdel(['b'])
    assert.equal(await cache.mget(['a', 'b', 'c']), [undefined, undefined, 3])
    await cache.clear()
    assert.is(await cache.get('c'), undefined)
  })

  test('a TTL is over when the clock of the nodes says so', async ({ place }) => {
    const cache = cacheOver(place, { ttl: 60_000 })
    await cache.set('k', 'v')
    await cache.set('long', 'v', 120_000)
    place.clock.advance(60_000)
    assert.is(await cache.get('k'), undefined)
    assert.is(await cache.get('long'), 'v')
  })

  test('wrap calls the function once for all who wait, and again after the TTL', async ({
    place,
  }) => {
    const cache = cacheOver(place)
    let calls = 0
    const get = () => cache.wrap('k', async () => ++calls, 60_000)
    assert.equal(await Promise.all([get(), get(), get()]), [1, 1, 1])
    assert.is(await get(), 1)
    place.clock.advance(60_000)
    assert.is(await get(), 2)
  })

  test('caches of two processes share what is in the bucket', async ({ place }) => {
    await cacheOver(place).set('k', 'v')
    assert.is(await cacheOver({ bucket: place.another() }).get('k'), 'v')
  })

  test.run()
}

function cacheOver({ bucket }: Pick<Place, 'bucket'>, options: { ttl?: number } = {}) {
  return createCache({ stores: [new Keyv({ store: new KeyvAnnulus(bucket) })], ...options })
}
