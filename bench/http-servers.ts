import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { BareHttp } from './bare-http.js'
import { keyOf, VALUE_BYTES } from './items.js'
import { fillMemcached } from './memcached.js'
import { freePort, runProgram, startMemcached, startNginx, startRedis } from './programs.js'
import { type Load, requestBytes } from './wrk.js'

const CLI_FILE = fileURLToPath(new URL('../src/cli.js', import.meta.url))
const BARE_FILE = fileURLToPath(new URL('./bare-http.js', import.meta.url))
const ROOT_KEY = 'root-key-of-the-benchmark'
/** What the root key's holder says. */
export const ROOT = { Authorization: `Bearer ${ROOT_KEY}`, 'Content-Type': 'application/json' }
const KEYS = 1_000
const VALUE = 'v'.repeat(VALUE_BYTES)
const KEEP_ALIVE_MS = 65_000
/** Node adds them to ours as well as to the bare server's. */
const BY_NODE = ['date', 'connection', 'keep-alive']

export const OURS = 'annulus serve'
export const BARE = 'bare node:http'
export const WEBDIS = 'webdis + redis'
export const NGINX = 'nginx + memcached'

/** A server under load: the same thousand keys, got and put. */
export interface Target {
  readonly name: string
  readonly port: number
  readonly get: Load
  readonly put: Load
  stop(): Promise<void>
}

/** Ours, with a bucket: what further requests need to know. */
export interface OurTarget extends Target {
  readonly bucketPath: string
  readonly headers: Readonly<Record<string, string>>
}

export interface OurOptions {
  readonly cli?: string
  readonly acceptors?: number
  readonly memory?: string
  readonly nodes?: number
}

/** Whether a build's `serve` can be told how many threads take connections. */
export async function hasAcceptors(cli = CLI_FILE): Promise<boolean> {
  const { stdout } = await promisify(execFile)(process.execPath, [cli, 'serve', '--help'])
  return stdout.includes('--acceptors')
}

/** `annulus serve` with one node and one acceptor unless told. */
export async function startOurs(options: OurOptions = {}): Promise<OurTarget> {
  const { cli = CLI_FILE, acceptors = 1, memory = '256mb', nodes = 1 } = options
  const port = await freePort()
  const data = mkdtempSync(join(tmpdir(), 'annulus-bench-'))
  const several = (await hasAcceptors(cli)) ? ['--acceptors', `${acceptors}`] : []
  const where = ['--port', `${port}`, '--data', data, '--root-key', ROOT_KEY]
  const size = ['--nodes', `${nodes}`, '--memory', memory, ...several]
  const args = [cli, 'serve', ...where, ...size, '--log-level', 'warn']
  const server = await runProgram(process.execPath, args, port)
  const made = await ask(port, 'POST', '/v1/buckets', ROOT, '{"name":"bench"}')
  const { id, credentialKey } = JSON.parse(made.body) as Record<string, string>
  const stop = async () => {
    await server.stop()
    rmSync(data, { recursive: true })
  }
  const bucketPath = `/v1/buckets/${id}`
  const headers = { Authorization: `Bearer ${credentialKey}` }
  const path = (key: string) => `${bucketPath}/keys/${key}`
  return { ...target(OURS, port, path, path, headers, stop), bucketPath, headers }
}

/** Answers as ours just did, byte for byte but for the values of ETag and Date. */
export async function startBare(ours: OurTarget, threads = 1): Promise<Target> {
  const { headers } = ours
  const path = (key: string) => `${ours.bucketPath}/keys/${key}`
  const key = path(keyOf(0))
  await ask(ours.port, 'PUT', key, headers, VALUE)
  const put = await ask(ours.port, 'PUT', key, headers, VALUE)
  const get = await ask(ours.port, 'GET', key, headers)
  const port = await freePort()
  const options: BareHttp = {
    port,
    threads,
    body: VALUE,
    getHeaders: withoutNodes(get.headers),
    putHeaders: withoutNodes(put.headers),
    keepAliveMs: KEEP_ALIVE_MS,
  }
  const server = await runProgram(process.execPath, [BARE_FILE, JSON.stringify(options)], port)
  for (const [method, answer, body] of [
    ['GET', get, ''],
    ['PUT', put, VALUE],
  ] as const) {
    const same = await ask(port, method, key, headers, body)
    if (same.headers.join().length !== answer.headers.join().length || same.body !== answer.body) {
      throw new Error(`the bare ${method} answers ${same.headers}, not ${answer.headers}`)
    }
  }
  return target(BARE, port, path, path, headers, server.stop)
}

