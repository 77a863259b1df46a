import { Cacheable } from 'cacheable'
import { Keyv } from 'keyv'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { KeyvAnnulus } from '../../src/adapters/keyv.js'
import { type Place, places } from './places.js'

for (const [where, open] of places) {
  const test = suite<{ place: Place }>(`cacheable over ${where}`)

  test.before.each(async (context) => {
    context.place = await open()
  })
  test.after.each(({ place }) => place.close())

  test('as the only layer: sets, gets and deletes, one and many', async ({ place }) => {
    const cache = new Cacheable({ primary: keyvOver(place.bucket) })
    assert.is(await cache.set('a', { n: 1 }), true)
    await cache.setMany([
      { key: 'b', value: 2 },
      { key: 'c', value: 3 },
    ])
    assert.equal(await cache.getMany(['a', 'b', 'c', 'nobody']), [{ n: 1 }, 2, 3, undefined])
    assert.is(await cache.delete('a'), true)
    assert.is(await cache.has('a'), false)
    await cache.clear()
    assert.is(await cache.get('b'), undefined)
  })

  test('a TTL is over when the clock of the nodes says so', async ({ place }) => {
    const cache = new Cacheable({ primary: keyvOver(place.bucket) })
    await cache.set('k', 'v', '1m')
    assert.is(await cache.get('k'), 'v')
    place.clock.advance(60_000)
    assert.is(await cache.get('k'), undefined)
  })

  test('as the second layer: what one process has set, another gets', async ({ place }) => {
    const one = new Cacheable({ secondary: keyvOver(place.bucket) })
    const two = new Cacheable({ secondary: keyvOver(place.another()) })
    await one.set('k', 'v', '1m')
    assert.is(await two.get('k'), 'v')
    await place.bucket.flush()
    assert.is(await two.get('k'), 'v', 'kept in the memory of the process, as its first layer')
    assert.is(await new Cacheable({ secondary: keyvOver(place.bucket) }).get('k'), undefined)
  })

  test('an adapter can be given without a Keyv around it', async ({ place }) => {
    const cache = new Cacheable({ secondary: new KeyvAnnulus(place.bucket) })
    await cache.set('k', 'v')
    assert.is(await new Cacheable({ secondary: new KeyvAnnulus(place.another()) }).get('k'), 'v')
  })

  test.run()
}

function keyvOver(bucket: Place['bucket']): Keyv {
  return new Keyv({ store: new KeyvAnnulus(bucket) })
}
