import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'

export interface RunningProgram {
  readonly port: number
  stop(): Promise<void>
}

const START_LIMIT_MS = 5_000
const RETRY_MS = 20

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
  return { port, stop }
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

/** Requests a second by test, as redis-benchmark tells them. */
export async function redisBenchmark(
  port: number,
  args: readonly string[],
): Promise<Map<string, number>> {
  const run = promisify(execFile)
  const { stdout } = await run('redis-benchmark', ['-p', `${port}`, '--csv', ...args])
  const rows = stdout
    .trim()
    .split('\n')
    .map((line) => line.split(',').map((cell) => cell.replaceAll('"', '')))
  return new Map(rows.map(([test, perSecond]) => [test.toLowerCase(), Number(perSecond)]))
}
