import { mkdirSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { runChild } from '../child.js'
import type { Block } from './blocks.js'

const TIMEOUT_MS = 60_000

export interface Environment {
  /** Where the files go: inside the package, so that it finds itself by its own name. */
  readonly folder: string
  readonly env: Readonly<Record<string, string>>
  /** Stands in the place of the documented port. */
  readonly replacePort: (code: string) => string
}

/** The code of a block, with the blocks before it where it says that it continues them. */
export function wholeScript(block: Block, blocks: readonly Block[]): string {
  if (block.manner !== 'continues') return block.code
  const before = blocks.slice(0, blocks.indexOf(block)).filter((b) => isScript(b))
  const previous = before.at(-1)
  if (previous === undefined) throw new Error(`${block.file}:${block.line}: continues nothing`)
  return wholeScript(previous, blocks) + block.code
}

export function isScript(block: Block): boolean {
  return (block.kind === 'ts' || block.kind === 'js') && block.reason === undefined
}

function nameOf(block: Block): string {
  return `${block.file.replace(/[^a-z0-9]+/gi, '-')}-${block.line}`
}

/**
 * Compiles every `ts` block with the package's own compiler, at once. Returns what it said of each
 * block. (Node 20 strips no types.)
 */
export async function compileScripts(
  blocks: readonly Block[],
  where: Environment,
  compiler: string,
): Promise<Map<Block, string>> {
  const errors = new Map<Block, string>()
  const byFile = new Map<string, Block>()
  for (const block of blocks.filter((b) => isScript(b))) {
    const file = `${nameOf(block)}.${block.kind === 'ts' ? 'ts' : 'mjs'}`
    // The empty export makes a module of a block without imports, for top-level await.
    const code = `${where.replacePort(wholeScript(block, blocks))}\nexport {}\n`
    writeFileSync(join(where.folder, file), code)
    if (block.kind === 'ts') byFile.set(file, block)
  }
  if (byFile.size === 0) return errors
  writeFileSync(join(where.folder, 'tsconfig.json'), configuration([...byFile.keys()]))
  const args = [compiler, '-p', where.folder, '--pretty', 'false']
  const { output } = await runChild(process.execPath, args, { timeoutMs: TIMEOUT_MS })
  for (const line of output.split('\n')) {
    const [, path, at, message] = /^(.+?)\((\d+),\d+\): (error .*)$/.exec(line) ?? []
    const block = path === undefined ? undefined : byFile.get(basename(path))
    if (block === undefined) {
      if (line.includes('error TS')) throw new Error(output)
      continue
    }
    const earlier = errors.get(block) ?? ''
    errors.set(block, `${earlier}line ${at} of the script: ${message}\n`)
  }
  return errors
}

function configuration(files: string[]): string {
  const compilerOptions = {
    target: 'ES2023',
    lib: ['ES2024', 'ESNext.Disposable'],
    module: 'NodeNext',
    types: ['node'],
    strict: true,
    skipLibCheck: true,
  }
  return JSON.stringify({ compilerOptions, files })
}

/** Runs one compiled block in a process and a folder of its own; throws what it printed if it fails. */
export async function runScript(block: Block, where: Environment): Promise<void> {
  const script = join(where.folder, `${nameOf(block)}.${block.kind === 'ts' ? 'js' : 'mjs'}`)
  const cwd = join(where.folder, `${nameOf(block)}-files`)
  mkdirSync(cwd, { recursive: true })
  const env = { ...process.env, ...where.env }
  const ended = await runChild(process.execPath, [script], { cwd, env, timeoutMs: TIMEOUT_MS })
  if (ended.timedOut) throw new Error(`did not end within ${TIMEOUT_MS / 1000} s\n${ended.output}`)
  if (ended.code !== 0)
    throw new Error(`exited with ${ended.code ?? ended.signal}\n${ended.output}`)
}
