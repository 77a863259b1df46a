import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { bench, benchCommand } from '../../../src/cli/bench/command.js'
import type { BenchOptions } from '../../../src/cli/bench/options.js'
import { reportLines } from '../../../src/cli/bench/report.js'
import { runChild, startChild } from '../../child.js'
import { buildFolder, scratch } from '../../scratch.js'
import { type FakeServer, fakeServer, ROOT } from './fake-server.js'

interface Context {
  server: FakeServer
}

const test = suite<Context>('cli/bench')
test.before.each(async (context) => {
  context.server = await fakeServer()
})
test.after.each(({ server }) => server.close())

const quiet = { write: () => undefined }
const never = new AbortController().signal

function options(server: FakeServer, some: Partial<BenchOptions>): BenchOptions {
  const usual = { connections: 4, ratio: 0.9, keys: 50, value: 20, batch: 1, fill: true, seed: 1 }
  return { url: server.url, key: ROOT, traceFormat: 'auto', ...usual, ...some }
}

test('makes a bucket, fills it, runs the load and deletes the bucket', async ({ server }) => {
  const run = await bench(options(server, { requests: 500 }), quiet, never)
  const { tally } = run
  assert.is(tally.requests, 500)
  assert.is(tally.errorCount, 0)
  assert.is(tally.hitRatio, 1, 'every key was put beforehand')
  assert.is(tally.lookups + tally.stored, 500)
  assert.ok(tally.lookups > 400 && tally.stored > 20, `${tally.lookups} and ${tally.stored}`)
  assert.is(tally.reads.totalCount + tally.writes.totalCount, 500)
  assert.is(server.buckets.size, 0)
  assert.is(run.interrupted, false)
})

test('starts empty where nothing is to be filled', async ({ server }) => {
  const { tally } = await bench(
    options(server, { requests: 200, ratio: 1, fill: false }),
    quiet,
    never,
  )
  assert.equal([tally.lookups, tally.hits, tally.stored], [200, 0, 0])
})

test('batch calls count their keys', async ({ server }) => {
  const { tally } = await bench(options(server, { requests: 40, batch: 25 }), quiet, never)
  assert.is(tally.requests, 40)
  assert.is(tally.lookups + tally.stored, 1_000)
  assert.is(tally.hitRatio, 1)
})

test('a duration ends the run', async ({ server }) => {
  const { tally, seconds } = await bench(options(server, { duration: 60 }), quiet, never)
  assert.ok(tally.requests > 0)
  assert.ok(seconds >= 0.05, `${seconds}`)
})

test("a bucket's own credential uses that bucket, and only its own keys go", async ({ server }) => {
  const kept = new Map([['mine', Buffer.from('1')]])
  server.buckets.set('7', kept)
  const own = { key: 'key-of-7', bucket: '7', requests: 100 }
  const { tally } = await bench(options(server, own), quiet, never)
  assert.is(tally.errorCount, 0)
  assert.equal([...kept.keys()], ['mine'])
})

test('a trace is a get, and on a miss a put of its size', async ({ server }) => {
  const place = scratch('trace')
  try {
    const trace = place.write('small.trace', '1\n2\n1\n3\n2\n1\n')
    server.buckets.set('7', new Map())
    const some = { connections: 1, trace, bucket: '7', key: 'key-of-7', ttl: 60_000 }
    const { tally } = await bench(options(server, some), quiet, never)
    assert.equal([tally.lookups, tally.hits, tally.stored], [6, 3, 3])
    assert.is(
      server.calls.filter((call) => /^PUT .*\/keys\/bench-\w+-[123]\?ttl=60000$/.test(call)).length,
      3,
    )
  } finally {
    place.remove()
  }
})

test('every request of a trace is played once, over many connections', async ({ server }) => {
  const place = scratch('trace')
  try {
    const lines = Array.from({ length: 3_000 }, (_, i) => `${i}\n`).join('')
    const trace = place.write('long.trace', lines)
    const { tally } = await bench(options(server, { trace, connections: 8 }), quiet, never)
    assert.equal([tally.lookups, tally.hits, tally.stored], [3_000, 0, 3_000])
  } finally {
    place.remove()
  }
})

