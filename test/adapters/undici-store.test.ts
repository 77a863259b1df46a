import { once } from 'node:events'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { allKeys } from '../../src/adapters/key-pages.js'
import type { CacheKey, CacheValue } from '../../src/adapters/undici/cache-types.js'
import { AnnulusCacheStore, type AnnulusCacheStoreOptions } from '../../src/adapters/undici.js'
import type { CacheBucket } from '../../src/client/cache-bucket.js'
import { CacheError } from '../../src/errors.js'
import { codeOf } from '../engine/opened.js'
import { gate } from './gate.js'
import { type Place, places } from './places.js'

interface Context {
  place: Place
  store: AnnulusCacheStore
  errors: string[]
}

const DAY_MS = 86_400_000

function keyOf(path: string, headers: CacheKey['headers'] = {}, method = 'GET'): CacheKey {
  return { origin: 'http://origin.test', path, method, headers }
}

function responseOf(statusMessage: string, more: Partial<CacheValue> = {}): CacheValue {
  const now = Date.now()
  return {
    statusCode: 200,
    statusMessage,
    headers: { 'x-list': ['a', 'b'], 'content-type': 'text/plain' },
    cacheControlDirectives: { 'max-age': 60, public: true },
    cachedAt: now,
    staleAt: now + 60_000,
    deleteAt: now + 120_000,
    ...more,
  }
}

function storeOver(bucket: CacheBucket, options: Partial<AnnulusCacheStoreOptions> = {}) {
  const errors: string[] = []
  const errorCallback = (error: Error) => {
    errors.push(error instanceof CacheError ? error.code : error.name)
  }
  return { store: new AnnulusCacheStore({ bucket, errorCallback, ...options }), errors }
}

async function write(
  store: AnnulusCacheStore,
  key: CacheKey,
  value: CacheValue,
  ...body: string[]
) {
  const stream = store.createWriteStream(key, value)
  if (stream === undefined) return
  for (const chunk of body) stream.write(Buffer.from(chunk))
  stream.end()
  if (!stream.closed) await once(stream, 'close')
}

/** What is kept for the request: its status message and body. */
async function read(store: AnnulusCacheStore, key: CacheKey): Promise<string | undefined> {
  const found = await store.get(key)
  if (found === undefined) return undefined
  const chunks = [...(found.body as Iterable<Buffer>)]
  return `${found.statusMessage} ${Buffer.concat(chunks)}`
}

