/** `npm run bench [-- part-of-a-name ...]`: the quick set. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { endGroupsOnSignal, runInChild } from './child.js'
import { FULL } from './effort.js'
import { quick } from './list.js'
import { describeMachine, machineLine } from './machine.js'
import { packageFolder } from './root.js'
import type { Row } from './row.js'
import { tableLines } from './table.js'

const LIMIT_MS = 120_000

async function runAll(filters: readonly string[]): Promise<void> {
  const chosen = quick.filter(
    ({ name }) => filters.length === 0 || filters.some((part) => name.includes(part)),
  )
  const rows: Row[] = []
  const failures: Record<string, string> = {}
  for (const [index, module] of chosen.entries()) {
    process.stderr.write(`[${index + 1}/${chosen.length}] ${module.name} …\n`)
    const from = performance.now()
    const outcome = await runInChild(module, FULL, LIMIT_MS)
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
  const folder = join(packageFolder(), 'bench/results')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'quick.json'), `${JSON.stringify(results, null, 2)}\n`)
  console.log(`\nwritten to ${join(folder, 'quick.json')}`)
}

endGroupsOnSignal()
await runAll(process.argv.slice(2))
