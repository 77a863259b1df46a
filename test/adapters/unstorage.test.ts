import {
  createStorage,
  prefixStorage,
  restoreSnapshot,
  type Storage,
  type StorageValue,
  snapshot,
} from 'unstorage'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import annulusDefault, { annulusDriver } from '../../src/adapters/unstorage.js'
import { codeOf } from '../engine/opened.js'
import { type Place, places } from './places.js'

interface Context {
  place: Place
  storage: Storage
}

for (const [where, open] of places) {
  const test = suite<Context>(`unstorage over ${where}`)

  test.before.each(async (context) => {
    context.place = await open()
    context.storage = createStorage({ driver: annulusDriver({ bucket: context.place.bucket }) })
  })
  test.after.each(({ place }) => place.close())

  test('an empty storage has nothing', async ({ storage }) => {
    assert.is(await storage.hasItem('a:b'), false)
    assert.is(await storage.getItem('a:b'), null)
    assert.is(await storage.getItemRaw('a:b'), null)
    assert.equal(await storage.getKeys(), [])
    assert.equal({ ...(await storage.getMeta('a:b')) }, {})
    await storage.removeItem('a:b')
    await storage.clear()
  })

  test('values come back as what they were', async ({ storage }) => {
    const values = [
      'text',
      '',
      '\ufeff🦆',
      0,
      1.5,
      true,
      false,
      { deep: [1, { a: null }] },
      [1, 'b'],
    ]
    for (const [i, value] of values.entries()) {
      await storage.setItem(`values:${i}`, value)
      assert.equal(await storage.getItem(`values:${i}`), value)
    }
    await storage.setItem('dated', { toJSON: () => 'as JSON has it' })
    assert.is(await storage.getItem('dated'), 'as JSON has it')
    await storage.setItem('values:0', undefined as unknown as string)
    assert.is(await storage.hasItem('values:0'), false, 'setting undefined removes')
  })

  test('raw values are bytes, whatever held them', async ({ storage }) => {
    const bytes = Buffer.from([0, 1, 128, 255])
    const whole = new Uint8Array([9, ...bytes, 9])
    const held = [
      bytes,
      new Uint8Array(bytes),
      new Uint8Array(bytes).buffer,
      new DataView(whole.buffer, 1, 4),
      new Uint16Array(new Uint8Array(bytes).buffer),
    ]
    for (const value of held) {
      await storage.setItemRaw('raw', value)
      assert.equal(Buffer.from((await storage.getItemRaw<Uint8Array>('raw')) ?? []), bytes)
    }
    await storage.setItemRaw('raw', 'text')
    assert.is(await storage.getItem('raw'), 'text')
    assert.is(await codeOf(() => storage.setItemRaw('raw', { a: 1 })), 'invalid_body')
  })

  test('the spelling of a key is normal, and a query is no part of it', async ({ storage }) => {
    await storage.setItem('/data/a.json?v=1', 'one')
    assert.is(await storage.getItem('data:a.json'), 'one')
    assert.equal(await storage.getKeys(), ['data:a.json'])
  })

  test('many are set and got together, in their order', async ({ storage }) => {
    await storage.setItems<StorageValue>([
      { key: 'm:1', value: 'one' },
      { key: 'm:2', value: { n: 2 }, options: { ttl: 10 } },
      { key: 'm:3', value: 3 },
    ])
    const got = await storage.getItems(['m:3', { key: 'm:1' }, 'nobody', 'm:2'])
    assert.equal(
      got.map(({ key, value }) => [key, value]),
      [
        ['m:3', 3],
        ['m:1', 'one'],
        ['nobody', null],
        ['m:2', { n: 2 }],
      ],
    )
  })

  test('keys are listed below a base and to a depth', async ({ storage }) => {
    const keys = ['a', 'd:a', 'd:b', 'd:e:c', 'dd:a']
    for (const key of keys) await storage.setItem(key, 'v')
    assert.equal((await storage.getKeys()).sort(), keys)
    assert.equal((await storage.getKeys('d')).sort(), ['d:a', 'd:b', 'd:e:c'])
    assert.equal((await storage.getKeys('d', { maxDepth: 1 })).sort(), ['d:a', 'd:b'])
    assert.equal(await storage.getKeys('none'), [])
  })

  test('clear takes what is below a base, or all', async ({ place, storage }) => {
    for (const key of ['a:1', 'a:b:1', 'ab:1']) await storage.setItem(key, 'v')
    // createStorage itself tells only whole mounts to clear themselves.
    await annulusDriver({ bucket: place.bucket }).clear?.('a:', {})
    assert.equal(await storage.getKeys(), ['ab:1'])
    await storage.clear()
    assert.equal(await storage.getKeys(), [])
  })

  test('a TTL is seconds, or a duration: of the item, else of the driver', async (context) => {
    const { place } = context
    const driver = annulusDriver({ bucket: place.bucket, ttl: 60 })
    const storage = createStorage({ driver })
    await storage.setItem('driver', 'v')
    await storage.setItem('item', 'v', { ttl: 2 })
    await storage.setItemRaw('raw', 'v', { ttl: '90s' })
    await storage.setItem('none', 'v', { ttl: 0 })
    await storage.setItems([{ key: 'all', value: 'v' }], { ttl: 30 })
    const alive = async (afterMs: number) => {
      place.clock.advance(afterMs)
      return (await storage.getKeys()).sort()
    }
    assert.equal(await alive(1_999), ['all', 'driver', 'item', 'none', 'raw'])
    assert.equal(await alive(1), ['all', 'driver', 'none', 'raw'])
    assert.equal(await alive(28_000), ['driver', 'none', 'raw'])
    assert.equal(await alive(30_000), ['none', 'raw'])
    assert.equal(await alive(30_000), ['none'])
  })

  test('a TTL of more than a year is cut to one', async ({ place, storage }) => {
    await storage.setItem('k', 'v', { ttl: 1e9 })
    await storage.setItem('endless', 'v', { ttl: Number.POSITIVE_INFINITY })
    place.clock.advance(365 * 86_400_000 - 1)
    assert.equal((await storage.getKeys()).sort(), ['endless', 'k'])
    place.clock.advance(1)
    assert.equal(await storage.getKeys(), [])
  })

  test('what is known of an item: its size, the rest of its life, and what was set', async (context) => {
    const { storage } = context
    await storage.setItem('k', 'äö', { ttl: 30 })
    assert.equal({ ...(await storage.getMeta('k')) }, { size: 4, ttl: 30 })
    await storage.setMeta('k', { mtime: new Date(0), owner: 'me' })
    const meta = await storage.getMeta('k')
    assert.equal({ ...meta }, { size: 4, ttl: 30, mtime: new Date(0), owner: 'me' })
    await storage.removeItem('k', { removeMeta: true })
    assert.equal({ ...(await storage.getMeta('k')) }, {})
  })

  test('storages with a base of their own share a bucket', async ({ place, storage: all }) => {
    const one = createStorage({ driver: annulusDriver({ bucket: place.bucket, base: 'one' }) })
    const two = createStorage({ driver: annulusDriver({ bucket: place.another(), base: 'two:' }) })
    await one.setItem('k', 1)
    await two.setItems([{ key: 'k', value: 2 }])
    assert.equal(await one.getKeys(), ['k'])
    assert.is((await two.getItems(['k']))[0].value, 2)
    assert.equal((await all.getKeys()).sort(), ['one:k', 'two:k'])
    await one.clear()
    assert.equal(await all.getKeys(), ['two:k'])
  })

  test('it can be mounted, snapshot, restored and watched', async ({ place, storage }) => {
    const outer = createStorage()
    outer.mount('cache', annulusDriver({ bucket: place.bucket }))
    await prefixStorage(outer, 'cache').setItem('k', { n: 1 })
    assert.equal(await outer.getKeys(), ['cache:k'])
    const kept = await snapshot(storage, '')
    await storage.clear()
    await restoreSnapshot(storage, kept)
    assert.equal(await storage.getItem('k'), { n: 1 })
    const events: string[] = []
    await storage.watch((event, key) => events.push(`${event} ${key}`))
    await storage.setItem('k', 2)
    await storage.removeItem('k')
    assert.equal(events, ['update k', 'remove k'])
  })

  test('what fails rejects; dispose leaves the bucket as it is', async ({ place, storage }) => {
    await storage.setItem('k', 'v')
    assert.is(await codeOf(() => storage.getItem('x'.repeat(2_000))), 'key_too_long')
    assert.is(await codeOf(() => storage.setItem('k', 'v', { ttl: -1 })), 'invalid_ttl')
    await storage.dispose()
    assert.is(await place.bucket.getText('k'), 'v')
  })

  test('an immutable bucket refuses a second value aloud', async () => {
    const place = await open({ immutable: true })
    try {
      const storage = createStorage({ driver: annulusDriver({ bucket: place.bucket }) })
      await storage.setItem('k', 1)
      assert.is(await codeOf(() => storage.setItem('k', 2)), 'key_exists')
      assert.is(await codeOf(() => storage.setItems([{ key: 'k', value: 2 }])), 'key_exists')
      assert.is(await storage.getItem('k'), 1)
    } finally {
      await place.close()
    }
  })

  test.run()
}

const test = suite('unstorage')

test('the driver is the default export, too', () => {
  assert.is(annulusDefault, annulusDriver)
})

test.run()
