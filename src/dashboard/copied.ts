import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, join } from 'node:path'

const require = createRequire(import.meta.url)
const HASH_LENGTH = 8
/** Maps are not served: a debugger would ask for them in vain. */
const MAP = /\n?(\/\/|\/\*)# sourceMappingURL=\S+?( ?\*\/)?\s*$/

/** What is served as its makers built it; bundling it again would gain nothing. */
const FILES = ['swagger-ui-dist/swagger-ui-bundle.js', 'swagger-ui-dist/swagger-ui.css']
/** Must go with it, wherever it goes. */
const LICENSES = [
  'swagger-ui-dist/LICENSE',
  'swagger-ui-dist/NOTICE',
  'swagger-ui-dist/swagger-ui-bundle.js.LICENSE.txt',
]

/** Puts Swagger UI among the assets; its files' names, with and without the hash of what they hold. */
export function copySwaggerUi(assets: string, site: string): [name: string, hashed: string][] {
  const licenses = join(site, 'licenses/swagger-ui')
  mkdirSync(licenses, { recursive: true })
  for (const path of LICENSES) {
    writeFileSync(join(licenses, basename(path)), readFileSync(require.resolve(path)))
  }
  return FILES.map((path) => {
    const text = readFileSync(require.resolve(path), 'utf8').replace(MAP, '\n')
    const digest = createHash('sha256').update(text).digest('hex').slice(0, HASH_LENGTH)
    const name = basename(path)
    const hashed = name.replace(/(?=\.[a-z]+$)/, `-${digest.toUpperCase()}`)
    writeFileSync(join(assets, hashed), text)
    return [name, hashed]
  })
}
