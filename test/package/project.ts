import { existsSync, mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runChild } from '../child.js'
import { packageFolder } from '../scratch.js'
import type { Packed } from './packed.js'

/** What a user of the adapters has beside, taken from our own; the types of `@types` among it. */
const PEERS = ['@types', 'express-session', 'keyv', 'undici', 'unstorage']
const OFFLINE = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENOTCACHED|E40[134]|E5\d\d/

/** An empty project that has installed the package, and nothing else, from the tarball. */
export interface Project {
  readonly folder: string
  /** Everything that the installation brought. */
  readonly packages: number
  readonly installedBytes: number
}

/** The project, or why there is none: no registry can be reached. */
export async function install(packed: Packed): Promise<Project | string> {
  const folder = join(packed.folder, 'project')
  mkdirSync(folder)
  writeFileSync(join(folder, 'package.json'), '{ "name": "project", "private": true }\n')
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-progress']
  const args = ['install', '--omit=dev', '--prefer-offline', ...quiet, packed.tarball]
  const { code, output } = await runChild('npm', args, { cwd: folder, timeoutMs: 90_000 })
  if (code !== 0) {
    if (OFFLINE.test(output)) return 'no registry answers'
    throw new Error(`npm ${args.join(' ')} exited with ${code}:\n${output}`)
  }
  return { folder, ...countInstalled(join(folder, 'node_modules')) }
}

/** Puts the packages that the adapters are for beside it. */
export function addPeers({ folder }: Project): void {
  for (const name of PEERS) {
    const at = join(folder, 'node_modules', name)
    if (!existsSync(at)) symlinkSync(join(packageFolder, 'node_modules', name), at)
  }
}

function countInstalled(folder: string): Pick<Project, 'packages' | 'installedBytes'> {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  const isPackage =
    /^(?:@[^/]+\/)?[^/@.][^/]*\/package\.json$|\/node_modules\/(?:@[^/]+\/)?[^/]+\/package\.json$/
  let installedBytes = 0
  for (const path of paths) {
    const at = statSync(join(folder, path))
    if (at.isFile()) installedBytes += at.size
  }
  return { packages: paths.filter((path) => isPackage.test(path)).length, installedBytes }
}
