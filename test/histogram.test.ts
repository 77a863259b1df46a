import * as fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { BUCKETS, bucketOf, Counts, HISTOGRAM_FLOATS, Histogram, lastOf } from '../src/histogram.js'

const test = suite('histogram')

test('each value lies in the bucket that ends at or above it, and above the one before', () => {
  for (const value of [0, 1, 2, 3, 4, 7, 8, 9, 10, 15, 16, 19, 20, 1_000, 2 ** 31 - 1]) {
    const bucket = bucketOf(value)
    assert.ok(value <= lastOf(bucket), `${value} is in bucket ${bucket}, to ${lastOf(bucket)}`)
    assert.ok(bucket === 0 || value > lastOf(bucket - 1), `${value} is not below bucket ${bucket}`)
  }
  assert.is(bucketOf(2 ** 31 - 1), BUCKETS - 1)
})

test('what is no whole number from 0 to 2^31 - 1 counts as the nearest', () => {
  assert.is(bucketOf(5.9), bucketOf(5))
  assert.is(bucketOf(-3), 0)
  assert.is(bucketOf(2 ** 40), BUCKETS - 1)
  assert.is(bucketOf(Number.POSITIVE_INFINITY), BUCKETS - 1)
})

test('a quantile is at most a quarter above the value that it stands for', () => {
  const values = fc.array(fc.integer({ min: 0, max: 10_000_000 }), { minLength: 1, maxLength: 200 })
  fc.assert(
    fc.property(values, fc.double({ min: 0.01, max: 1, noNaN: true }), (sample, part) => {
      const histogram = new Histogram()
      for (const value of sample) histogram.record(value)
      const sorted = [...sample].sort((a, b) => a - b)
      const exact = sorted[Math.max(1, Math.ceil(part * sorted.length)) - 1]
      const told = histogram.counts().quantile(part) ?? Number.NaN
      assert.ok(told >= exact && told <= exact * 1.25, `${told} for ${exact}`)
    }),
  )
})

test('counts, sums and what came since', () => {
  const shared = new Float64Array(HISTOGRAM_FLOATS * 2)
  const histogram = new Histogram(shared, HISTOGRAM_FLOATS)
  histogram.record(3)
  const before = histogram.counts()
  histogram.record(100)
  histogram.record(200)
  const after = histogram.counts()
  assert.equal([before.total, before.sum], [1, 3])
  assert.equal([after.total, after.sum, after.upTo(3), after.upTo(127)], [3, 303, 1, 2])
  assert.equal([after.since(before).total, after.since(before).sum], [2, 300])
  assert.is(new Counts().add(after).add(after).total, 6)
  assert.is(new Counts().quantile(0.5), undefined)
  assert.is(shared[0], 0, 'the floats before it are not its own')
})

test.run()
