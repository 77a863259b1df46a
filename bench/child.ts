/**
 * Each benchmark runs in a process of its own, so that none finds another's garbage or warmed-up code,
 * and a failing one stops no other. What it started ends with it, and what it wrote is removed.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Effort } from './effort.js'
import type { BenchModule } from './list.js'
import { isRow, type Row } from './row.js'

export type Outcome = { readonly rows: readonly Row[] } | { readonly failure: string }

interface Told {
  readonly module: BenchModule
  readonly effort: Effort
}

const running = new Set<Group>()

/** A process with all that it starts, and a folder for what they write. */
export class Group {
  readonly child: ChildProcess
  private readonly folder = mkdtempSync(join(tmpdir(), 'annulus-bench-run-'))

  constructor(file: string, args: readonly string[]) {
    this.child = fork(file, args, {
      stdio: ['ignore', 2, 2, 'ipc'],
      execArgv: ['--expose-gc', '--enable-source-maps'],
      env: { ...process.env, TMPDIR: this.folder },
      detached: true, // the head of a group, which can be ended as one
    })
    running.add(this)
  }

  end(): void {
    running.delete(this)
    const { pid } = this.child
    try {
      if (pid !== undefined) process.kill(-pid, 'SIGKILL')
    } catch {
      // nothing of it is left
    }
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 })
  }
}

/** Ctrl-C reaches only this process, since each child heads a group of its own. */
export function endGroupsOnSignal(): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => process.exit(130))
  }
  process.once('exit', () => {
    for (const group of running) group.end()
  })
}

/** Runs one benchmark in a child; what it prints goes to standard error. */
export function runInChild(module: BenchModule, effort: Effort, limitMs: number): Promise<Outcome> {
  const told: Told = { module, effort }
  const group = new Group(fileURLToPath(import.meta.url), [JSON.stringify(told)])
  return new Promise((resolve) => {
    let outcome: Outcome | undefined
    const watchdog = setTimeout(() => {
      outcome = { failure: `did not end within ${limitMs / 1000} s` }
      group.child.kill('SIGKILL')
    }, limitMs)
    group.child.on('message', (message) => {
      outcome ??= outcomeOf(message)
    })
    group.child.on('error', (error) => {
      outcome ??= { failure: error.message }
    })
    group.child.on('exit', (code, signal) => {
      clearTimeout(watchdog)
      group.end()
      resolve(outcome ?? { failure: `ended with ${signal ?? code} and without rows` })
    })
  })
}

function outcomeOf(message: unknown): Outcome {
  if (typeof message === 'string') return { failure: message }
  const rows: unknown[] = Array.isArray(message) ? message : [undefined]
  if (rows.every(isRow)) return { rows }
  return { failure: 'gave something else than rows (bench/row.ts)' }
}

/** The child's part: runs the benchmark and hands its rows to the parent. */
async function runHere({ module, effort }: Told): Promise<void> {
  const loaded: Record<string, unknown> = await import(new URL(module.file, import.meta.url).href)
  const run = loaded[module.run]
  if (typeof run !== 'function') throw new Error(`${module.file} exports no ${module.run}()`)
  const rows: unknown = await run(effort)
  process.send?.(rows, () => process.exit(0))
}

const [told] = process.argv.slice(2)
const isChild = process.argv[1] === fileURLToPath(import.meta.url) && process.send !== undefined
if (isChild && told !== undefined) {
  try {
    await runHere(JSON.parse(told) as Told)
  } catch (error) {
    console.error(error)
    process.send?.(error instanceof Error ? error.message : String(error), () => process.exit(1))
  }
}
