/** A random history through the client, through the engine, and on a plain Map: the same results. */
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { CacheBucket, Key, Value } from '../../src/client/index.js'
import { ManualClock } from '../../src/clock.js'
import type { Keys } from '../../src/engine/keys.js'
import { canonicalKey } from '../../src/key.js'
import { type Connected, connected } from './connected.js'

const test = suite('client and engine alike')

/** What both kinds of bucket have beside. */
type Tried = CacheBucket & {
  getOrSet(...args: Parameters<Keys['getOrSet']>): Promise<Uint8Array>
}

type Call =
  | { readonly verb: 'get' | 'getText' | 'delete'; readonly key: Key }
  | {
      readonly verb: 'put' | 'getOrSet'
      readonly key: Key
      readonly value: Value
      readonly ttl?: number
    }
  | { readonly verb: 'touch'; readonly key: Key; readonly ttl: number }
  | { readonly verb: 'getMany' | 'deleteMany' | 'gets'; readonly keys: readonly Key[] }
  | {
      readonly verb: 'putMany'
      readonly entries: readonly (readonly [Key, Value])[]
      readonly ttl?: number
    }
  | { readonly verb: 'deletePrefix' | 'keys'; readonly prefix: string }
  | { readonly verb: 'flush' }
  | { readonly verb: 'pass'; readonly ms: number }

const key: fc.Arbitrary<Key> = fc.constantFrom<Key>(
  'a',
  'ab',
  'a/b',
  'é🎂',
  7,
  { x: 1, a: [2] },
  '{"a":[2],"x":1}',
)
const value: fc.Arbitrary<Value> = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 8 }),
  fc.uint8Array({ maxLength: 8 }),
)
const ttl = fc.option(fc.constantFrom(1, 10, 1_000), { nil: undefined })
const keys = fc.array(key, { maxLength: 6, size: 'max' })
const call: fc.Arbitrary<Call> = fc.oneof(
  fc.record({ verb: fc.constantFrom('get', 'getText', 'delete'), key }),
  fc.record({ verb: fc.constantFrom('put', 'put', 'put', 'getOrSet'), key, value, ttl }),
  fc.record({ verb: fc.constant('touch'), key, ttl: fc.constantFrom(1, 10, 1_000) }),
  fc.record({ verb: fc.constantFrom('getMany', 'deleteMany', 'gets'), keys }),
  fc.record({
    verb: fc.constant('putMany'),
    entries: fc.array(fc.tuple(key, value), { maxLength: 6 }),
    ttl,
  }),
  fc.record({
    verb: fc.constantFrom('deletePrefix', 'keys'),
    prefix: fc.constantFrom('', 'a', '{'),
  }),
  fc.constant({ verb: 'flush' }),
  fc.record({ verb: fc.constant('pass'), ms: fc.constantFrom(1, 9, 10, 1_000) }),
) as fc.Arbitrary<Call>

/** What the call gives, in a form that can be compared. */
async function result(bucket: Tried, one: Call): Promise<unknown> {
  switch (one.verb) {
    case 'get':
      return hex(await bucket.get(one.key))
    case 'getText':
      return bucket.getText(one.key)
    case 'getMany':
      return (await bucket.getMany(one.keys)).map(hex)
    case 'gets':
      return (await Promise.all(one.keys.map((each) => bucket.get(each)))).map(hex)
    case 'put':
      return bucket.put(one.key, one.value, { ttl: one.ttl })
    case 'getOrSet':
      return hex(await bucket.getOrSet(one.key, () => one.value, { ttl: one.ttl }))
    case 'putMany':
      return bucket.putMany(one.entries, { ttl: one.ttl })
    case 'delete':
      return bucket.delete(one.key)
    case 'deleteMany':
      return bucket.deleteMany(one.keys)
    case 'touch':
      return bucket.touch(one.key, one.ttl)
    case 'deletePrefix':
      return bucket.deletePrefix(one.prefix)
    case 'keys': {
      const found = new Set<string>()
      for await (const each of bucket.keys({ prefix: one.prefix })) found.add(each)
      return [...found].sort()
    }
    case 'flush':
      return bucket.flush()
    case 'pass':
      return undefined
  }
}

function hex(bytes: Uint8Array | undefined): string | undefined {
  return bytes === undefined ? undefined : Buffer.from(bytes).toString('hex')
}

/** The same of a Map. */
class Model {
  private now = 0
  private readonly items = new Map<string, { readonly hex: string; deadline: number }>()

  result(one: Call): unknown {
    switch (one.verb) {
      case 'get':
        return this.get(one.key)
      case 'getText': {
        const found = this.get(one.key)
        return found === undefined ? undefined : Buffer.from(found, 'hex').toString()
      }
      case 'getMany':
      case 'gets':
        return one.keys.map((each) => this.get(each))
      case 'put':
        return this.put(one.key, one.value, one.ttl)
      case 'getOrSet':
        if (this.get(one.key) === undefined) this.put(one.key, one.value, one.ttl)
        return this.get(one.key)
      case 'putMany':
        return one.entries.map(([each, given]) => this.put(each, given, one.ttl))
      case 'delete':
        return this.delete(canonicalKey(one.key))
      case 'deleteMany':
        return one.keys.map((each) => this.delete(canonicalKey(each)))
      case 'touch':
        return this.touch(one.key, one.ttl)
      case 'deletePrefix':
        return this.live(one.prefix).filter((each) => this.delete(each)).length
      case 'keys':
        return this.live(one.prefix).sort()
      case 'flush':
        return this.items.clear()
      case 'pass':
        this.now += one.ms
        return undefined
    }
  }

  private live(prefix: string): string[] {
    return [...this.items.keys()].filter((each) => {
      return each.startsWith(prefix) && this.get(each) !== undefined
    })
  }

  private get(each: Key): string | undefined {
    const item = this.items.get(canonicalKey(each))
    return item !== undefined && item.deadline > this.now ? item.hex : undefined
  }

  private put(each: Key, given: Value, ms = Number.POSITIVE_INFINITY): boolean {
    const bytes = typeof given === 'string' ? Buffer.from(given) : given
    this.items.set(canonicalKey(each), { hex: hex(bytes) ?? '', deadline: this.now + ms })
    return true
  }

  private touch(each: Key, ms: number): boolean {
    const item = this.items.get(canonicalKey(each))
    if (item === undefined || item.deadline <= this.now) return false
    item.deadline = this.now + ms
    return true
  }

  private delete(each: string): boolean {
    const wasThere = this.get(each) !== undefined
    this.items.delete(each)
    return wasThere
  }
}

const clock = new ManualClock()
let at: Connected
test.before(async () => {
  at = await connected({ engine: { clock } })
})
test.after(() => at.close())

test('a random history gives the same through client, engine and Map', async () => {
  const overHttp = await at.bucket()
  const inProcess = await at.served.engine.createBucket('in-process')
  const property = fc.asyncProperty(
    fc.array(call, { maxLength: 60, size: 'max' }),
    async (history) => {
      const model = new Model()
      await overHttp.flush()
      await inProcess.flush()
      for (const [i, one] of history.entries()) {
        const expected = model.result(one)
        if (one.verb === 'pass') clock.advance(one.ms)
        assert.equal(await result(inProcess, one), expected, `engine, call ${i}`)
        assert.equal(await result(overHttp, one), expected, `client, call ${i}`)
      }
    },
  )
  await fc.assert(property, { numRuns: 40 })
})

test.run()
