/**
 * Hit ratios of the store beside the policies of the field, on public traces and generated ones:
 * `npm run bench:eviction [-- part-of-a-trace's-name ...] [--seeds N]`. A run of all traces is written
 * to bench/results/eviction.json, its curves and tables to docs/eviction.md (`--redraw`: only those,
 * from the results that are there). Traces are looked for in
 * the folder that ANNULUS_TRACES names and in shared/traces; one that is missing is skipped by name.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { type ComparedRow, compareRow, shortfallOf } from './policy/compare.js'
import { imageName, resultsPage, withResults } from './policy/page.js'
import { type Kind, openTrace, traceSources } from './policy/traces.js'
import { packageFolder } from './root.js'
import type { Row } from './row.js'
import { tableLines } from './table.js'

const BENCH = 'eviction'
const SEEDS = 3
const WORST_POINTS = 2
const MEAN_POINTS = 0.5
const BELOW_LRU_SHARE = 0.1
const BELOW_LRU_POINTS = 1.5

const ROOT = packageFolder()
const RESULTS = join(ROOT, 'bench/results/eviction.json')

const HELP = `npm run bench:eviction [-- options] [-- part-of-a-trace's-name ...]

Plays traces through the store and through six policies and the optimum. A run of all traces writes
bench/results/eviction.json, and from it tables and curves of docs/eviction.md; one of some writes nothing.

  --seeds N   hashes that each trace is played with (default: ${SEEDS})
  --redraw    only tables and curves, from the results that are there
  --help      this text

ANNULUS_TRACES names the folder of traces; those that are missing are skipped by name.`

export interface Comparison {
  readonly rows: readonly ComparedRow[]
  readonly skipped: readonly string[]
}

/** Compares on all traces that are here, or on those whose names hold one of the parts. */
export async function compareAll(parts: readonly string[], seeds = SEEDS): Promise<Comparison> {
  const rows: ComparedRow[] = []
  const skipped: string[] = []
  const chosen = traceSources.filter(
    ({ name }) => parts.length === 0 || parts.some((part) => name.includes(part)),
  )
  if (chosen.length === 0) {
    const names = traceSources.map(({ name }) => name).join(', ')
    throw new Error(`no trace is called so: ${parts.join(', ')}; there are ${names}`)
  }
  for (const [index, source] of chosen.entries()) {
    process.stderr.write(`[${index + 1}/${chosen.length}] ${source.name} …\n`)
    const trace = await openTrace(source)
    if (trace === undefined) skipped.push(source.file ?? source.name)
    else rows.push(...source.sizes.map((size) => compareRow(source, trace, size, seeds)))
  }
  return { rows, skipped }
}

/** What it comes to, as rows of the bench table: for each kind of trace, and for all. */
export function summaryRows({ rows, skipped }: Comparison): Row[] {
  const kinds: Kind[] = ['reference', 'bytes', 'further', 'generated']
  const scopes = kinds.map((kind) => [kind, rows.filter((row) => row.kind === kind)] as const)
  const measured = [...scopes, ['all', rows] as const].filter(([, scope]) => scope.length > 0)
  const absent = skipped.map((file) => ({
    bench: BENCH,
    what: file,
    value: 0,
    unit: '',
    skipped: 'put the file into the folder that ANNULUS_TRACES names: see docs/eviction.md',
  }))
  return [...measured.flatMap(([name, scope]) => scopeRows(name, scope)), ...absent]
}

/** The rows for one run of everything: a few minutes, and as much again for each further seed. */
export async function evictionRows(seeds = 1): Promise<Row[]> {
  return summaryRows(await compareAll([], seeds))
}

function scopeRows(name: string, rows: readonly ComparedRow[]): Row[] {
  const found = shortfallOf(rows)
  const { worst, mean, belowLru, deepestBelowLru } = found
  const what = `${name} traces, ${rows.length} rows x ${rows[0].ours.length} seeds`
  const beside = 'the best of LRU, CLOCK, SIEVE, S3-FIFO, ARC, W-TinyLFU in each row'
  const row = (part: string, value: number, unit: string, aim: number, at: string): Row => ({
    bench: BENCH,
    what: `${what}: ${part}`,
    value: Number(value.toFixed(2)),
    unit,
    beside: at,
    aim: `<= ${aim} ${unit}`,
    met: value <= aim,
  })
  const share = (100 * belowLru) / rows.length
  return [
    row('worst shortfall', worst, 'points', WORST_POINTS, `${beside}; ${found.worstAt}`),
    row('mean shortfall', mean, 'points', MEAN_POINTS, beside),
    row('rows below LRU', share, '%', 100 * BELOW_LRU_SHARE, `${belowLru} rows`),
    row('deepest below LRU', deepestBelowLru, 'points', BELOW_LRU_POINTS, found.deepestAt),
  ]
}

function save(comparison: Comparison, seeds: number): void {
  mkdirSync(dirname(RESULTS), { recursive: true })
  writeFileSync(RESULTS, `${JSON.stringify({ seeds, ...comparison }, roundNumber, 1)}\n`)
}

/** The page's curves and tables, from what was measured last. */
async function draw(): Promise<void> {
  const { curveSvg } = await import('./policy/curves.js')
  const { rows, skipped } = JSON.parse(readFileSync(RESULTS, 'utf8')) as Comparison
  const images = join(ROOT, 'docs/images/eviction')
  rmSync(images, { recursive: true, force: true })
  mkdirSync(images, { recursive: true })
  for (const trace of new Set(rows.map((row) => row.trace))) {
    const ofTrace = rows.filter((row) => row.trace === trace)
    writeFileSync(join(images, imageName(trace)), await curveSvg(trace, ofTrace))
  }
  const page = join(ROOT, 'docs/eviction.md')
  writeFileSync(page, withResults(readFileSync(page, 'utf8'), resultsPage(rows, skipped)))
}

function roundNumber(_key: string, value: unknown): unknown {
  return typeof value === 'number' ? Number(value.toFixed(3)) : value
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      seeds: { type: 'string', default: `${SEEDS}` },
      redraw: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) {
    console.log(HELP)
    return
  }
  if (values.redraw) return draw()
  const seeds = Number(values.seeds)
  if (!Number.isInteger(seeds) || seeds < 1) throw new Error('--seeds: a whole number from 1')
  const comparison = await compareAll(positionals, seeds)
  console.log(tableLines(summaryRows(comparison)).join('\n'))
  for (const row of comparison.rows) console.log(figures(row))
  if (positionals.length > 0) return
  save(comparison, seeds)
  await draw()
}

function figures({ trace, size, peers, opt, ours }: ComparedRow): string {
  const shown = Object.entries(peers).map(([name, ratio]) => `${name} ${ratio.toFixed(2)}`)
  const seeds = ours.map((ratio) => ratio.toFixed(2)).join(' ')
  return `${trace} ${size}: ${shown.join(', ')}, optimum ${opt?.toFixed(2) ?? '?'}; ours ${seeds}`
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await main().catch((error: unknown) => {
    process.stderr.write(`bench:eviction: ${error instanceof Error ? error.message : error}\n`)
    process.exitCode = 2
  })
}
