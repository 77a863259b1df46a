import { parseArgs } from 'node:util'
import { type Effort, FULL, TRIAL } from '../effort.js'
import { type Work, works } from './works.js'

export interface Options {
  readonly chosen: readonly Work[]
  readonly effort: Effort
  /** Figures of a trial mean nothing: they are shown and not kept. */
  readonly isTrial: boolean
}

export const HELP = `npm run bench:peers [-- options] [-- numbers]

Measures every work of docs/benchmarks.md beside its peers, or those with the numbers given; writes
bench/results/peers.json, and from it the tables and plots of docs/benchmarks.md. Works that are not
measured keep what is there.

  --rounds N   rounds of each work (default: ${FULL.rounds}, which is also the fewest for a median)
  --trial      every step once and briefly, to see that it runs; nothing is written
  --help       this text

${works.map(({ number, title }) => `${`${number}`.padStart(4)}  ${title}`).join('\n')}`

/** Throws what is to be said to whoever wrote them; undefined where they ask for help. */
export function peersOptions(args: readonly string[]): Options | undefined {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      rounds: { type: 'string' },
      trial: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) return undefined
  const numbers = positionals.map((text) => {
    const number = Number(text)
    if (works.some((work) => work.number === number)) return number
    throw new Error(`${text} is no number of a work: 1 to ${works.length}`)
  })
  const chosen = works.filter(({ number }) => numbers.length === 0 || numbers.includes(number))
  const base = values.trial ? TRIAL : FULL
  const rounds = values.rounds === undefined ? base.rounds : roundsOf(values.rounds)
  return { chosen, effort: { ...base, rounds }, isTrial: values.trial }
}

function roundsOf(text: string): number {
  const rounds = Number(text)
  if (Number.isInteger(rounds) && rounds >= 1 && rounds <= 100) return rounds
  throw new Error(`--rounds: ${text} is not a whole number from 1 to 100`)
}
