/**
 * `npm run bench [-- part-of-a-name ...]`: the quick set. Each benchmark runs in a process of its
 * own, so that none finds another's garbage or warmed-up code, and a failing one stops no other.
 */
import { fork } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'
import { type BenchModule, quick } from './list.js'
import { describeMachine, machineLine } from './machine.js'
import { isRow, type Row } from './row.js'
import { tableLines } from './table.js'

const TIMEOUT_MS = 120_000
const here = dirname(fileURLToPath(import.meta.url))

type Outcome = { readonly rows: Row[] } | { readonly failure: string }

/** Runs one benchmark in this process and hands its rows to the parent. */
async function runHere(name: string): Promise<void> {
  const module = quick.find((known) => known.name === name)
  if (module === undefined) throw new Error(`no benchmark is called ${name}`)
  const loaded: Record<string, unknown> = await import(new URL(module.file, import.meta.url).href)
  const run = loaded[module.run]
  if (typeof run !== 'function') throw new Error(`${module.file} exports no ${module.run}()`)
  const rows: unknown = await run()
  process.send?.(rows, () => process.exit(0))
}

/** Runs one benchmark in a child; what it prints goes to standard error. */
function runChild({ name }: BenchModule): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = fork(fileURLToPath(import.meta.url), ['--only', name], {
      stdio: ['ignore', 2, 2, 'ipc'],
      execArgv: ['--expose-gc', '--enable-source-maps'],
    })
    let outcome: Outcome | undefined
    const watchdog = setTimeout(() => {
      outcome = { failure: `did not end within ${TIMEOUT_MS / 1000} s` }
      child.kill('SIGKILL')
    }, TIMEOUT_MS)
    child.on('message', (message) => {
      const rows: unknown[] = Array.isArray(message) ? message : [undefined]
      outcome = rows.every(isRow)
        ? { rows }
        : { failure: 'gave something else than rows (bench/row.ts)' }
    })
    child.on('error', (error) => {
      outcome = { failure: error.message }
    })
    child.on('close', (code, signal) => {
      clearTimeout(watchdog)
      resolve(outcome ?? { failure: `ended with ${signal ?? code} and without rows` })
    })
  })
}

async function runAll(filters: readonly string[]): Promise<void> {
  const chosen = quick.filter(
    ({ name }) => filters.length === 0 || filters.some((part) => name.includes(part)),
  )
  const rows: Row[] = []
  const failures: Record<string, string> = {}
  for (const [index, module] of chosen.entries()) {
    process.stderr.write(`[${index + 1}/${chosen.length}] ${module.name} …\n`)
    const from = performance.now()
    const outcome = await runChild(module)
    const seconds = ((performance.now() - from) / 1_000).toFixed(1)
    if ('rows' in outcome) rows.push(...outcome.rows)
    else failures[module.name] = outcome.failure
    const result = 'rows' in outcome ? `${outcome.rows.length} rows` : `FAILED: ${outcome.failure}`
    process.stderr.write(`    ${result}, ${seconds} s\n`)
  }
  const machine = describeMachine()
  console.log(`\n${machineLine(machine)}\n\n${tableLines(rows).join('\n')}`)
  const missed = rows.filter(({ met }) => met === false).length
  const failed = Object.entries(failures)
  console.log(
    `\n${rows.length} rows, ${missed} below their aim, ${failed.length} benchmarks failed`,
  )
  for (const [name, failure] of failed) console.log(`  ${name}: ${failure}`)
  if (filters.length === 0) save({ at: new Date().toISOString(), machine, rows, failures })
  if (failed.length > 0 || chosen.length === 0) process.exitCode = 1
}

/** A run of the whole set replaces the last one's results. */
function save(results: unknown): void {
  let root = here
  while (!existsSync(join(root, 'package.json')) && root !== dirname(root)) root = dirname(root)
  const folder = join(root, 'bench/results')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'quick.json'), `${JSON.stringify(results, null, 2)}\n`)
  console.log(`\nwritten to ${join(folder, 'quick.json')}`)
}

const [flag, name] = process.argv.slice(2)
if (flag === '--only' && process.send !== undefined) await runHere(name)
else await runAll(process.argv.slice(2))
