import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  bytes,
  counted,
  duration,
  micros,
  NONE,
  percent,
  short,
  whole,
} from '../../src/dashboard/page/numbers.js'

const numbers = suite('dashboard numbers')

numbers('counts and rates', () => {
  assert.is(whole(1_234_567.4), '1,234,567')
  for (const [value, text] of [
    [0, '0'],
    [0.04, '0'],
    [0.3, '0.3'],
    [7, '7'],
    [12.4, '12'],
    [999.4, '999'],
    [999.6, '1k'],
    [1_460, '1.46k'],
    [99_949, '99.9k'],
    [999_400, '999k'],
    [999_600, '1.00M'],
    [3.1e6, '3.10M'],
    [5e12, '5.0e+12'],
  ] as const) {
    assert.is(short(value), text, `${value}`)
  }
  assert.is(counted(1, 'key'), '1 key')
  assert.is(counted(2_000, 'copy', 'copies'), '2,000 copies')
})

numbers('bytes', () => {
  assert.is(bytes(0), '0 B')
  assert.is(bytes(999), '999 B')
  assert.is(bytes(1_024), '1.00 KiB')
  assert.is(bytes(117 * 2 ** 20), '117 MiB')
  assert.is(bytes(1_023.9 * 2 ** 20), '1.00 GiB')
  assert.is(bytes(5 * 2 ** 50), '5120 TiB')
})

numbers('neither a rare miss nor a rare hit is rounded away', () => {
  assert.is(percent(1), '100 %')
  assert.is(percent(0.999_99), '>99.9 %')
  assert.is(percent(0.934), '93.4 %')
  assert.is(percent(0.000_1), '<0.1 %')
  assert.is(percent(0), '0 %')
  assert.is(percent(undefined), NONE)
  assert.is(percent(Number.NaN), NONE)
})

numbers('times', () => {
  assert.is(micros(null), NONE)
  assert.is(micros(63), '63 µs')
  assert.is(micros(1_530), '1.53 ms')
  assert.is(micros(999_600), '1.00 s')
  assert.is(duration(850), '850 ms')
  assert.is(duration(59_999), '59 s')
  assert.is(duration(60_000), '1 min')
  assert.is(duration(200_000), '3 min 20 s')
  assert.is(duration(7_500_000), '2 h 5 min')
  assert.is(duration(98 * 3_600_000), '4 d 2 h')
})

numbers.run()