for (const [where, open] of places) {
  const test = suite<Context>(`undici's store over ${where}`)

  test.before.each(async (context) => {
    context.place = await open()
    Object.assign(context, storeOver(context.place.bucket))
  })
  test.after.each(({ place }) => place.close())

  test('a response comes back head and body', async ({ store, errors }) => {
    const value = responseOf('OK', { etag: '"abc"' })
    assert.is(await store.get(keyOf('/')), undefined)
    await write(store, keyOf('/'), value, 'äb', 'c')
    const { body, ...head } = (await store.get(keyOf('/'))) ?? {}
    assert.equal(head, value)
    assert.is(`${body}`, 'äbc')
    await write(store, keyOf('/empty'), responseOf('OK'))
    assert.is(await read(store, keyOf('/empty')), 'OK ')
    assert.equal(errors, [])
  })

  test('origins, paths, methods and prefixes are kept apart', async ({ place, store }) => {
    await write(store, keyOf('/a'), responseOf('one'))
    const others = [
      keyOf('/b'),
      keyOf('/a', {}, 'HEAD'),
      { ...keyOf('/a'), origin: 'http://other' },
    ]
    for (const key of others) assert.is(await read(store, key), undefined)
    const { store: other } = storeOver(place.bucket, { prefix: 'other:' })
    assert.is(await read(other, keyOf('/a')), undefined)
    const long = keyOf(`/${'x'.repeat(5_000)}`)
    await write(store, long, responseOf('long'))
    assert.is(await read(store, long), 'long ')
  })

  test('a newer response takes the place of the older', async ({ store }) => {
    await write(store, keyOf('/'), responseOf('one'), 'body one')
    await write(store, keyOf('/'), responseOf('two'), 'two')
    assert.is(await read(store, keyOf('/')), 'two two')
  })

  test('variants are told apart by what they vary by', async ({ store }) => {
    const vary = (language: string | null) => responseOf(`${language}`, { vary: { language } })
    for (const language of ['en', 'de']) {
      await write(store, keyOf('/', { language }), vary(language), 'text')
    }
    await write(store, keyOf('/'), vary(null), 'text')
    assert.is(await read(store, keyOf('/', { language: 'en', other: '1' })), 'en text')
    assert.is(await read(store, keyOf('/', { language: 'de', other: '2' })), 'de text')
    assert.is(await read(store, keyOf('/')), 'null text')
    assert.is(await read(store, keyOf('/', { language: ['en'] })), undefined)
    await write(store, keyOf('/', { language: 'en' }), vary('en'), 'newer')
    assert.is(await read(store, keyOf('/', { language: 'en' })), 'en newer')
    assert.is(await read(store, keyOf('/', { language: 'de' })), 'de text')
  })

  test('a URL that starts to vary answers nobody with what it said before', async ({ store }) => {
    await write(store, keyOf('/'), responseOf('plain'))
    await write(store, keyOf('/', { a: '1' }), responseOf('a', { vary: { a: '1' } }))
    assert.is(await read(store, keyOf('/', { a: '2' })), undefined)
    const both = { a: '1', b: '1' }
    await write(store, keyOf('/', both), responseOf('both', { vary: both }))
    assert.is(await read(store, keyOf('/', { a: '1', b: '2' })), undefined)
    assert.is(await read(store, keyOf('/', both)), 'both ')
    await write(store, keyOf('/', both), responseOf('plain again'))
    assert.is(await read(store, keyOf('/', both)), 'plain again ')
  })

  test('nor once its variants are over', async ({ place, store }) => {
    const deleteAt = Date.now() + 3 * DAY_MS
    await write(store, keyOf('/'), responseOf('plain', { deleteAt }))
    await write(store, keyOf('/', { a: '1' }), responseOf('a', { vary: { a: '1' } }))
    place.clock.advance(2 * DAY_MS)
    assert.is(await read(store, keyOf('/')), undefined)
  })

  test('a variant is found for longer than the first of them lives', async ({ place, store }) => {
    for (const [a, ms] of [
      ['1', 60_000],
      ['2', 7_200_000],
    ] as const) {
      const deleteAt = Date.now() + ms
      await write(store, keyOf('/', { a }), responseOf(a, { vary: { a }, deleteAt }))
    }
    place.clock.advance(3_600_000)
    assert.is(await read(store, keyOf('/', { a: '1' })), undefined)
    assert.is(await read(store, keyOf('/', { a: '2' })), '2 ')
  })

  test('delete takes every method and variant of the URL', async ({ store }) => {
    await write(store, keyOf('/', {}, 'HEAD'), responseOf('head'))
    await write(store, keyOf('/', { a: '1' }), responseOf('a', { vary: { a: '1' } }))
    await write(store, keyOf('/b'), responseOf('b'))
    await store.delete(keyOf('/', {}, 'POST'))
    assert.is(await read(store, keyOf('/', {}, 'HEAD')), undefined)
    assert.is(await read(store, keyOf('/', { a: '1' })), undefined)
    assert.is(await read(store, keyOf('/b')), 'b ')
  })

  test('a writer that is late by a delete brings nothing back', async ({ place, store }) => {
    const language = (language: string) => ({ language })
    const vary = (name: string) => responseOf(name, { vary: language(name) })
    await write(store, keyOf('/', language('en')), vary('en'))
    // Holds the put that comes after the look at how the URL varies.
    const held = gate()
    const reached = gate()
    const slow: CacheBucket = Object.create(place.bucket, {
      put: {
        value: async (...args: Parameters<CacheBucket['put']>) => {
          reached.open()
          await held.opened
          return place.bucket.put(...args)
        },
      },
    })
    const late = write(storeOver(slow).store, keyOf('/', language('de')), vary('de'))
    await reached.opened
    await store.delete(keyOf('/'))
    held.open()
    await late
    assert.is(await read(store, keyOf('/', language('en'))), undefined)
    await write(store, keyOf('/', language('fr')), vary('fr'))
    assert.is(await read(store, keyOf('/', language('en'))), undefined)
    assert.is(await read(store, keyOf('/', language('de'))), undefined)
  })

  test('a response lives until its deleteAt, at most a year', async ({ place, store }) => {
    const now = Date.now()
    await write(store, keyOf('/a'), responseOf('a', { deleteAt: now + 3_600_000 }))
    await write(store, keyOf('/past'), responseOf('past', { deleteAt: now - 1 }))
    await write(store, keyOf('/long'), responseOf('long', { deleteAt: now + 25_000 * DAY_MS }))
    assert.is(await read(store, keyOf('/past')), undefined)
    assert.is(await read(store, keyOf('/a')), 'a ')
    place.clock.advance(3_600_000)
    assert.is(await read(store, keyOf('/a')), undefined)
    place.clock.advance(364 * DAY_MS)
    assert.is(await read(store, keyOf('/long')), 'long ')
    place.clock.advance(DAY_MS)
    assert.is(await read(store, keyOf('/long')), undefined)
  })

  test('a body over the limit is not kept, and no error', async ({ place }) => {
    const { store, errors } = storeOver(place.bucket, { maxEntrySize: 10 })
    await write(store, keyOf('/fits'), responseOf('fits'), '12345', '67890')
    await write(store, keyOf('/over'), responseOf('over'), '12345', '67890', '1')
    assert.is(await read(store, keyOf('/fits')), 'fits 1234567890')
    assert.is(await read(store, keyOf('/over')), undefined)
    const unlimited = storeOver(place.bucket, { maxEntrySize: '1gb' })
    await write(unlimited.store, keyOf('/large'), responseOf('large'), 'x'.repeat(9 * 2 ** 20))
    assert.is(await read(store, keyOf('/large')), undefined)
    assert.equal([errors, unlimited.errors], [[], ['value_too_large']])
  })

  test('a stream that breaks off keeps nothing', async ({ store }) => {
    const stream = store.createWriteStream(keyOf('/'), responseOf('half'))
    assert.ok(stream)
    stream.write(Buffer.from('half'))
    stream.destroy()
    await once(stream, 'close')
    assert.is(await read(store, keyOf('/')), undefined)
  })

  test('what is no response of ours is a miss', async ({ place, store, errors }) => {
    await write(store, keyOf('/'), responseOf('OK'), 'body')
    const [key] = await allKeys(place.bucket, '')
    await place.bucket.put(key, Buffer.from([2, 0, 0, 0, 0]))
    assert.is(await read(store, keyOf('/')), undefined)
    assert.equal(errors, [], 'another format may be a later version of ours')
    await place.bucket.put(key, Buffer.from([1, 4, 0, 0, 0, 123]))
    assert.is(await read(store, keyOf('/')), undefined)
    assert.equal(errors, ['SyntaxError'])
  })

  test('a bucket that is gone fails nobody', async ({ place, store, errors }) => {
    await place.close()
    await write(store, keyOf('/'), responseOf('OK'), 'body')
    assert.is(errors.length, 1)
    assert.is(await read(store, keyOf('/')), undefined)
    await store.delete(keyOf('/'))
    assert.ok(errors.length >= 2)
  })

  test('calls to the bucket itself are not cached', async ({ place, store }) => {
    const { id } = place.bucket
    const origins = [`https://${id}.cache.test`, `http://www.${id}.localhost:7070`]
    const calls = [
      keyOf(`/v1/buckets/${id}/keys/k`),
      ...origins.map((origin) => ({ ...keyOf('/v1/keys/k'), origin })),
    ]
    for (const key of calls) {
      await write(store, key, responseOf('OK'), 'body')
      assert.is(await store.get(key), undefined)
      await store.delete(key)
    }
    assert.equal(await allKeys(place.bucket, ''), [])
  })

  test('an immutable bucket is told of', async () => {
    const place = await open({ immutable: true })
    try {
      const { store, errors } = storeOver(place.bucket)
      await write(store, keyOf('/'), responseOf('one'))
      await write(store, keyOf('/'), responseOf('two'))
      assert.is(await read(store, keyOf('/')), 'one ')
      assert.equal(errors, ['key_exists'])
    } finally {
      await place.close()
    }
  })

  test.run()
}

