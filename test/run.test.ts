import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { closingLine, findTests, runAll, type Totals } from './run/all.js'
import { weigh } from './run/summary.js'
import { type Scratch, scratch } from './scratch.js'
import { skip } from './skip.js'

const test = suite('run')
const uvu = `import { suite } from 'uvu'\nconst test = suite('fixture')\n`

async function run(
  files: Record<string, string>,
  filters: string[] = [],
  timeoutMs = 20_000,
): Promise<{ totals: Totals; text: string }> {
  const place: Scratch = scratch('run')
  try {
    for (const [path, text] of Object.entries(files)) place.write(`test/${path}`, text)
    place.write('test/.keep', '')
    let text = ''
    const write = (part: string) => {
      text += part
    }
    const folder = `${place.folder}/test`
    const totals = await runAll({ folder, filters, jobs: 2, timeoutMs, write })
    return { totals, text }
  } finally {
    place.remove()
  }
}

test('counts the tests of every file, and ends with one plain line', async () => {
  const { totals, text } = await run({
    'a.test.js': `${uvu}test('one', () => {}); test('two', () => {}); test.run()`,
    'deep/b.test.js': `${uvu}test('three', () => {}); test.run()`,
    'deep/b.fuzz.js': `throw new Error('no test')`,
    'soak/c.test.js': `throw new Error('no test')`,
  })
  assert.equal(totals, { passed: 3, failed: 0, skipped: 0 })
  assert.match(text, /a\.test\.js {2}2 passed {2}\d/)
  assert.match(text, /deep\/b\.test\.js {2}1 passed/)
  assert.is(text.split('\n').at(-2), '3 passed, 0 failed')
})

test('shows the whole output of a failing file and nothing of a passing one', async () => {
  const { totals, text } = await run({
    'bad.test.js': `${uvu}console.log('seed 42'); test('x', () => { throw new Error('boom') }); test.run()`,
    'good.test.js': `${uvu}console.log('chatter'); test('x', () => {}); test.run()`,
  })
  assert.equal(totals, { passed: 1, failed: 1, skipped: 0 })
  assert.match(text, /\| seed 42/)
  assert.match(text, /boom/)
  assert.not.match(text, /chatter/)
})

test('a file without a summary, or that exits with another code than 0, has failed', async () => {
  const { totals, text } = await run({
    'crash.test.js': `${uvu}test('x', () => process.exit(3)); test.run()`,
    'forgot.test.js': `${uvu}test('x', () => {})`,
    'late.test.js': `${uvu}test('x', () => {}); test.run(); process.on('exit', () => { process.exitCode = 7 })`,
    'empty.test.js': `${uvu}test.run()`,
  })
  assert.equal(totals, { passed: 1, failed: 4, skipped: 0 })
  assert.match(text, /forgot\.test\.js \(printed no summary/)
  assert.match(text, /late\.test\.js \(every test passed, but it exited with 7\)/)
  assert.match(text, /empty\.test\.js \(holds no test\)/)
})

test('the watchdog ends a file that hangs, and names it', async () => {
  const hang = `${uvu}test('x', () => {}); test.run(); setInterval(() => {}, 1000)`
  const { totals, text } = await run({ 'hang.test.js': hang }, [], 1_500)
  assert.equal(totals, { passed: 1, failed: 1, skipped: 0 })
  assert.match(text, /hang\.test\.js \(stopped by the watchdog after 1\.5 s, after its summary/)
})

test('a before hook that throws does not pass unseen', async () => {
  const { totals } = await run({
    'hook.test.js': `${uvu}test.before(() => { throw new Error('no') }); test('x', () => {}); test.run()`,
  })
  assert.equal(totals, { passed: 0, failed: 1, skipped: 0 })
})

test('skips are counted with their reason, and one without a reason fails', async () => {
  const { totals, text } = await run({
    'told.test.js': `${uvu}test('x', () => {}); test.skip('y'); console.log('skip: y: no redis here'); test.run()`,
    'untold.test.js': `${uvu}test('x', () => {}); test.skip('y'); test.run()`,
  })
  assert.equal(totals, { passed: 2, failed: 1, skipped: 2 })
  assert.match(text, /skip: y: no redis here/)
  assert.match(text, /skips 1 but names 0 reasons/)
  assert.is(closingLine(totals), '2 passed, 1 failed, 2 skipped')
})

test('skip() prints the line that the runner reads', () => {
  const lines: string[] = []
  const log = console.log
  console.log = (line: string) => lines.push(line)
  try {
    skip({ skip: (name) => lines.push(`uvu ${name}`) }, 'traces', 'no folder of traces')
  } finally {
    console.log = log
  }
  assert.equal(lines, ['uvu traces', 'skip: traces: no folder of traces'])
  const ending = { code: 0, signal: null, timedOutAfterMs: undefined }
  const text = `${lines[1]}\n  Total:     1\n  Passed:    1\n  Skipped:   1\n`
  assert.equal(weigh('x', text, ending, 1).reasons, [lines[1]])
})

test('filters by any part of the path, and says when nothing matches', async () => {
  const files = {
    'ring/ring.test.js': `${uvu}test('x', () => {}); test.run()`,
    'store/wheel.test.js': `${uvu}test('x', () => {}); test.run()`,
  }
  const some = await run(files, ['ring', 'nothing'])
  assert.equal(some.totals, { passed: 1, failed: 0, skipped: 0 })
  const none = await run(files, ['nothing'])
  assert.equal(none.totals, { passed: 0, failed: 0, skipped: 0 })
  assert.match(none.text, /no test file that holds nothing/)
})

test('leaves out what lies in hidden folders', () => {
  const place = scratch('run')
  try {
    place.write('.tmp/a.test.js', '')
    place.write('b/.tmp/a.test.js', '')
    place.write('b/a.test.js', '')
    assert.equal(findTests(place.folder, []), ['b/a.test.js'])
  } finally {
    place.remove()
  }
})

test.run()
