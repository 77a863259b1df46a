/**
 * `node .ci/strip-maps.mjs [FOLDER]`, before packing: takes the comment that names a source map from
 * the scripts in the folder's dist/src (this package's where none is named). The maps themselves are
 * not packed: they would name sources that are not there.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const COMMENT = /\n\/\/# sourceMappingURL=.*\n?$/
const root = process.argv[2] ?? fileURLToPath(new URL('..', import.meta.url))
const source = join(root, 'dist/src')

for (const path of readdirSync(source, { recursive: true, encoding: 'utf8' })) {
  if (!path.endsWith('.js')) continue
  const text = readFileSync(join(source, path), 'utf8')
  const bare = text.replace(COMMENT, '\n')
  if (bare !== text) writeFileSync(join(source, path), bare)
}
