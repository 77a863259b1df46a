import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { Row } from './row.js'

/** Programs that a benchmark runs beside ours, and the line that installs each. */
const INSTALL = {
  wrk: 'apt-get install wrk',
  'redis-server': 'apt-get install redis-server',
  'redis-benchmark': 'apt-get install redis-tools',
  webdis: 'apt-get install webdis',
} as const

export type Program = keyof typeof INSTALL

export function isInstalled(program: Program): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

/** A row that says why there is no figure: an absent peer is not a beaten one. */
export function skippedRow(bench: string, what: string, missing: readonly Program[]): Row {
  const lines = missing.filter((program) => !isInstalled(program)).map((one) => INSTALL[one])
  return { bench, what, value: 0, unit: '', skipped: lines.join('; ') }
}
