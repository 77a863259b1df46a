import fc from 'fast-check'

/** A call of a script; keys and buckets are numbers, taken modulo what there is. */
export type Step =
  | { readonly do: 'put'; readonly key: number; readonly size: number; readonly ttl?: number }
  | { readonly do: 'many'; readonly from: number; readonly count: number; readonly size: number }
  | { readonly do: 'get' | 'touch' | 'delete'; readonly key: number }
  | { readonly do: 'prefix'; readonly key: number }
  | { readonly do: 'advance'; readonly ms: number }
  | { readonly do: 'list' | 'flush' | 'bucket' | 'drop' | 'join' | 'leave' | 'fail' | 'look' }
  | { readonly do: 'limit'; readonly maxBytes: number }
  | { readonly do: 'refuse'; readonly count: number }

const key = fc.nat(400)
const size = fc.oneof(fc.nat(300), fc.nat(20_000))
const ttl = fc.integer({ min: 1, max: 100_000 })
const plain = (...names: ('list' | 'flush' | 'bucket' | 'drop' | 'join' | 'leave' | 'fail')[]) =>
  fc.constantFrom(...names).map((name): Step => ({ do: name }))

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record(
      { do: fc.constant('put'), key, size, ttl },
      { requiredKeys: ['do', 'key', 'size'] },
    ),
  },
  {
    weight: 10,
    arbitrary: fc.record({ do: fc.constant('many'), from: key, count: fc.nat(120), size }),
  },
  { weight: 10, arbitrary: fc.record({ do: fc.constantFrom('get', 'touch', 'delete'), key }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('prefix'), key }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('advance'), ms: ttl }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('limit'),
      maxBytes: fc.integer({ min: 200_000, max: 900_000 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('refuse'), count: fc.nat(3) }) },
  { weight: 3, arbitrary: fc.constant({ do: 'look' }) },
  { weight: 6, arbitrary: plain('list', 'flush', 'bucket', 'drop', 'join', 'leave', 'fail') },
)

/** The script of that seed. */
export function scriptOf(seed: number, length: number): Step[] {
  const many = fc.array(step, { minLength: length, maxLength: length })
  return fc.sample(many, { seed, numRuns: 1 })[0]
}
