import { existsSync, readFileSync } from 'node:fs'
import type { Machine } from '../machine.js'
import type { Row } from '../row.js'
import type { Work } from './works.js'

/** What a work came to, when and how often it was measured. */
export interface WorkResult {
  readonly number: number
  readonly name: string
  readonly title: string
  readonly at: string
  readonly rounds: number
  readonly seconds: number
  readonly machine: Machine
  readonly rows: readonly Row[]
  readonly failure?: string
}

export interface Results {
  readonly works: readonly WorkResult[]
}

/** Newly measured works take the place of old ones; of the others the old stay. */
export function merged(old: Results, works: readonly WorkResult[]): Results {
  const kept = old.works.filter((one) => works.every(({ number }) => number !== one.number))
  return { works: [...kept, ...works].sort((a, b) => a.number - b.number) }
}

/** What an earlier run wrote, of works that are still known. */
export function readResults(file: string, known: readonly Work[]): Results {
  if (!existsSync(file)) return { works: [] }
  const { works } = JSON.parse(readFileSync(file, 'utf8')) as Results
  return { works: works.filter(({ name }) => known.some((work) => work.name === name)) }
}
