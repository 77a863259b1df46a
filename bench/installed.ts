import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { Row } from './row.js'

/** Programs that a benchmark runs beside ours, and the Debian package of each. */
const PACKAGES = {
  wrk: 'wrk',
  'redis-server': 'redis-server',
  'redis-benchmark': 'redis-tools',
  webdis: 'webdis',
  memcached: 'memcached',
  nginx: 'nginx-light',
} as const

export type Program = keyof typeof PACKAGES

/** Servers lie here, and not every user's PATH has it. */
const SERVERS_FOLDER = '/usr/sbin'

export function isInstalled(program: Program): boolean {
  return fileOf(program) !== undefined
}

/** Where a program lies. */
export function fileOf(program: Program): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), SERVERS_FOLDER]
  return folders.map((folder) => join(folder, program)).find(isExecutable)
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** The line that installs those that are missing. */
export function installLine(missing: readonly Program[]): string {
  return `apt-get install -y ${missing.map((program) => PACKAGES[program]).join(' ')}`
}

/** A row that says why there is no figure: an absent peer is not a beaten one. */
export function skippedRow(bench: string, what: string, needs: readonly Program[]): Row {
  const skipped = installLine(needs.filter((program) => !isInstalled(program)))
  return { bench, what, value: 0, unit: '', skipped }
}
