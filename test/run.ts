/**
 * `npm test [-- part-of-a-path ...]`: runs the compiled test files, each in a process of its own.
 * ANNULUS_TEST_JOBS and ANNULUS_TEST_TIMEOUT_MS change how many at a time and how long each may take.
 */
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { killAll } from './child.js'
import { runAll } from './run/all.js'

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    killAll()
    process.exit(130)
  })
}

const totals = await runAll({
  folder: dirname(fileURLToPath(import.meta.url)),
  filters: process.argv.slice(2),
  jobs: Number(process.env['ANNULUS_TEST_JOBS'] ?? 2),
  timeoutMs: Number(process.env['ANNULUS_TEST_TIMEOUT_MS'] ?? 240_000),
  write: (text) => process.stdout.write(text),
})
process.exitCode = totals.failed > 0 || totals.passed === 0 ? 1 : 0
