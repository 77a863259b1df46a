import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { CacheError, type ErrorCode } from '../src/errors.js'
import { Flights, type Steps } from '../src/flights.js'

const test = suite('flights')

/** A promise that a test settles. */
class Later<T> {
  readonly promise: Promise<T>
  resolve: (value: T) => void = () => {}
  reject: (error: Error) => void = () => {}

  constructor() {
    this.promise = new Promise((resolve, reject) => {
      this.resolve = resolve
      this.reject = reject
    })
  }
}

type Box = { readonly text: string }
const boxed = (text: string): Box => ({ text })
const flightsOf = (limit?: number) => new Flights<Box>(({ text }) => boxed(text), limit)

/** Steps that find nothing, load `text` and store it; what is given stands in their place. */
function steps(text: string, given: Partial<Steps<Box>> = {}): Steps<Box> {
  return {
    read: async () => undefined,
    load: async () => boxed(text),
    store: async () => true,
    ...given,
  }
}

async function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  )
}

test('what is there is not loaded', async () => {
  const load = () => Promise.reject(new Error('loaded'))
  const got = await flightsOf().getOrSet('k', steps('', { read: async () => boxed('there'), load }))
  assert.is(got.text, 'there')
})

test('of all who miss at one time one loads and stores, and each is given its own', async () => {
  const flights = flightsOf()
  const loading = new Later<Box>()
  const did: string[] = []
  const asked = ['a', 'b', 'c'].map((name) => {
    return flights.getOrSet('k', {
      read: async () => undefined,
      load: () => {
        did.push(`${name} loads`)
        return loading.promise
      },
      store: async () => {
        did.push(`${name} stores`)
        return true
      },
    })
  })
  loading.resolve(boxed('made'))
  const got = await Promise.all(asked)
  assert.equal(got, [boxed('made'), boxed('made'), boxed('made')])
  assert.is(new Set(got).size, 3)
  assert.equal(did, ['a loads', 'a stores'])
})

test('other keys are loaded by themselves', async () => {
  const flights = flightsOf()
  const got = await Promise.all(['a', 'b'].map((key) => flights.getOrSet(key, steps(key))))
  assert.equal(got, [boxed('a'), boxed('b')])
})

test('who began to read before a load ended, and then missed, is given that one', async () => {
  const flights = flightsOf()
  const reading = new Later<Box | undefined>()
  const late = flights.getOrSet('k', steps('twice', { read: () => reading.promise }))
  assert.is((await flights.getOrSet('k', steps('once'))).text, 'once')
  reading.resolve(undefined)
  assert.is((await late).text, 'once')
})

test('who begins after a load has ended loads anew, whoever is still on the way', async () => {
  const flights = flightsOf()
  const reading = new Later<Box | undefined>()
  const slow = flights.getOrSet('k', steps('', { read: () => reading.promise }))
  await flights.getOrSet('k', steps('first'))
  assert.is((await flights.getOrSet('k', steps('second'))).text, 'second')
  reading.resolve(undefined)
  assert.is((await slow).text, 'first')
})

test('a loader that throws rejects all who wait, and stores nothing; the next one tries again', async () => {
  const flights = flightsOf()
  const loading = new Later<Box>()
  const broken = new Error('no database')
  let stored = 0
  const failing = steps('', {
    load: () => loading.promise,
    store: async () => {
      stored++
      return true
    },
  })
  const asked = [1, 2].map(() => failure(flights.getOrSet('k', failing)))
  loading.reject(broken)
  assert.equal(await Promise.all(asked), [broken, broken])
  assert.is(stored, 0)
  assert.is((await flights.getOrSet('k', steps('made'))).text, 'made')
})

test('where another value is there by then, that one is given', async () => {
  let reads = 0
  const newer = steps('mine', {
    read: async () => (reads++ === 0 ? undefined : boxed('newer')),
    store: async () => false,
  })
  assert.is((await flightsOf().getOrSet('k', newer)).text, 'newer')
  const gone = steps('mine', { store: async () => false })
  assert.is((await flightsOf().getOrSet('k', gone)).text, 'mine')
})

const failures: [code: ErrorCode, isGiven: boolean][] = [
  ['overloaded', true],
  ['recovering', true],
  ['value_too_large', true],
  ['quota_exceeded', true],
  ['unreachable', true],
  ['closed', true],
  ['forbidden', false],
  ['bucket_not_found', false],
]

for (const [code, isGiven] of failures) {
  test(`a store that fails with ${code}: the value is ${isGiven ? '' : 'not '}given`, async () => {
    const error = new CacheError(code, 'it cannot be stored')
    const asked = flightsOf().getOrSet('k', steps('made', { store: () => Promise.reject(error) }))
    if (isGiven) assert.is((await asked).text, 'made')
    else assert.is(await failure(asked), error)
  })
}

test('loads beyond the limit are refused until one has ended', async () => {
  const flights = flightsOf(2)
  const loading = new Later<Box>()
  const held = ['a', 'b'].map((key) => {
    return flights.getOrSet(key, steps('', { load: () => loading.promise }))
  })
  await Promise.resolve()
  const refused = await failure(flights.getOrSet('c', steps('c')))
  assert.instance(refused, CacheError)
  assert.is((refused as CacheError).code, 'overloaded')
  loading.resolve(boxed('made'))
  await Promise.all(held)
  assert.is((await flights.getOrSet('c', steps('c'))).text, 'c')
})

test.run()
