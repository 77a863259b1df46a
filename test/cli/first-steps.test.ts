import { spawn, spawnSync } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { firstSteps } from '../../src/cli/first-steps.js'
import { skip } from '../skip.js'
import { watch } from './command.js'

const steps = suite('cli first steps')

const ROOT_KEY = 'root-key_1'
const hasCurl = spawnSync('curl', ['--version']).status === 0

/** As much of the HTTP API as the lines use; it refuses a wrong credential. */
async function smallServer() {
  const values = new Map<string, string>()
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    const host = (request.headers.host ?? '').replace(/:\d+$/, '')
    const call = `${request.method} ${request.url}`
    const byRoot = call === 'POST /v1/buckets' && 'name' in JSON.parse(body)
    if (request.headers.authorization !== `Bearer ${byRoot ? ROOT_KEY : 'bucket-key'}`) {
      response.writeHead(401).end()
    } else if (byRoot) {
      const bucket = { id: '4711', name: 'first-steps', accountId: '1', endpoint: 'http://x/' }
      const credential = { credentialKey: 'bucket-key', credentialId: 'c9' }
      response.writeHead(201).end(JSON.stringify({ ...bucket, ...credential }))
    } else if (call === 'PUT /v1/buckets/4711/keys/hello?ttl=1h') {
      values.set('hello', body)
      response.writeHead(201).end()
    } else if (call === 'GET /v1/buckets/4711/keys/hello') {
      response.end(`${values.get('hello')} by path`)
    } else if (call === 'GET /v1/keys/hello') {
      response.end(`${values.get('hello')} by ${host}`)
    } else response.writeHead(404).end(call)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { port, url: `http://127.0.0.1:${port}`, close: () => server.close() }
}

async function paste(shell: string, domain: string, host: string) {
  const server = await smallServer()
  try {
    const { port, url } = server
    const lines = firstSteps({ url, host, port, domain }, ROOT_KEY)
    const commands = lines.slice(lines.findIndex((line) => line.startsWith('export ROOT_KEY=')))
    const child = watch(spawn(shell, [], { stdio: 'pipe' }))
    child.child.stdin?.end(commands.join('\n'))
    assert.is(await child.exit, 0, child.stderr())
    assert.is(child.stderr(), '')
    return child.stdout()
  } finally {
    server.close()
  }
}

if (hasCurl) {
  steps('the lines work as pasted into bash and sh', async () => {
    for (const shell of ['bash', 'sh']) {
      const printed = await paste(shell, 'localhost', '127.0.0.1')
      assert.is(printed, 'world by path\nworld by 4711.localhost\n', shell)
    }
  })

  steps('they lead curl to the server under a domain that does not resolve', async () => {
    const printed = await paste('sh', 'cache.example', '0.0.0.0')
    assert.is(printed, 'world by path\nworld by 4711.cache.example\n')
  })
} else {
  skip(steps, 'the lines work as pasted into bash and sh', 'curl is not installed')
  skip(steps, 'they lead curl to the server under a domain', 'curl is not installed')
}

steps('the key stands on a line of its own, once', () => {
  const reach = { url: 'http://[::1]:7070/', host: '::1', port: 7070, domain: 'localhost' }
  const lines = firstSteps(reach, ROOT_KEY)
  assert.ok(lines.includes(`root key: ${ROOT_KEY}`))
  assert.ok(lines.some((line) => line.includes('"http://[::1]:7070/v1/buckets" ')))
  assert.ok(lines.some((line) => line.includes('http://$ID.localhost:7070/v1/keys/hello')))
})

steps('listening everywhere, they go to this host', () => {
  for (const [host, url, address] of [
    ['0.0.0.0', 'http://0.0.0.0:7070', '"http://127.0.0.1:7070/v1/buckets"'],
    ['::', 'http://[::]:7070', '"http://[::1]:7070/v1/buckets"'],
  ]) {
    const lines = firstSteps({ url, host, port: 7070, domain: 'localhost' }, ROOT_KEY)
    assert.ok(lines.some((line) => line.includes(address)))
    assert.not.ok(lines.some((line) => line.includes(url)))
  }
})

steps.run()