const test = suite<{ place: Place }>("undici's store")

test.before(async (context) => {
  context.place = await places[0][1]()
})
test.after(({ place }) => place.close())

test('options are checked', async ({ place: { bucket } }) => {
  const code = await codeOf(() => new AnnulusCacheStore({ bucket, maxEntrySize: '5 loaves' }))
  assert.is(code, 'invalid_size')
})

test('a callback that throws fails neither a read nor the end of a body', async ({ place }) => {
  const thrown = ['throws', 'rejects'].map((message) => new Error(message))
  const warnings: Error[] = []
  const note = (warning: Error) => warnings.push(warning)
  process.on('warning', note)
  const getMany = () => Promise.reject(new Error('down'))
  const bucket = Object.assign(Object.create(place.bucket), { getMany, get: getMany })
  const callbacks = [
    () => {
      throw thrown[0]
    },
    () => Promise.reject(thrown[1]),
  ]
  for (const errorCallback of callbacks) {
    const { store } = storeOver(bucket, { errorCallback })
    assert.is(await store.get(keyOf('/')), undefined)
    const stream = store.createWriteStream(keyOf('/'), responseOf('OK'))
    assert.ok(stream)
    await once(stream.end('text'), 'finish', { signal: AbortSignal.timeout(5_000) })
  }
  await new Promise(setImmediate)
  process.off('warning', note)
  assert.equal(
    warnings.map(({ message }) => message),
    ['throws', 'throws', 'rejects', 'rejects'],
  )
})

