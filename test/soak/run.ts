/**
 * `npm run soak [-- part-of-a-name ...]`: the long tests, one after the other, each in a process of
 * its own. A module `*.soak.ts` exports `soak()`, which throws or resolves to a line with figures.
 */
import { readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'
import { killAll, runChild } from '../child.js'

const TIMEOUT_MS = Number(process.env['ANNULUS_SOAK_TIMEOUT_MS'] ?? 30 * 60_000)
const here = dirname(fileURLToPath(import.meta.url))
const [flag, only] = process.argv.slice(2)

if (flag === '--only') {
  const { soak } = (await import(join(here, only))) as { soak: () => Promise<string> }
  console.log(await soak())
  process.exit(0) // whatever a soak leaves open
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    killAll()
    process.exit(130)
  })
}

const filters = process.argv.slice(2)
const files = readdirSync(here)
  .filter((file) => file.endsWith('.soak.js'))
  .filter((file) => filters.length === 0 || filters.some((part) => file.includes(part)))
  .sort()
let failed = 0
const start = performance.now()
for (const [index, file] of files.entries()) {
  const from = performance.now()
  process.stdout.write(`[${index + 1}/${files.length}] ${file.replace('.soak.js', '')} …\n`)
  const args = ['--enable-source-maps', fileURLToPath(import.meta.url), '--only', file]
  const env = { ...process.env, ANNULUS_SOAK: '1', FORCE_COLOR: '0' }
  const { code, timedOut, output } = await runChild(process.execPath, args, {
    env,
    timeoutMs: TIMEOUT_MS,
  })
  const isGreen = code === 0 && !timedOut
  failed += isGreen ? 0 : 1
  const verdict = isGreen ? 'passed' : timedOut ? 'FAILED: out of time' : 'FAILED'
  process.stdout.write(`${output.trimEnd().replace(/^/gm, '    ')}\n`)
  process.stdout.write(`    ${verdict}, ${seconds(from)} s\n`)
}
console.log(`\n${files.length - failed} passed, ${failed} failed, ${seconds(start)} s`)
process.exitCode = failed > 0 || files.length === 0 ? 1 : 0

function seconds(from: number): string {
  return ((performance.now() - from) / 1_000).toFixed(1)
}
