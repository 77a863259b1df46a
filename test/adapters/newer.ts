import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { packageFolder } from '../scratch.js'

const folder = join(packageFolder, 'test/newer')

/**
 * A release of a package that Node 20 cannot install, from the folder of those; or why it cannot be
 * had here. `T` is the module's type as of the release that Node 20 has.
 */
export async function newer<T>(name: string): Promise<{ module: T } | { missing: string }> {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major < 22 || (major === 22 && minor < 19)) return { missing: 'it needs Node 22.19' }
  if (!existsSync(join(folder, 'node_modules', name))) {
    return { missing: 'it is not installed: npm ci --prefix test/newer' }
  }
  const { resolve } = createRequire(join(folder, 'package.json'))
  return { module: (await import(pathToFileURL(resolve(name)).href)) as T }
}
