import { spawn, spawnSync } from 'node:child_process'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Scratch, scratch } from '../scratch.js'
import { skip } from '../skip.js'
import { type Running, start, watch } from './command.js'

const serving = suite('cli serve')

const LISTENING = /^listening on (http:\/\/127\.0\.0\.1:\d+)$/m
const SMALL = ['--port', '0', '--memory', '32mb', '--max-value', '1mb', '--nodes', '1']
const hasCurl = spawnSync('curl', ['--version']).status === 0

let place: Scratch
let running: Running[] = []

serving.before.each(() => {
  place = scratch('serve')
})
serving.after.each(async () => {
  for (const run of running) run.child.kill('SIGKILL')
  await Promise.all(running.map((run) => run.exit))
  running = []
  place.remove()
})

function serve(...args: string[]): Running {
  const run = start(['serve', ...SMALL, '--data', join(place.folder, 'data'), ...args])
  running.push(run)
  return run
}

serving(
  'the first start prints address, root key and lines; a later one the address alone',
  async () => {
    const first = serve()
    await first.printed(LISTENING)
    const [, key] = await first.printed(/^root key: (\S+)$/m)
    assert.match(first.stdout(), 'curl ')
    first.child.kill('SIGTERM')
    assert.is(await first.exit, 0, first.stderr())

    const second = serve()
    const [line] = await second.printed(LISTENING)
    second.child.kill('SIGINT')
    assert.is(await second.exit, 0, second.stderr())
    assert.is(second.stdout(), `${line}\n`)
    assert.not.ok((first.stderr() + second.stderr()).includes(key), 'no log holds the key')
  },
)

serving('logs are lines of JSON on standard error', async () => {
  const run = serve()
  await run.printed(LISTENING)
  run.child.kill('SIGTERM')
  assert.is(await run.exit, 0)
  const messages = run
    .stderr()
    .trimEnd()
    .split('\n')
    .map((line): { msg: string } => JSON.parse(line))
  assert.ok(messages.some(({ msg }) => msg === 'SIGTERM: draining'))
})

serving('a second process on the same data is refused in one line', async () => {
  const first = serve()
  await first.printed(LISTENING)
  const second = serve('--log-level', 'silent')
  assert.is(await second.exit, 1)
  assert.is(second.stdout(), '')
  assert.match(second.stderr(), /^annulus: .*\n$/)
})

serving('a port in use is named', async () => {
  const holder = createServer()
  await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve))
  const { port } = holder.address() as AddressInfo
  const run = serve('--log-level', 'silent', '--port', String(port))
  const status = await run.exit
  holder.close()
  assert.is(status, 1)
  assert.match(run.stderr(), new RegExp(`^annulus: --port: ${port} .*\\n$`))
})

serving('an address of another machine is a bad option', async () => {
  const run = serve('--log-level', 'silent', '--host', '192.0.2.1')
  assert.is(await run.exit, 2)
  assert.match(run.stderr(), /^annulus: --host: 192\.0\.2\.1 .*\n$/)
})

if (hasCurl) {
  serving('the printed lines work as pasted: create, put, get by path and by host', async () => {
    const run = serve()
    await run.printed(LISTENING)
    const [lines] = await run.printed(/^ROOT_KEY=[\s\S]*^curl .*\/\/\$ID\..*$/m)
    const shell = watch(spawn('sh', [], { stdio: 'pipe' }))
    shell.child.stdin?.end(lines)
    assert.is(await shell.exit, 0, shell.stderr())
    assert.is(shell.stderr(), '')
    assert.is(shell.stdout(), 'world\nworld\n')
  })
} else {
  skip(serving, 'the printed lines work as pasted', 'curl is not installed')
}

serving.run()
