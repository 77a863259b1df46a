import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { Redis } from 'ioredis'
import { fileOf } from './installed.js'
import { keyOf, valueFor } from './items.js'

export interface RunningProgram {
  readonly port: number
  readonly pid: number
  stop(): Promise<void>
}

const START_LIMIT_MS = 5_000
const RETRY_MS = 20
const FILL_BATCH = 1_000

/** A port of the loopback that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** Runs a program until `stop`; resolves when it accepts connections on `port`. */
export async function runProgram(
  file: string,
  args: readonly string[],
  port: number,
  errors: 'inherit' | 'ignore' = 'inherit',
): Promise<RunningProgram> {
  const child = spawn(file, args, { stdio: ['ignore', 'ignore', errors] })
  let failure: Error | undefined
  child.on('error', (error) => {
    failure = error
  })
  const gone = new Promise<void>((resolve) => child.once('close', () => resolve()))
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM')
    await gone
  }
  const killAtExit = () => child.kill('SIGKILL')
  process.once('exit', killAtExit)
  gone.then(() => process.off('exit', killAtExit))
  for (const from = performance.now(); !(await accepts(port)); await sleep(RETRY_MS)) {
    if (failure !== undefined) throw failure
    if (child.exitCode !== null) throw new Error(`${file} ended with ${child.exitCode}`)
    if (performance.now() - from > START_LIMIT_MS) {
      await stop()
      throw new Error(`${file} does not listen on port ${port}`)
    }
  }
  return { port, pid: child.pid ?? 0, stop }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => resolve(false))
    socket.on('connect', () => {
      socket.destroy()
      resolve(true)
    })
  })
}

/** A Redis of its own that keeps nothing on disk. */
export async function startRedis(): Promise<RunningProgram> {
  const port = await freePort()
  const noDisk = ['--save', '', '--appendonly', 'no']
  const quiet = ['--bind', '127.0.0.1', '--port', `${port}`, '--loglevel', 'warning']
  return runProgram('redis-server', [...noDisk, ...quiet], port)
}

/** Puts `count` items, each with a TTL of its own. */
export async function fillRedis(
  client: Redis,
  count: number,
  ttlMs: (index: number) => number,
): Promise<void> {
  for (let from = 0; from < count; from += FILL_BATCH) {
    const batch = client.pipeline()
    const end = Math.min(count, from + FILL_BATCH)
    for (let i = from; i < end; i++) batch.set(keyOf(i), valueFor(i), 'PX', ttlMs(i))
    await batch.exec()
  }
}

/** What the system says that a process has in memory. */
export function residentBytes(pid: number): number {
  const kilobytes = /^VmRSS:\s*(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]
  return Number(kilobytes) * 1_024
}

/** A memcached of its own with room for all that a benchmark puts. */
export async function startMemcached(threads: number, megabytes = 1_024): Promise<RunningProgram> {
  const port = await freePort()
  const user = process.getuid?.() === 0 ? ['-u', 'root'] : []
  const where = ['-l', '127.0.0.1', '-p', `${port}`, '-U', '0', ...user]
  return runProgram('memcached', [...where, '-m', `${megabytes}`, '-t', `${threads}`], port)
}

/** nginx that answers `/get/KEY` from a memcached. */
export async function startNginx(workers: number, memcachedPort: number): Promise<RunningProgram> {
  const port = await freePort()
  const folder = mkdtempSync(join(tmpdir(), 'annulus-nginx-'))
  const file = join(folder, 'nginx.conf')
  const user = process.getuid?.() === 0 ? 'user root;' : ''
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${folder};`)
    .join(' ')
  writeFileSync(
    file,
    `${user} daemon off; worker_processes ${workers}; pid ${folder}/pid; error_log stderr error;
    events { worker_connections 4096; }
    http {
      access_log off; ${temporary}
      upstream cache { server 127.0.0.1:${memcachedPort}; keepalive 64; }
      server {
        listen 127.0.0.1:${port} reuseport; keepalive_requests 1000000000;
        location ~ ^/get/(.+)$ {
          set $memcached_key $1; memcached_pass cache; default_type application/octet-stream;
        }
      }
    }`,
  )
  const server = await runProgram(fileOf('nginx') ?? 'nginx', ['-p', folder, '-c', file], port)
  const stop = async () => {
    await server.stop()
    rmSync(folder, { recursive: true })
  }
  return { ...server, stop }
}

/** Requests a second by test, as redis-benchmark tells them. */
export async function redisBenchmark(
  port: number,
  args: readonly string[],
): Promise<Map<string, number>> {
  const run = promisify(execFile)
  const { stdout } = await run('redis-benchmark', ['-p', `${port}`, '--csv', ...args])
  return parseRedisBenchmark(stdout)
}

/** `"test","rps",…` and a line like `"SET","147058.81",…` for each test. */
export function parseRedisBenchmark(csv: string): Map<string, number> {
  const rows = csv
    .trim()
    .split('\n')
    .map((line) => line.split('","').map((cell) => cell.replaceAll('"', '')))
    .filter(([, perSecond]) => Number.isFinite(Number(perSecond)))
  if (rows.length === 0) throw new Error(`redis-benchmark: ${csv}`)
  return new Map(rows.map(([test, perSecond]) => [test.toLowerCase(), Number(perSecond)]))
}
