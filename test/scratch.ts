import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of the build that this file was compiled into. */
export const buildFolder = dirname(dirname(fileURLToPath(import.meta.url)))

/** The folder of the package: the build lies directly in it. */
export const packageFolder = dirname(buildFolder)

export interface Scratch {
  readonly folder: string
  write(path: string, content: string | Uint8Array): string
  remove(): void
}

/** A folder for one test's files, inside the build so that imports of packages resolve from it. */
export function scratch(name: string): Scratch {
  const folder = mkdtempSync(join(buildFolder, `.${name}-`))
  return {
    folder,
    write(path, content) {
      const at = join(folder, path)
      mkdirSync(dirname(at), { recursive: true })
      writeFileSync(at, content)
      return at
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}
