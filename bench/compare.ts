/**
 * `npm run bench:compare -- BASE`: the request path, the reads and the writes of this tree beside a
 * commit's, interleaved. Ends with 1 where something is slower beyond noise, with 2 where it could not
 * be told.
 */
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { endGroupsOnSignal } from './child.js'
import { buildBase, commitOf } from './compare/base.js'
import { contest } from './compare/contest.js'
import { type Compared, judge, TOLERANCE } from './compare/judge.js'
import { stations } from './compare/stations.js'
import { installLine, isInstalled } from './installed.js'
import { describeMachine, machineLine } from './machine.js'
import { packageFolder } from './root.js'
import { median } from './rounds.js'
import { figure } from './table.js'

const ROUNDS = 4
/** Processes of each side, one after the other; each runs all rounds. */
const LIVES = 3
const HELP = `npm run bench:compare -- BASE [--rounds N] [part-of-a-station's-name ...]

Builds the commit BASE apart and measures it beside this tree: ${Object.keys(stations).join(', ')}.
Ends with 1 where this tree is slower by more than ${TOLERANCE * 100} % beyond noise.`

async function run(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      rounds: { type: 'string', default: `${ROUNDS}` },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  const [name, ...parts] = positionals
  if (values.help || name === undefined) {
    console.log(HELP)
    return values.help ? 0 : 2
  }
  const rounds = Number(values.rounds)
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error('--rounds: a whole number from 1')
  endGroupsOnSignal()
  const root = packageFolder()
  const commit = await commitOf(root, name)
  process.stderr.write(`building ${commit} …\n`)
  const base = await buildBase(root, commit)
  const ours = join(dirname(fileURLToPath(import.meta.url)), '..')
  console.log(`${machineLine(describeMachine())}\n\nbase: ${commit}; ${LIVES} × ${rounds} rounds\n`)
  console.log('| what | base | this tree | this tree takes | half of the rounds | |')
  console.log('| --- | --: | --: | --: | --: | --- |')
  return compareAll(parts, base, ours, rounds)
}

async function compareAll(
  parts: readonly string[],
  base: string,
  ours: string,
  rounds: number,
): Promise<number> {
  let status = 0
  const chosen = Object.keys(stations).filter(
    (station) => parts.length === 0 || parts.some((part) => station.includes(part)),
  )
  if (chosen.length === 0) throw new Error(`no station's name holds ${parts.join(' or ')}`)
  for (const station of chosen) {
    process.stderr.write(`${station} …\n`)
    if (station === 'http' && !isInstalled('wrk')) {
      console.log(`| ${station} | skipped: ${installLine(['wrk'])} |||||`)
      continue
    }
    const contested = await contest(station, base, ours, rounds, LIVES)
    if ('failure' in contested) {
      console.log(`| ${station} | not compared: ${contested.failure} |||||`)
      status = 2
      continue
    }
    for (const compared of contested) {
      console.log(lineOf(compared))
      if (status === 0 && judge(compared).isSlowdown) status = 1
    }
  }
  return status
}

function lineOf(compared: Compared): string {
  const { name, unit, base, ours } = compared
  const { slower, quartiles, isSlowdown } = judge(compared)
  const shown = [base, ours].map((figures) => `${figure(median(figures))} ${unit}`)
  const half = quartiles.map((ratio) => ratio.toFixed(3)).join(' to ')
  const mark = isSlowdown ? '**SLOWER**' : ''
  return `| ${[name, ...shown, `${slower.toFixed(3)} ×`, half, mark].join(' | ')} |`
}

try {
  process.exitCode = await run()
} catch (error) {
  console.error(`bench:compare: ${error instanceof Error ? error.message : error}`)
  process.exitCode = 2
}
