import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { runFile } from './file.js'
import type { Outcome } from './summary.js'

export interface RunOptions {
  readonly folder: string
  /** Only files whose path holds one of these; all where there is none. */
  readonly filters: readonly string[]
  readonly jobs: number
  readonly timeoutMs: number
  readonly write: (text: string) => void
}

export interface Totals {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

/** Every `*.test.js` below the folder, as sorted relative paths; the soak has its own runner. */
export function findTests(folder: string, filters: readonly string[]): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => path.endsWith('.test.js') && !path.startsWith('soak/'))
    .filter((path) => !path.startsWith('.') && !path.includes('/.'))
    .filter((path) => filters.length === 0 || filters.some((part) => path.includes(part)))
    .sort()
}

/** Runs the files a few at a time; prints a line for each and the whole output of those that fail. */
export async function runAll(options: RunOptions): Promise<Totals> {
  const { folder, filters, write } = options
  const files = findTests(folder, filters)
  if (files.length === 0) {
    const asked = filters.length === 0 ? '' : ` that holds ${filters.join(' or ')}`
    write(`no test file${asked} in ${folder}\n`)
  }
  const outcomes: Outcome[] = []
  let next = 0
  async function lane(): Promise<void> {
    while (next < files.length) {
      const file = files[next++]
      const outcome = await runFile(file, join(folder, file), options.timeoutMs)
      outcomes.push(outcome)
      write(report(outcome, outcomes.length, files.length))
    }
  }
  await Promise.all(Array.from({ length: Math.max(1, options.jobs) }, lane))
  return conclude(outcomes, write)
}

function report(outcome: Outcome, done: number, of: number): string {
  const { file, passed, failed, skipped, seconds } = outcome
  const counts = [`${passed} passed`]
  if (failed > 0) counts.push(`${failed} FAILED`)
  if (skipped > 0) counts.push(`${skipped} skipped`)
  const place = `${done}`.padStart(`${of}`.length)
  let text = `[${place}/${of}] ${file}  ${counts.join(', ')}  ${seconds.toFixed(1)} s\n`
  for (const reason of outcome.reasons) text += `        ${reason}\n`
  if (failed > 0) {
    if (outcome.trouble !== undefined) text += `        ${outcome.trouble}\n`
    text += `${outcome.output.trimEnd().replace(/^/gm, '    | ')}\n`
  }
  return text
}

function conclude(outcomes: readonly Outcome[], write: (text: string) => void): Totals {
  const sum = (pick: (outcome: Outcome) => number) => outcomes.reduce((n, o) => n + pick(o), 0)
  const totals = {
    passed: sum((o) => o.passed),
    failed: sum((o) => o.failed),
    skipped: sum((o) => o.skipped),
  }
  const red = outcomes.filter((outcome) => outcome.failed > 0)
  if (red.length > 0) {
    write(
      `\nfailed:\n${red.map((o) => `  ${o.file}${o.trouble ? ` (${o.trouble})` : ''}\n`).join('')}`,
    )
  }
  write(`\n${closingLine(totals)}\n`)
  return totals
}

/** The plain last line that CI reads. */
export function closingLine({ passed, failed, skipped }: Totals): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
}
