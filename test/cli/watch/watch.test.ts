import { spawn, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Served, serve } from '../../http/served.js'
import { buildFolder, type Scratch, scratch } from '../../scratch.js'
import { skip } from '../../skip.js'
import { type Running, start, watch } from '../command.js'

const watching = suite('cli ring watch')

const ESC = '\x1b'

let served: Served
let env: Readonly<Record<string, string>>
let running: Running[] = []

watching.before.each(async () => {
  served = await serve()
  env = { ANNULUS_URL: served.server.url, ANNULUS_ROOT_KEY: served.root }
})
watching.after.each(async () => {
  for (const run of running) run.child.kill('SIGKILL')
  await Promise.all(running.map((run) => run.exit))
  running = []
  await served.close()
})

function watcher(...args: string[]): Running {
  const run = start(['ring', 'watch', ...args], env)
  running.push(run)
  return run
}

watching('--once prints the ring as it is', async () => {
  const run = watcher('--once')
  assert.is(await run.exit, 0, run.stderr())
  const lines = run.stdout().split('\n')
  assert.match(lines[0], /^http:\/\/127\.0\.0\.1:\d+ {2}epoch 1 {2}2 nodes {2}0 items {2}0b of /)
  assert.match(lines[3], /^n1 +serving /)
  assert.match(lines[4], /^n2 +serving /)
  assert.not.ok(run.stdout().includes(ESC))
})

watching('into a pipe it prints a line for each change, until a signal', async () => {
  const run = watcher('--interval', '100ms')
  await run.printed(/^[0-9:]{8} {2}ring epoch 1, 0 items: n1 serving [0-9.]+ %, n2 serving /m)
  const { json } = await served.call('POST', '/v1/nodes', { key: served.root })
  await run.printed(new RegExp(`^[0-9:]{8} {2}${json.migration}: joining of n3: queued$`, 'm'))
  await run.printed(/^[0-9:]{8} {2}ring epoch 2: /m)
  await run.printed(/^[0-9:]{8} {2}node n3 joining: /m)
  await run.printed(new RegExp(`^[0-9:]{8} {2}${json.migration}: joining of n3: done`, 'm'))
  run.child.kill('SIGINT')
  assert.is(await run.exit, 0, run.stderr())
  assert.is(run.stderr(), '')
  assert.not.ok(run.stdout().includes(ESC))
})

watching('whoever may not watch is told so', async () => {
  const { key } = await served.bucket()
  const run = watcher('--key', key)
  assert.is(await run.exit, 1)
  assert.match(run.stderr(), /^annulus: 403: .*\n$/)
})

watching('a server stops while it is watched, and does not wait for the watcher', async () => {
  const place: Scratch = scratch('watched')
  const args = ['--port', '0', '--memory', '32mb', '--max-value', '1mb', '--nodes', '1']
  const data = join(place.folder, 'data')
  const server = start(['serve', '--data', data, ...args, '--root-key', served.root])
  running.push(server)
  const [, url] = await server.printed(/^listening on (\S+)$/m)
  const run = watcher('--url', url)
  await run.printed(/ring epoch 1/)
  server.child.kill('SIGTERM')
  assert.is(await server.exit, 0, server.stderr())
  assert.not.match(server.stderr(), 'still under way')
  await run.printed(/does not answer: .*; attempt 1 of \d+ to connect again$/m)
  run.child.kill('SIGTERM')
  assert.is(await run.exit, 0, run.stderr())
  place.remove()
})

// util-linux's: a pseudo-terminal without a compiled module.
const hasTerminal = /util-linux/.test(spawnSync('script', ['--version']).stdout?.toString() ?? '')

if (hasTerminal) {
  watching('on a terminal it draws in place, and Ctrl-C leaves the cursor as it was', async () => {
    const cli = join(buildFolder, 'src/cli.js')
    // exec: a shell in between would be interrupted as well, and end with a status of its own.
    const command = `stty rows 30 cols 100; exec '${process.execPath}' '${cli}' ring watch --interval 100ms`
    const options = ['--quiet', '--return', '--command', command, '/dev/null']
    const child = spawn('script', options, { env: { ...process.env, ...env, NO_COLOR: '1' } })
    const run = watch(child)
    running.push(run)
    await run.printed(new RegExp(`${ESC}\\[\\?25l\r`))
    await run.printed(/epoch 1 {2}2 nodes/)
    const { json } = await served.call('POST', '/v1/nodes', { key: served.root })
    await run.printed(new RegExp(`${ESC}\\[\\d+A\r.*epoch 3 {2}3 nodes`))
    await run.printed(new RegExp(`${json.migration}: joining of n3 {2}done`))
    child.stdin.write('\x03')
    assert.is(await run.exit, 0, run.stdout())
    assert.ok(
      run.stdout().trimEnd().endsWith(`${ESC}[?25h`),
      JSON.stringify(run.stdout().slice(-99)),
    )
  })
} else {
  skip(watching, 'on a terminal it draws in place', 'there is no script of util-linux')
}

watching.run()
