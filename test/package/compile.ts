import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runChild } from '../child.js'
import { packageFolder } from '../scratch.js'
import type { Project } from './project.js'
import { USES } from './uses.js'

/** How a project's imports are resolved. */
export type Resolution = 'NodeNext' | 'bundler'

/** The script that the use of an entry point compiles to, as a path in the project. */
export function scriptOf(entry: string, resolution: Resolution): string {
  return join(resolution, `${entry === '.' ? 'engine' : entry.slice(2)}.mjs`)
}

/** The same from a CommonJS file, of the routing alone. */
export const REQUIRED = join('NodeNext', 'required.cjs')

/** Compiles a use of every entry point, as strictly as can be; returns what the compiler complains of. */
export async function compileUses(project: Project, resolution: Resolution): Promise<string[]> {
  const { folder } = project
  mkdirSync(join(folder, resolution))
  const sources = new Map(
    Object.entries(USES).map(([entry, code]) => [
      scriptOf(entry, resolution).replace(/\.mjs$/, '.mts'),
      code,
    ]),
  )
  if (resolution === 'NodeNext') sources.set(REQUIRED.replace(/\.cjs$/, '.cts'), USES['./ring'])
  for (const [path, code] of sources) writeFileSync(join(folder, path), code)
  const compilerOptions = {
    target: 'ES2022',
    module: resolution === 'NodeNext' ? 'NodeNext' : 'ESNext',
    moduleResolution: resolution,
    types: ['node'],
    strict: true,
    skipLibCheck: false,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
  }
  const configuration = join(folder, `tsconfig.${resolution}.json`)
  writeFileSync(configuration, JSON.stringify({ compilerOptions, files: [...sources.keys()] }))
  const tsc = join(packageFolder, 'node_modules/typescript/bin/tsc')
  const args = [tsc, '-p', configuration, '--pretty', 'false']
  const { output } = await runChild(process.execPath, args, { cwd: folder, timeoutMs: 60_000 })
  const errors = output.split('\n').filter((line) => line.includes('error TS'))
  return errors.filter((line) => !isUnstoragesOwn(line))
}

/** Its types name clients of every store that it has a driver for, installed or not. */
function isUnstoragesOwn(error: string): boolean {
  return error.includes('node_modules/unstorage/')
}
