import { execFile } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** The id of a commit, branch or tag. */
export async function commitOf(root: string, name: string): Promise<string> {
  try {
    const args = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`]
    const { stdout } = await run('git', args, { cwd: root })
    return stdout.trim()
  } catch {
    throw new Error(`${name} is no commit of this repository`)
  }
}

/**
 * Builds a commit in a folder of its own, with this tree's packages and this tree's benchmarks, so
 * that both sides are measured alike. What of them an older commit does not fit only fails when it is
 * run. Removed when this process ends.
 */
export async function buildBase(root: string, commit: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'annulus-compare-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  const archive = join(folder, 'base.tar')
  const tree = join(folder, 'tree')
  mkdirSync(tree)
  await run('git', ['archive', '--format=tar', '-o', archive, commit], { cwd: root })
  await run('tar', ['-xf', archive, '-C', tree])
  rmSync(join(tree, 'bench'), { recursive: true, force: true })
  cpSync(join(root, 'bench'), join(tree, 'bench'), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(tree, 'node_modules'))
  const compiler = join(root, 'node_modules/typescript/bin/tsc')
  const built = join(tree, 'dist')
  const args = [compiler, '-p', join(tree, 'tsconfig.json'), '--outDir', built]
  const said = await run(process.execPath, args).catch((error: { stdout?: string }) => error)
  if (existsSync(join(built, 'bench/compare/station-child.js'))) return built
  throw new Error(`${commit} does not build: ${said.stdout ?? ''}`)
}
