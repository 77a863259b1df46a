/**
 * `node lint-package.mjs TARBALL`: what publint, in its strict manner, and arethetypeswrong say of a
 * packed package, as JSON: `{"publint": [text, …], "types": [{kind, entrypoint, resolutionKind}, …]}`.
 */
import { readFileSync } from 'node:fs'
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'

const bytes = new Uint8Array(readFileSync(process.argv[2]))
const { messages, pkg } = await publint({ strict: true, pack: { tarball: bytes.buffer } })
const { types, problems, entrypoints } = await checkPackage(createPackageFromTarballData(bytes))

const report = {
  publint: messages.map((message) => formatMessage(message, pkg, { color: false })),
  hasTypes: types !== false,
  entrypoints: Object.keys(entrypoints ?? {}),
  types: problems ?? [],
}
process.stdout.write(JSON.stringify(report))
