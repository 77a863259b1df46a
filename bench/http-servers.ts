import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { BareHttp } from './bare-http.js'
import { keyOf, VALUE_BYTES } from './items.js'
import { freePort, type RunningProgram, runProgram, startRedis } from './programs.js'
import type { Load } from './wrk.js'

const CLI_FILE = fileURLToPath(new URL('../src/cli.js', import.meta.url))
const BARE_FILE = fileURLToPath(new URL('./bare-http.js', import.meta.url))
const ROOT_KEY = 'root-key-of-the-benchmark'
const VALUE = 'v'.repeat(VALUE_BYTES)
const KEEP_ALIVE_MS = 65_000
/** Node adds them to ours as well as to the bare server's. */
const BY_NODE = ['date', 'connection', 'keep-alive']

/** A server under load, and how it is asked for a key and given one. */
export interface Target {
  readonly name: string
  readonly get: Load
  readonly put: Load
  stop(): Promise<void>
}

export const OURS = 'annulus serve'
export const BARE = 'bare node:http'
export const WEBDIS = 'webdis + redis'

/** `annulus serve`, one node, holding its keys. */
export async function startOurs(): Promise<Target> {
  const port = await freePort()
  const data = mkdtempSync(join(tmpdir(), 'annulus-bench-'))
  const options = ['--port', port, '--nodes', 1, '--data', data, '--root-key', ROOT_KEY]
  const quiet = ['--log-level', 'warn']
  const server = await runProgram(
    process.execPath,
    [CLI_FILE, 'serve', ...options, ...quiet].map(String),
    port,
  )
  const made = await ask(port, 'POST', '/v1/buckets', ROOT_KEY, '{"name":"bench"}')
  const { id, credentialKey } = JSON.parse(made.body) as Record<string, string>
  const stop = async () => {
    await server.stop()
    rmSync(data, { recursive: true })
  }
  return target(
    OURS,
    port,
    `/v1/buckets/${id}/keys/`,
    `/v1/buckets/${id}/keys/`,
    credentialKey,
    stop,
  )
}

/** Answers as ours just did, byte for byte but for the values of ETag and Date. */
export async function startBare(ours: Target): Promise<Target> {
  const { port: ourPort, path, bearer } = ours.get
  const key = `${path}${keyOf(0)}`
  await ask(ourPort, 'PUT', key, bearer, VALUE)
  const put = await ask(ourPort, 'PUT', key, bearer, VALUE)
  const get = await ask(ourPort, 'GET', key, bearer)
  const port = await freePort()
  const options: BareHttp = {
    port,
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
    const same = await ask(port, method, key, bearer, body)
    if (same.headers.join().length !== answer.headers.join().length || same.body !== answer.body) {
      throw new Error(`the bare ${method} answers ${same.headers}, not ${answer.headers}`)
    }
  }
  return target(BARE, port, path, path, bearer, server.stop)
}

/** webdis before a Redis of its own: the value as it is, not wrapped in JSON. */
export async function startWebdis(): Promise<Target> {
  const redis: RunningProgram = await startRedis()
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
    acl: [{ enabled: ['GET', 'SET'] }],
  }
  writeFileSync(file, JSON.stringify(config))
  const server = await runProgram('webdis', [file], port, 'ignore') // it warns of each closed socket
  const stop = async () => {
    await server.stop()
    await redis.stop()
    rmSync(folder, { recursive: true })
  }
  return target(WEBDIS, port, '/GET/', '/SET/', '', stop)
}

function target(
  name: string,
  port: number,
  getPath: string,
  putPath: string,
  bearer: string,
  stop: () => Promise<void>,
): Target {
  const both = { port, bearer }
  return {
    name,
    get: { ...both, method: 'GET', path: getPath, bodyBytes: 0 },
    put: { ...both, method: 'PUT', path: putPath, bodyBytes: VALUE_BYTES },
    stop,
  }
}

interface Answer {
  readonly headers: readonly string[]
  readonly body: string
}

function ask(
  port: number,
  method: string,
  path: string,
  bearer: string,
  body = '',
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = {
      Authorization: `Bearer ${bearer}`,
      Connection: 'keep-alive',
      ...(body === '' ? {} : { 'Content-Length': body.length }),
      ...(method === 'POST' ? { 'Content-Type': 'application/json' } : {}),
    }
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
