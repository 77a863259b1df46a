/** Benchmarks that behave in one way or another. */
import { spawn } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Effort } from '../../bench/effort.js'
import type { Row } from '../../bench/row.js'

export async function rows({ rounds }: Effort): Promise<Row[]> {
  return [{ bench: 'b', what: 'rounds', value: rounds, unit: '' }]
}

export async function throws(): Promise<Row[]> {
  throw new Error('on purpose')
}

export async function nonsense(): Promise<unknown> {
  return [{ bench: 'b' }]
}

export function ends(): Promise<Row[]> {
  process.exit(3)
}

export function hangs(): Promise<Row[]> {
  return new Promise(() => setInterval(() => {}, 1_000))
}

/** Leaves a process and a folder behind. */
export async function leaves(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'annulus-left-'))
  const { pid = 0 } = spawn('sleep', ['60'], { stdio: 'ignore' })
  return [{ bench: 'b', what: folder, value: pid, unit: '' }]
}
