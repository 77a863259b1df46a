import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { CacheError } from '../src/errors.js'
import { counted, formatDuration, formatSize, parseDuration, parseSize } from '../src/units.js'

const units = suite('units')

function refusal(code: string, ...words: string[]) {
  return (error: unknown) =>
    error instanceof CacheError &&
    error.code === code &&
    words.every((word) => error.message.includes(word))
}

units('durations with a unit, and bare milliseconds', () => {
  assert.is(parseDuration('250ms'), 250)
  assert.is(parseDuration('30s'), 30_000)
  assert.is(parseDuration('5m'), 300_000)
  assert.is(parseDuration('2h'), 7_200_000)
  assert.is(parseDuration('7d'), 604_800_000)
  assert.is(parseDuration('60000'), 60_000)
  assert.is(parseDuration(60_000), 60_000)
})

units('durations at both bounds', () => {
  assert.is(parseDuration(1), 1)
  assert.is(parseDuration('1ms'), 1)
  assert.is(parseDuration('365d'), 31_536_000_000)
  assert.is(parseDuration(31_536_000_000), 31_536_000_000)
  for (const value of [0, -1, '0', '0s', '366d', '8761h', 31_536_000_001, '31536000001ms']) {
    assert.throws(() => parseDuration(value), refusal('invalid_ttl'), `${value}`)
  }
})

units('what is no duration is refused, with its name, itself and what is right', () => {
  const awkward = ['', ' ', 's', '5 s', ' 5s', '5s\n', '1.5h', '1e3', '0x10', '+5s', '-5s', '5S']
  for (const value of [...awkward, '5weeks', '5constructor', 'Infinity', '٣s', '9'.repeat(16)]) {
    assert.throws(() => parseDuration(value), refusal('invalid_ttl', 'ttl: '), value)
  }
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY, 1.5]) {
    assert.throws(() => parseDuration(value), refusal('invalid_ttl', String(value)))
  }
  assert.throws(
    () => parseDuration('5x', 'defaultTtl'),
    refusal('invalid_ttl', 'defaultTtl', '"5x"', '30s', 'milliseconds', '365 days'),
  )
})

units('a value from JSON that is neither text nor number is refused', () => {
  for (const value of [null, true, {}, [], ['5s']]) {
    const foreign = value as unknown as string
    assert.throws(() => parseDuration(foreign), refusal('invalid_ttl'))
    assert.throws(() => parseSize(foreign), refusal('invalid_size'))
  }
})

units('sizes are powers of 1024', () => {
  assert.is(parseSize('1'), 1)
  assert.is(parseSize(100), 100)
  assert.is(parseSize('100b'), 100)
  assert.is(parseSize('64kb'), 65_536)
  assert.is(parseSize('256mb'), 268_435_456)
  assert.is(parseSize('2gb'), 2_147_483_648)
  assert.is(parseSize('1tb'), 2 ** 40)
  assert.is(parseSize('256MB'), 268_435_456)
})

units('what is no size is refused, with its name', () => {
  for (const value of ['', '0', 0, -1, '1.5mb', '5 mb', '5m', '1pb', Number.NaN, '99999999tb']) {
    assert.throws(() => parseSize(value), refusal('invalid_size', 'size: '), `${value}`)
  }
  assert.throws(
    () => parseSize('x', '--memory'),
    refusal('invalid_size', '--memory', '"x"', '64kb'),
  )
})

units('numbers for people', () => {
  assert.is(formatDuration(250), '250ms')
  assert.is(formatDuration(30_000), '30s')
  assert.is(formatDuration(90_000), '90s')
  assert.is(formatDuration(1_234), '1.2s')
  assert.is(formatDuration(86_400_000), '1d')
  assert.is(formatDuration(0), '0ms')
  assert.is(formatSize(268_435_456), '256mb')
  assert.is(formatSize(1_500), '1.5kb')
  assert.is(formatSize(1_000_001), '976.6kb')
  assert.is(formatSize(100), '100b')
  assert.is(formatSize(0), '0b')
})

units('what is formatted exactly reads back', () => {
  for (const ms of [1, 999, 1_000, 60_000, 5_400_000, 31_536_000_000]) {
    assert.is(parseDuration(formatDuration(ms)), ms)
  }
  for (const bytes of [1, 1_023, 1_024, 8 * 2 ** 20, 2 ** 32]) {
    assert.is(parseSize(formatSize(bytes)), bytes)
  }
})

units('what is counted is one or many', () => {
  assert.is(counted(1, 'key'), '1 key')
  assert.is(counted(0, 'key'), '0 keys')
  assert.is(counted(1_200, 'key'), '1,200 keys')
  assert.is(counted(1, 'copy', 'copies'), '1 copy')
  assert.is(counted(2, 'copy', 'copies'), '2 copies')
})

units.run()