const step = fc.record({
  act: fc.constantFrom('write', 'write', 'write', 'delete'),
  headers: fc.record({ a: fc.constantFrom('1', '2'), b: fc.constantFrom('1', '2') }),
  names: fc.constantFrom<('a' | 'b')[]>([], ['a'], ['b'], ['a', 'b']),
})

test('whatever is written at one time, no answer is torn, wrong or deleted', async ({ place }) => {
  const play = async (turns: readonly (readonly Step[])[]) => {
    await place.bucket.flush()
    const { store, errors } = storeOver(place.bucket)
    const kept = new Map<string, { step: Step; turn: number }>()
    let deletedTurn = -1
    for (const [turn, steps] of turns.entries()) {
      const acts = steps.map(({ act, headers, names }, i) => {
        if (act === 'delete') return store.delete(keyOf('/'))
        const id = `${turn}.${i}`
        kept.set(id, { step: steps[i], turn })
        const vary = Object.fromEntries(names.map((name) => [name, headers[name]]))
        return write(store, keyOf('/', headers), responseOf(id, { vary }), id)
      })
      await Promise.all(acts)
      if (steps.every(({ act }) => act === 'delete')) deletedTurn = turn
      for (const headers of REQUESTS) {
        const found = await read(store, keyOf('/', headers))
        if (found === undefined) continue
        const [id, body] = found.split(' ')
        assert.is(body, id)
        const from = kept.get(id)
        assert.ok(from && from.turn > deletedTurn, `${id} was deleted in turn ${deletedTurn}`)
        for (const name of from.step.names) assert.is(headers[name], from.step.headers[name])
      }
    }
    assert.equal(errors, [])
  }
  const turns = fc.array(fc.array(step, { minLength: 1, maxLength: 3 }), { maxLength: 8 })
  await fc.assert(fc.asyncProperty(turns, play), { numRuns: 150 })
})

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never
const REQUESTS = ['1', '2'].flatMap((a) => ['1', '2'].map((b) => ({ a, b })))

test.run()
