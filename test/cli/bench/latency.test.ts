import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { formatLatency, Spread } from '../../../src/cli/bench/latency.js'
import { progressLine, showProgress } from '../../../src/cli/bench/progress.js'
import { seeded } from '../../../src/cli/bench/random.js'
import { reportJson, reportLines } from '../../../src/cli/bench/report.js'
import { Tally } from '../../../src/cli/bench/tally.js'
import { fillWork, randomWork, type Work } from '../../../src/cli/bench/work.js'

const test = suite('cli/bench/latency')

test('latencies are written for people', () => {
  const shown = [1.5, 85, 1_240, 31_000, 120_000, 2_500_000].map(formatLatency)
  assert.equal(shown, ['1.5 µs', '85 µs', '1.24 ms', '31.0 ms', '120 ms', '2.50 s'])
})

test('draws a bar for each step, the longest for the most', () => {
  const spread = new Spread()
  for (const [us, count] of [
    [100, 80],
    [149, 20],
    [200, 50],
    [700, 1],
  ]) {
    for (let i = 0; i < count; i++) spread.add(us)
  }
  assert.equal(spread.draw(), [
    ` 100 µs –  150 µs    66.2 %  ${'█'.repeat(40)}`,
    ' 150 µs –  200 µs     0.0 %',
    ` 200 µs –  300 µs    33.1 %  ${'█'.repeat(20)}`,
    ' 300 µs –  500 µs     0.0 %',
    ' 500 µs –  700 µs     0.0 %',
    ' 700 µs – 1.00 ms   0.662 %  ▍',
  ])
})

test('a wide spread stays a short picture', () => {
  const spread = new Spread()
  for (const us of [1, 10, 1_000, 100_000, 100_000_000]) spread.add(us)
  const rows = spread.draw()
  assert.ok(rows.length <= 18, `${rows.length} rows`)
  assert.equal(new Spread().draw(), [])
})

test('the progress line tells rate, share, latency, hits and errors', () => {
  const tally = new Tally()
  assert.is(progressLine('run', tally, 0, 1, undefined), 'run 1.0 s  0 req/s')
  tally.record('read', 2)
  tally.lookups = 4
  tally.hits = 3
  tally.fail('503', '')
  const line = progressLine('run', tally, 12_345, 2, 0.256)
  assert.is(line, 'run 2.0 s  25 %  12,345 req/s  p99 2.00 ms  hits 75.0 %  1 errors')
})

test('writes the line anew only on a terminal', async () => {
  const written: string[] = []
  const screen = { isTTY: true, columns: 13, write: (text: string) => written.push(text) }
  const hide = showProgress(screen, 'run', new Tally(), () => 0.5)
  await new Promise((resolve) => setTimeout(resolve, 450))
  hide()
  assert.match(written[0].replace('\x1b[K', '<clear>'), /^\rrun 0\.\d s {2}5<clear>$/)
  assert.is(written.at(-1), '\r\x1b[K')
  const plain: string[] = []
  showProgress({ write: (text) => plain.push(text) }, 'run', new Tally(), () => 0.5)()
  assert.equal(plain, [])
})

test('the report holds what the JSON holds', () => {
  const tally = new Tally()
  for (let i = 1; i <= 100; i++) tally.record('read', i)
  tally.lookups = 100
  tally.hits = 50
  const run = { title: ['title'], seconds: 2, batch: 1, interrupted: true, tally }
  const text = reportLines(run).join('\n')
  assert.match(text, /^title\ninterrupted/)
  assert.match(text, /requests +100 +50\/s/)
  assert.match(text, /reads +50\.0 ms +99\.\d ms +100 ms +100 ms/)
  assert.not.match(text, /writes/)
  const json = reportJson(run)
  assert.equal([json['requests'], json['hitRatio'], json['writes']], [100, 0.5, null])
})

test('work follows the mix, and the same seed gives the same work', () => {
  const mix = { ratio: 0.75, keys: 1_000, valueBytes: 10, batch: 1 }
  const draw = () => {
    const work = randomWork(mix, seeded(7))
    return Array.from({ length: 4_000 }, () => work.next() as Work)
  }
  const works = draw()
  assert.equal(works, draw())
  const reads = works.filter(({ kind }) => kind === 'get').length
  assert.ok(Math.abs(reads - 3_000) < 150, `${reads} reads`)
  const keys = works.map((work) => ('key' in work ? Number(work.key) : -1))
  assert.ok(Math.min(...keys) >= 0 && Math.max(...keys) < 1_000)
})

test('filling names every key once, in requests of bounded size', () => {
  for (const valueBytes of [1, 5_000, 2_000_000]) {
    const source = fillWork({ ratio: 1, keys: 1_234, valueBytes, batch: 1 })
    const seen: (number | string)[] = []
    for (let work = source.next() as Work | undefined; work !== undefined; ) {
      const keys = 'keys' in work ? work.keys : [work.key]
      assert.ok(keys.length === 1 || keys.length * valueBytes <= 1024 * 1024)
      seen.push(...keys)
      work = source.next() as Work | undefined
    }
    assert.equal(
      seen,
      Array.from({ length: 1_234 }, (_, i) => i),
    )
  }
})

test.run()
