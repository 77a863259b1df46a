import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { renderSvg } from '../../bench/charts.js'
import { FULL, TRIAL } from '../../bench/effort.js'
import { describeMachine } from '../../bench/machine.js'
import { HELP, peersOptions } from '../../bench/peers/options.js'
import { BEGIN, END, resultsText, withResults } from '../../bench/peers/page.js'
import { plotName, plotOf } from '../../bench/peers/plots.js'
import { merged, type WorkResult } from '../../bench/peers/results.js'
import { works } from '../../bench/peers/works.js'
import type { Row } from '../../bench/row.js'
import { buildFolder } from '../scratch.js'

const test = suite('bench/peers')

const bar = (label: string, isOurs: boolean) => ({ bar: { group: 'all', label, isOurs } })
const ROWS: readonly Row[] = [
  { bench: 'a', what: 'ours', value: 1_200, unit: 'req/s', ...bar('annulus', true) },
  {
    bench: 'a',
    what: 'one | other',
    value: 1_000,
    unit: 'req/s',
    ratio: 1.2,
    beside: 'ours / theirs',
    aim: '> 1 ×',
    met: true,
    ...bar('<peer>', false),
  },
  { bench: 'a', what: 'slow', value: 9, unit: 'ns', aim: '<= 5 ns', met: false },
  { bench: 'a', what: 'absent', value: 0, unit: '', skipped: 'apt-get install -y wrk' },
]

function result(number: number, part: Partial<WorkResult> = {}): WorkResult {
  const at = '2026-01-02T03:04:05.000Z'
  const machine = { ...describeMachine(), cpu: 'a processor' }
  const title = `Work ${number}`
  const name = `work-${number}`
  return { number, name, title, at, rounds: 5, seconds: 1, machine, rows: ROWS, ...part }
}

test('there are fifteen works, numbered in order, and each of them is there', async () => {
  assert.equal(
    works.map(({ number }) => number),
    Array.from({ length: 15 }, (_, i) => i + 1),
  )
  assert.is(new Set(works.map(({ name }) => name)).size, works.length)
  for (const { file, run } of works) {
    const loaded: Record<string, unknown> = await import(`file://${buildFolder}/bench/${file}`)
    assert.type(loaded[run], 'function', `${file} exports ${run}()`)
  }
})

test('the command line chooses works and rounds, and says what is wrong with it', () => {
  assert.equal(peersOptions([])?.chosen, works)
  assert.equal(peersOptions([])?.effort, FULL)
  const some = peersOptions(['7', '5', '--rounds', '9'])
  assert.equal(
    some?.chosen.map(({ number }) => number),
    [5, 7],
  )
  assert.equal(some?.effort, { ...FULL, rounds: 9 })
  assert.equal(peersOptions(['--trial'])?.effort, TRIAL)
  assert.is(peersOptions(['--help']), undefined)
  for (const { title } of works) assert.ok(HELP.includes(title))
  assert.throws(() => peersOptions(['16']), /16 is no number of a work: 1 to 15/)
  assert.throws(() => peersOptions(['--rounds', '0']), /--rounds: 0 is not a whole number/)
  assert.throws(() => peersOptions(['--round', '3']), /--round/)
})

test('the page keeps what stands around its marks', () => {
  const page = `# Title\n\n${BEGIN}\nold\n${END}\n\nafter\n`
  const once = withResults(page, 'new')
  assert.is(once, `# Title\n\n${BEGIN}\n\nnew\n\n${END}\n\nafter\n`)
  assert.is(withResults(once, 'new'), once)
  assert.throws(() => withResults('# Title', 'new'), /the page lacks/)
  assert.throws(() => withResults(`${END} ${BEGIN}`, 'new'), /the page lacks/)
})

test('each aim has its line, with a loss said as plainly as a win', () => {
  const work = result(3)
  const text = resultsText({ works: [work] }, new Set([plotName(work)]))
  assert.match(text, '| 3 | Work 3 | one \\| other | 1.2 × (ours / theirs) | > 1 × | yes |')
  assert.match(text, '| 3 | Work 3 | slow | 9 ns | <= 5 ns | **no** |')
  assert.match(text, '| 3 | Work 3 | absent | apt-get install -y wrk |  | skipped |')
  assert.match(text, '![Work 3](images/benchmarks/03-work-3.svg)')
  assert.match(text, '2026-01-02: a processor')
  assert.not.match(text, 'too few')
})

test('a work that failed, and one of few rounds, say so', () => {
  const failed = result(2, { rows: [], failure: 'no\nport' })
  const text = resultsText({ works: [result(1, { rounds: 2 }), failed] }, new Set())
  assert.match(text, '| 2 | Work 2 | failed | no port |  | **no** |')
  assert.match(text, 'It failed: no port')
  assert.match(text, 'Of 2 rounds only')
  assert.not.match(text, '![')
})

test('a new run replaces the works that it measured and leaves the others', () => {
  const old = { works: [result(1, { seconds: 1 }), result(3, { seconds: 1 })] }
  const { works: now } = merged(old, [result(3, { seconds: 2 }), result(2, { seconds: 2 })])
  assert.equal(
    now.map(({ number, seconds }) => [number, seconds]),
    [
      [1, 1],
      [2, 2],
      [3, 2],
    ],
  )
})

test('a plot is an SVG with every bar and its figure; without bars there is none', async () => {
  const spec = plotOf(result(4))
  assert.ok(spec !== undefined)
  const svg = await renderSvg(spec)
  assert.ok(svg.startsWith('<svg'))
  for (const shown of ['Work 4', 'annulus', '&lt;peer&gt;', '1,200 req/s']) {
    assert.ok(svg.includes(shown), shown)
  }
  assert.is(plotOf(result(4, { rows: ROWS.slice(2) })), undefined)
})

test.run()
