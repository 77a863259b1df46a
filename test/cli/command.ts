import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { buildFolder } from '../scratch.js'

const cli = join(buildFolder, 'src/cli.js')
const TIMEOUT_MS = 30_000

export interface Outcome {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

type Variables = Readonly<Record<string, string>>

/** Runs the compiled command to its end. */
export function annulus(args: readonly string[], env: Variables = {}): Outcome {
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, ...args], {
    env: { ...cleanEnv(), ...env },
    encoding: 'utf8',
    timeout: TIMEOUT_MS,
  })
  return { status, stdout, stderr }
}

/** A command under way, and what it has printed so far. */
export interface Running {
  readonly child: ChildProcess
  readonly exit: Promise<number | string | null>
  stdout(): string
  stderr(): string
  /** Resolves once standard output matches; rejects when the process ends before. */
  printed(pattern: RegExp): Promise<RegExpExecArray>
}

export function start(args: readonly string[], env: Variables = {}): Running {
  return watch(spawn(process.execPath, [cli, ...args], { env: { ...cleanEnv(), ...env } }))
}

/** Follows a process; one that outlives its test is killed. */
export function watch(child: ChildProcess): Running {
  let stdout = ''
  let stderr = ''
  const changed: (() => void)[] = []
  const notify = () => {
    for (const listener of changed) listener()
  }
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
    notify()
  })
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const watchdog = setTimeout(() => child.kill('SIGKILL'), TIMEOUT_MS)
  let ended = false
  const exit = new Promise<number | string | null>((resolve) => {
    child.on('close', (status, signal) => {
      clearTimeout(watchdog)
      ended = true
      resolve(status ?? signal)
      notify()
    })
  })
  const printed = (pattern: RegExp) =>
    new Promise<RegExpExecArray>((resolve, reject) => {
      const look = () => {
        const match = pattern.exec(stdout)
        if (match !== null) resolve(match)
        else if (ended) reject(new Error(`ended without ${pattern}: ${stdout}${stderr}`))
      }
      changed.push(look)
      look()
    })
  return { child, exit, stdout: () => stdout, stderr: () => stderr, printed }
}

/** The environment of the tests must not set options of the command. */
function cleanEnv(): NodeJS.ProcessEnv {
  const entries = Object.entries(process.env).filter(([name]) => !name.startsWith('ANNULUS_'))
  return Object.fromEntries(entries)
}
