/**
 * `npm run bench:peers`: every work beside its peers, interleaved round by round. Progress comes on
 * standard error, the tables on standard output and in docs/benchmarks.md.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { renderSvg } from './charts.js'
import { endGroupsOnSignal, runInChild } from './child.js'
import type { Effort } from './effort.js'
import { describeMachine, machineLine } from './machine.js'
import { HELP, peersOptions } from './peers/options.js'
import { IMAGES, resultsText, withResults } from './peers/page.js'
import { plotName, plotOf } from './peers/plots.js'
import { merged, type Results, readResults, type WorkResult } from './peers/results.js'
import { type Work, works } from './peers/works.js'
import { packageFolder } from './root.js'
import { sectionLines } from './table.js'

const LIMIT_MS = 600_000

async function measure(work: Work, effort: Effort): Promise<WorkResult> {
  const { number, name, title } = work
  const machine = describeMachine()
  const at = new Date().toISOString()
  const from = performance.now()
  const outcome = await runInChild(work, effort, LIMIT_MS)
  const seconds = Math.round((performance.now() - from) / 100) / 10
  return { number, name, title, at, rounds: effort.rounds, seconds, machine, rows: [], ...outcome }
}

async function measureAll(chosen: readonly Work[], effort: Effort): Promise<WorkResult[]> {
  const results: WorkResult[] = []
  for (const [index, work] of chosen.entries()) {
    const { number, title } = work
    process.stderr.write(`[${index + 1}/${chosen.length}] ${number}. ${title} …\n`)
    const result = await measure(work, effort)
    const { rows, failure, seconds } = result
    const told = failure === undefined ? `${rows.length} rows` : `FAILED: ${failure}`
    process.stderr.write(`    ${told}, ${seconds} s\n`)
    console.log(`\n${number}. ${title}\n`)
    console.log(failure ?? sectionLines(rows).join('\n'))
    results.push(result)
  }
  return results
}

/** Plots, tables and JSON, all from the same results. */
async function save(results: Results): Promise<void> {
  const root = packageFolder()
  const images = join(root, 'docs', IMAGES)
  rmSync(images, { recursive: true, force: true })
  mkdirSync(images, { recursive: true })
  const drawn = new Set<string>()
  for (const work of results.works) {
    const spec = plotOf(work)
    if (spec === undefined) continue
    writeFileSync(join(images, plotName(work)), await renderSvg(spec))
    drawn.add(plotName(work))
  }
  const page = join(root, 'docs/benchmarks.md')
  writeFileSync(page, withResults(readFileSync(page, 'utf8'), resultsText(results, drawn)))
  mkdirSync(join(root, 'bench/results'), { recursive: true })
  writeFileSync(resultsFile(), `${JSON.stringify(results, null, 2)}\n`)
  console.log(`\nwritten to ${resultsFile()} and ${page}`)
}

function resultsFile(): string {
  return join(packageFolder(), 'bench/results/peers.json')
}

async function run(): Promise<void> {
  const options = peersOptions(process.argv.slice(2))
  if (options === undefined) {
    console.log(HELP)
    return
  }
  endGroupsOnSignal()
  console.log(machineLine(describeMachine()))
  const results = await measureAll(options.chosen, options.effort)
  const rows = results.flatMap((result) => result.rows)
  const count = (isSo: (row: (typeof rows)[number]) => boolean) => rows.filter(isSo).length
  const failed = results.filter(({ failure }) => failure !== undefined).length
  console.log(
    `\n${count(({ met }) => met === true)} aims met, ${count(({ met }) => met === false)} missed, ` +
      `${count(({ skipped }) => skipped !== undefined)} skipped, ${failed} works failed`,
  )
  if (!options.isTrial) await save(merged(readResults(resultsFile(), works), results))
  if (failed > 0) process.exitCode = 1
}

try {
  await run()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 2
}
