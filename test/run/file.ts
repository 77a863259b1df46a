import { performance } from 'node:perf_hooks'
import { runChild } from '../child.js'
import { type Outcome, weigh } from './summary.js'

/** Runs one compiled test file in a process of its own, under a watchdog. */
export async function runFile(name: string, path: string, timeoutMs: number): Promise<Outcome> {
  const from = performance.now()
  const env = { ...process.env, FORCE_COLOR: '0', NODE_NO_WARNINGS: '1' }
  const { code, signal, timedOut, output } = await runChild(
    process.execPath,
    ['--enable-source-maps', path],
    { env, timeoutMs },
  )
  const timedOutAfterMs = timedOut ? timeoutMs : undefined
  const seconds = (performance.now() - from) / 1000
  return weigh(name, output, { code, signal, timedOutAfterMs }, seconds)
}
