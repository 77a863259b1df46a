import { machineLine } from '../machine.js'
import type { Row } from '../row.js'
import { figure, sectionLines } from '../table.js'
import { plotName } from './plots.js'
import type { Results, WorkResult } from './results.js'

export const BEGIN = '<!-- written by npm run bench:peers: begin -->'
export const END = '<!-- written by npm run bench:peers: end -->'

/** Where the plots lie, seen from the page. */
export const IMAGES = 'images/benchmarks'

/** Puts the text between the page's marks; what people wrote around them stays. */
export function withResults(page: string, text: string): string {
  const begin = page.indexOf(BEGIN)
  const end = page.indexOf(END)
  if (begin < 0 || end < begin) throw new Error(`the page lacks ${BEGIN} … ${END}`)
  return `${page.slice(0, begin + BEGIN.length)}\n\n${text}\n\n${page.slice(end)}`
}

/** All that was measured, for people: each aim first, then a section a work. */
export function resultsText({ works }: Results, drawn: ReadonlySet<string>): string {
  const runs = [...new Set(works.map(runLine))].map((line) => `- ${line}`)
  const sections = works.flatMap((work) => section(work, drawn))
  return [runs.join('\n'), '### The aims', aims(works).join('\n'), ...sections].join('\n\n')
}

function runLine({ machine, at }: WorkResult): string {
  return `${at.slice(0, 10)}: ${machineLine(machine)}; all on this one machine`
}

/** A line for each aim, and for each work that has none to show. */
function aims(works: readonly WorkResult[]): string[] {
  const lines = works.flatMap((work) => {
    const held = work.rows.filter(({ aim, skipped }) => aim !== undefined || skipped !== undefined)
    if (work.failure !== undefined) return [cells(work, 'failed', work.failure, '', '**no**')]
    return held.map((row) => cells(work, row.what, shown(row), row.aim ?? '', judged(row)))
  })
  return [
    '| # | work | what | measured | aim | met |',
    '| --: | --- | --- | --: | --- | --- |',
    ...lines,
  ]
}

function cells({ number, title }: WorkResult, ...rest: readonly string[]): string {
  return `| ${[`${number}`, title, ...rest].map(escaped).join(' | ')} |`
}

function shown({ value, unit, ratio, skipped, beside }: Row): string {
  if (skipped !== undefined) return skipped
  const own = `${figure(value)} ${unit}`.trim()
  return ratio === undefined ? own : `${figure(ratio)} × (${beside ?? 'ours / theirs'})`
}

function judged({ met, skipped }: Row): string {
  if (skipped !== undefined) return 'skipped'
  return met === undefined ? '' : met ? 'yes' : '**no**'
}

function section(work: WorkResult, drawn: ReadonlySet<string>): string[] {
  const { number, title, rows, failure, rounds } = work
  const parts = [`### ${number}. ${title}`]
  const file = plotName(work)
  if (drawn.has(file)) parts.push(`![${title}](${IMAGES}/${file})`)
  if (failure !== undefined) parts.push(`It failed: ${escaped(failure)}`)
  else parts.push(sectionLines(rows.map(flat)).join('\n'))
  if (rounds < 5) parts.push(`Of ${rounds} rounds only: too few for a median.`)
  return parts
}

/** A row whose words do not break a table. */
function flat(row: Row): Row {
  return { ...row, what: escaped(row.what) }
}

function escaped(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ').trim()
}
