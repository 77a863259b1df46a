import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Finding } from './imports.js'

/** Lines of a function's body, its braces not counted. */
const LIMIT = 69

interface Diagnostic {
  readonly location: { readonly path: string; readonly start?: { readonly line: number } }
}

/**
 * Functions longer than the limit, as Biome's parser counts them: a scanner of our own would be
 * wrong about return types. `biome` is the command-line entry of the installed package.
 */
export function checkFunctionLength(root: string, biome: string): Finding[] {
  const place = mkdtempSync(join(tmpdir(), 'annulus-house-'))
  const config = join(place, 'biome.json')
  const options = { maxLines: LIMIT, skipBlankLines: false }
  const complexity = { noExcessiveLinesPerFunction: { level: 'error', options } }
  writeFileSync(config, JSON.stringify({ linter: { rules: { preset: 'none', complexity } } }))
  try {
    const folders = ['src', 'test', 'bench'].filter((part) => existsSync(join(root, part)))
    const only = '--only=complexity/noExcessiveLinesPerFunction'
    const limits = ['--max-diagnostics=none', '--reporter=json', '--colors=off']
    const args = [biome, 'lint', only, `--config-path=${config}`, ...limits, ...folders]
    return read(execute(root, args))
  } finally {
    rmSync(place, { recursive: true, force: true })
  }
}

/** Biome exits with 1 where it found something; its report is on standard output all the same. */
function execute(cwd: string, args: string[]): string {
  try {
    return execFileSync(process.execPath, args, { cwd, encoding: 'utf8', stdio: 'pipe' })
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string }
    if (stdout?.startsWith('{')) return stdout
    throw new Error(`biome could not run: ${stderr}`, { cause: error })
  }
}

function read(report: string): Finding[] {
  const { diagnostics } = JSON.parse(report) as { diagnostics: Diagnostic[] }
  return diagnostics.map(({ location }) => ({
    file: location.path,
    line: location.start?.line ?? 1,
    rule: `has a function whose body is longer than ${LIMIT} lines`,
    fix: 'split it where its second thought starts',
  }))
}
