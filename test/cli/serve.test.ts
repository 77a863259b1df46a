import { spawn, spawnSync } from 'node:child_process'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { buildFolder, type Scratch, scratch } from '../scratch.js'
import { skip } from '../skip.js'
import { type Running, start, watch } from './command.js'

const serving = suite('cli serve')
const cli = join(buildFolder, 'src/cli.js')

const LISTENING = /^listening on (http:\/\/127\.0\.0\.1:\d+)$/m
const STOPS = ['SIGTERM: draining', 'stopped']
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
  return plain(...SMALL, ...args)
}

/** Without any option that a ring is made of. */
function plain(...args: string[]): Running {
  const run = start(['serve', '--data', join(place.folder, 'data'), ...args])
  running.push(run)
  return run
}

/** Serves, stops, and gives what was logged. */
async function logged(run: Running): Promise<string[]> {
  await run.printed(LISTENING)
  run.child.kill('SIGTERM')
  assert.is(await run.exit, 0, run.stderr())
  return messages(run)
}

function messages(run: Running): string[] {
  const lines = run.stderr().trimEnd().split('\n')
  return lines.map((line) => {
    const { msg }: { msg: string } = JSON.parse(line)
    return msg
  })
}

async function refused(run: Running, ...words: string[]): Promise<void> {
  assert.is(await run.exit, 2, run.stderr())
  assert.is(run.stdout(), '')
  assert.match(run.stderr(), /^annulus: .*\n$/)
  for (const word of words) assert.match(run.stderr(), word)
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

serving('several acceptors serve one port, and drain with the first', async () => {
  const run = serve('--acceptors', '3')
  const [, url] = await run.printed(LISTENING)
  const ask = async () =>
    (await fetch(`${url}/healthz`, { headers: { Connection: 'close' } })).status
  const statuses = await Promise.all(Array.from({ length: 24 }, ask))
  assert.ok(statuses.every((status) => status === 200))
  run.child.kill('SIGTERM')
  await Promise.allSettled(Array.from({ length: 24 }, ask))
  assert.is(await run.exit, 0, run.stderr())
  assert.equal(messages(run), STOPS)
})

serving('logs are lines of JSON on standard error', async () => {
  assert.equal(await logged(serve()), STOPS)
})

serving('a later start logs where options differ that were given, and no others', async () => {
  await logged(serve('--virtual-nodes', '16'))
  assert.equal(await logged(plain('--port', '0')), STOPS)
  const same = ['--nodes', '1', '--memory', '32mb', '--virtual-nodes', '16']
  assert.equal(await logged(plain('--port', '0', ...same)), STOPS)
  // Far too little for its values, but the ring comes from the directory.
  const others = ['--nodes', '2', '--memory', '1mb', '--virtual-nodes', '1024']
  const [nodes, memory, virtualNodes, ...rest] = await logged(plain('--port', '0', ...others))
  assert.match(nodes, /^nodes: 2 asked, the ring has 1:/)
  assert.match(memory, /^memory: 1mb asked, the ring has 32mb:/)
  assert.match(virtualNodes, /^virtual nodes: 1024 asked, the ring has 16:/)
  assert.equal(rest, STOPS)
})

serving('memory too small for the largest value is refused, the default one too', async () => {
  const words = ['--memory', '--max-value', '8mb']
  await refused(plain('--memory', '16mb'), ...words)
  await refused(plain('--memory', '64mb', '--nodes', '4'), ...words, '4 nodes')
  await refused(plain('--memory', '10gb', '--nodes', '2'), '--memory', '--nodes', '2gb')
  await refused(plain('--max-value', '33mb'), '--max-value', '32mb')
  await refused(plain('--nodes', '40', '--memory', '1gb', '--virtual-nodes', '65536'), 'tokens')
  const run = serve()
  await run.printed(LISTENING)
  await run.printed(/^root key: /m) // the starts that were refused have not used it up
})

serving('the ring that is kept must hold the largest value, whatever memory is given', async () => {
  await logged(plain('--port', '0', '--memory', '8mb', '--max-value', '1mb'))
  await refused(plain('--port', '0'), '--max-value', '8mb')
  await refused(plain('--port', '0', '--memory', '1gb'), '--max-value', '8mb')
  assert.equal(await logged(plain('--port', '0', '--max-value', '1mb')), STOPS)
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

serving('changes are logged with who made them, and no credential is', async () => {
  const rootKey = 'a-root-key-"quoted"\\and-chosen'
  const run = serve('--root-key', rootKey, '--log-level', 'trace', '--acceptors', '2')
  const [, url] = await run.printed(LISTENING)
  const ask = async (method: string, path: string, key: string, body?: object) => {
    const answer = await fetch(url + path, {
      method,
      headers: { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    return text.startsWith('{') ? (JSON.parse(text) as Record<string, string>) : {}
  }
  const made = await ask('POST', '/v1/buckets', rootKey, { name: 'b' })
  const path = `/v1/buckets/${made['id']}`
  const key = made['credentialKey']
  // Also where no credential belongs: in an address, as a key, as a name.
  await ask('POST', `/v1/nodes/${key}/fail`, rootKey)
  await ask('DELETE', `/v1/nodes/${encodeURIComponent(rootKey)}`, rootKey)
  await ask('POST', `${path}/credentials?key=${key}`, key, { role: 'nobody' })
  await ask('GET', `${path}/keys/${key}`, key)
  await ask('POST', '/v1/buckets?name=nobody@', 'no-credential-of-anybody')
  await ask('POST', `${path}/flush`, key)
  const turned = await ask('POST', '/v1/credentials/rotate', rootKey)
  run.child.kill('SIGTERM')
  assert.is(await run.exit, 0, run.stderr())
  const log = run.stderr()
  for (const secret of [
    rootKey,
    JSON.stringify(rootKey).slice(1, -1),
    key,
    turned['credentialKey'],
  ]) {
    assert.not.ok(log.includes(secret), log)
    assert.not.ok(log.includes(encodeURIComponent(secret)), log)
  }
  const lines = log
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  const flushed = lines.find(({ msg }) => msg === 'POST /v1/buckets/{id}/flush')
  assert.equal(
    [flushed.by, flushed.credentialId, flushed.status],
    ['bucket', made['credentialId'], 204],
  )
  const refused = lines.filter(({ msg }) => msg === 'DELETE /v1/nodes/{id}')
  assert.equal([refused[0].by, refused[0].status], ['root', 404])
  assert.is(refused[0].path, '/v1/nodes/…')
  assert.not.ok(log.includes('nobody@'), 'whoever has no credential leaves no line')
})

serving('a log that nobody reads does not hold the server up', async () => {
  const child = spawn(
    process.execPath,
    [cli, 'serve', '--data', join(place.folder, 'data'), ...SMALL, '--root-key', 'a'.repeat(32)],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  )
  try {
    child.stderr.pause()
    const url = await new Promise<string>((resolve) => {
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        const [, found] = LISTENING.exec(text) ?? []
        if (found !== undefined) resolve(found)
      })
    })
    const headers = { Authorization: `Bearer ${'a'.repeat(32)}` }
    // A pipe takes 64 KiB before whoever writes to it has to wait.
    for (let n = 0; n < 600; n++) {
      const answer = await fetch(`${url}/v1/nodes/nobody/fail`, { method: 'POST', headers })
      assert.is(answer.status, 404)
      await answer.arrayBuffer()
    }
    assert.is((await fetch(`${url}/healthz`)).status, 200)
  } finally {
    child.kill('SIGKILL')
  }
})

serving('of an option that is unknown the value is not shown', async () => {
  const run = serve('--rootkey=a-secret-that-was-mistyped')
  assert.is(await run.exit, 2)
  assert.match(run.stderr(), /^annulus: unknown option '--rootkey'/)
  assert.not.ok(run.stderr().includes('secret'))
})

if (hasCurl) {
  serving('the printed lines work as pasted: create, put, get by path and by host', async () => {
    const run = serve()
    await run.printed(LISTENING)
    const [lines] = await run.printed(/^export ROOT_KEY=[\s\S]*^curl .*\/\/\$ID\..*$/m)
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