/** webdis before a Redis of its own: the value as it is, not wrapped in JSON. */
export async function startWebdis(): Promise<Target> {
  const redis = await startRedis()
  const port = await freePort()
  const folder = mkdtempSync(join(tmpdir(), 'annulus-webdis-'))
  const file = join(folder, 'webdis.json')
  const config = {
    redis_host: '127.0.0.1',
    redis_port: redis.port,
    http_host: '127.0.0.1',
    http_port: port,
    threads: 1,
    pool_size: 1,
    daemonize: false,
    database: 0,
    verbosity: 0,
    logfile: join(folder, 'webdis.log'),
    acl: [{ enabled: ['GET', 'SET', 'MGET', 'MSET'] }],
  }
  writeFileSync(file, JSON.stringify(config))
  const server = await runProgram('webdis', [file], port, 'ignore') // it warns of each closed socket
  const stop = async () => {
    await server.stop()
    await redis.stop()
    rmSync(folder, { recursive: true })
  }
  return target(
    WEBDIS,
    port,
    (key) => `/GET/${key}.txt`,
    (key) => `/SET/${key}`,
    {},
    stop,
  )
}

/** nginx before a memcached, each with so many workers. It cannot put: its keys are put directly. */
export async function startNginxMemcached(workers: number): Promise<Target> {
  const memcached = await startMemcached(workers)
  await fillMemcached(memcached.port, KEYS, (i) => [keyOf(i), VALUE])
  const nginx = await startNginx(workers, memcached.port)
  const stop = async () => {
    await nginx.stop()
    await memcached.stop()
  }
  const path = (key: string) => `/get/${key}`
  return target(NGINX, nginx.port, path, path, {}, stop)
}

function target(
  name: string,
  port: number,
  getPath: (key: string) => string,
  putPath: (key: string) => string,
  headers: Readonly<Record<string, string>>,
  stop: () => Promise<void>,
): Target {
  const keys = Array.from({ length: KEYS }, (_, i) => keyOf(i))
  const body = Buffer.from(VALUE)
  const gets = keys.map((key) => requestBytes('GET', getPath(key), headers))
  const puts = keys.map((key) => requestBytes('PUT', putPath(key), headers, body))
  return { name, port, get: { port, requests: gets }, put: { port, requests: puts }, stop }
}

interface Answer {
  readonly headers: readonly string[]
  readonly body: string
}

/** One request, and its answer; throws where that is no success. */
export function ask(
  port: number,
  method: string,
  path: string,
  told: Readonly<Record<string, string>>,
  body = '',
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const length = body === '' ? {} : { 'Content-Length': body.length }
    const headers = { ...told, Connection: 'keep-alive', ...length }
    const req = request({ host: '127.0.0.1', port, method, path, headers, agent: false }, (res) => {
      let text = ''
      res.setEncoding('latin1')
      res.on('data', (chunk: string) => {
        text += chunk
      })
      res.on('end', () => {
        const isOk = (res.statusCode ?? 0) < 300
        if (isOk) resolve({ headers: res.rawHeaders, body: text })
        else reject(new Error(`${method} ${path}: ${res.statusCode} ${text}`))
      })
    })
    req.on('error', reject)
    req.end(body)
  })
}

function withoutNodes(raw: readonly string[]): string[] {
  return raw.filter((_, i) => !BY_NODE.includes(raw[i - (i % 2)].toLowerCase()))
}