test('what is wrong with the input is told, and the bucket goes all the same', async ({
  server,
}) => {
  const refuse = async (some: Partial<BenchOptions>, pattern: RegExp) => {
    const said = await bench(options(server, some), quiet, never).then(() => 'it ran', String)
    assert.match(said, pattern)
  }
  await refuse({ key: 'wrong' }, /--key: the server does not know it: detail of unauthorized/)
  await refuse(
    { key: 'x' },
    /--key: it may not do this .*use a root or account credential, or --bucket/,
  )
  await refuse({ bucket: '99' }, /--bucket: detail of bucket_not_found/)
  await refuse({ trace: '/nowhere' }, /--trace: \/nowhere cannot be read: ENOENT/)
  await refuse(
    { batch: 1_000, value: 1_000_000 },
    /--batch: 1000 values are too much; .* lower --batch/,
  )
  await refuse({ key: '' }, /--key: missing; give a root/)
  await refuse(
    { url: new URL('http://127.0.0.1:9') },
    /nothing answers at .*; start one: annulus serve/,
  )
  assert.is(server.buckets.size, 0)
})

test('errors of the server are counted by kind, with its words', async ({ server }) => {
  server.answerKeysWith(503, 'overloaded')
  const run = await bench(options(server, { requests: 8, fill: false }), quiet, never)
  assert.equal(
    [...run.tally.errors],
    [['503 overloaded', { count: 8, detail: 'detail of overloaded' }]],
  )
  assert.match(reportLines(run).join('\n'), /8 × 503 overloaded: detail of overloaded/)
})

test('an answer that will not change ends the run', async ({ server }) => {
  server.answerKeysWith(403, 'forbidden')
  const run = bench(options(server, { requests: 1_000, fill: false }), quiet, never)
  const said = await run.then(() => 'it ran', String)
  assert.match(said, /the server answers 403 forbidden: detail of forbidden/)
  assert.is(server.buckets.size, 0)
})

const script = `
const { benchCommand } = await import(process.env.COMMAND)
await benchCommand().parseAsync(process.argv.slice(1), { from: 'user' })
`
const env = { ...process.env, COMMAND: `file://${buildFolder}/src/cli/bench/command.js` }

test('the command prints a summary and exits 0', async ({ server }) => {
  const args = ['--url', server.url.href, '--key', ROOT, '--requests', '300', '--keys', '10']
  const node = ['--input-type=module', '-e', script, '--', ...args]
  const { code, output } = await runChild(process.execPath, node, { env, timeoutMs: 20_000 })
  assert.is(code, 0, output)
  assert.match(output, /requests +300 +[\d,]+\/s/)
  assert.match(output, /hit ratio +100\.00 % +\d+ of \d+ lookups/)
  assert.match(output, /latency +p50 +p99 +p99\.9 +max\nreads/)
  assert.match(output, /s – .*s .*% {2}[█▏▎▍▌▋▊▉]/)
})

test('Ctrl-C prints the summary so far, deletes the bucket and exits 130', async ({ server }) => {
  const args = [
    '--url',
    server.url.href,
    '--key',
    ROOT,
    '--duration',
    '1h',
    '--keys',
    '10',
    '--json',
  ]
  const child = startChild(process.execPath, ['--input-type=module', '-e', script, '--', ...args], {
    env,
  })
  let text = ''
  child.stdout?.on('data', (chunk: Buffer) => {
    text += chunk.toString()
  })
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve))
  const begun = setInterval(() => {
    if (!server.calls.some((call) => call.startsWith('GET'))) return
    clearInterval(begun)
    child.kill('SIGINT')
  }, 20)
  const code = await ended
  assert.is(code, 130)
  const result = JSON.parse(text) as { interrupted: boolean; requests: number }
  assert.ok(result.interrupted && result.requests > 0, text)
  assert.is(server.buckets.size, 0)
})

test('a bad option is named in one line', async () => {
  const parse = async (...args: string[]) => {
    const command = benchCommand()
      .exitOverride()
      .configureOutput({ writeErr: () => {} })
    return command.parseAsync(args, { from: 'user' }).then(() => 'it ran', String)
  }
  assert.match(
    await parse('--ratio', '2'),
    /--ratio <part>' argument '2' is invalid.*from 0 .* to 1/,
  )
  assert.match(await parse('--connections', 'x'), /--connections.*whole number from 1 to 10000/)
  assert.match(await parse('--value', '1zb'), /--value.*"1zb" is not a size/)
  assert.match(await parse('--duration', '5 min'), /--duration.*is not a duration/)
  assert.match(await parse('--url', 'localhost:7070'), /--url.*must be an http/)
  assert.match(await parse('--trace-format', 'x'), /Allowed choices are auto, oltp/)
  assert.match(await parse('--requests', '5', '--duration', '5s'), /cannot be used with/)
})

test.run()
