import { builtinModules } from 'node:module'
import { join } from 'node:path'
import { build } from 'esbuild'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { runChild } from '../child.js'
import { buildFolder, packageFolder, scratch } from '../scratch.js'

const test = suite('client elsewhere')
const place = scratch('client')
const client = join(buildFolder, 'src/client/index.js')

test('for a browser it is one file: nothing of Node, and no package', async () => {
  const { metafile, outputFiles } = await build({
    entryPoints: [client],
    bundle: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
  })
  const inputs = Object.keys(metafile.inputs)
  assert.ok(inputs.length > 10)
  for (const input of inputs) assert.not.match(input, /node_modules/)
  const imports = Object.values(metafile.outputs).flatMap((output) => output.imports)
  assert.equal(imports, [])
  const [{ text }] = outputFiles
  for (const word of ['Buffer', 'process', 'require', 'setImmediate', '__dirname']) {
    assert.not.match(text, new RegExp(`\\b${word}\\s*[.(\\[]`), word)
  }
  for (const name of builtinModules) assert.not.ok(text.includes(`"node:${name}"`), name)
})

test('without a bundler either: every import is a file beside it', async () => {
  const seen: string[] = []
  await build({
    entryPoints: [client],
    bundle: true,
    write: false,
    platform: 'neutral',
    plugins: [
      {
        name: 'relative',
        setup: ({ onResolve }) => {
          onResolve({ filter: /.*/ }, ({ path, kind }) => {
            if (kind !== 'entry-point') seen.push(path)
            return undefined
          })
        },
      },
    ],
  })
  assert.ok(seen.length > 10)
  for (const path of seen) assert.match(path, /^\.\.?\/.*\.js$/)
})

test('its types ask for no others: neither of Node nor of a package', async () => {
  place.write(
    'page.ts',
    `import { AnnulusClient, type CacheBucket, CacheError } from ${JSON.stringify(client)}
     const client = new AnnulusClient({ url: 'https://cache.test', key: 'k', fetch: (url, init) => fetch(url, init) })
     const bucket: CacheBucket = client.bucket('1')
     export const value: Promise<Uint8Array | undefined> = bucket.get({ a: 1 })
     export async function listen(signal: AbortSignal): Promise<void> {
       try {
         for await (const event of client.events({ signal })) if (event.type === 'node') console.log(event.state)
       } catch (error) {
         if (!(error instanceof CacheError) || error.code !== 'unreachable') throw error
       }
     }`,
  )
  const compilerOptions = {
    target: 'ES2023',
    lib: ['ES2023', 'DOM', 'DOM.AsyncIterable'],
    module: 'ESNext',
    moduleResolution: 'Bundler',
    types: [],
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    noEmit: true,
  }
  place.write('tsconfig.json', JSON.stringify({ compilerOptions, files: ['page.ts'] }))
  const compiler = join(packageFolder, 'node_modules/typescript/bin/tsc')
  const args = [compiler, '-p', place.folder, '--pretty', 'false']
  const { output, code } = await runChild(process.execPath, args, { timeoutMs: 60_000 })
  assert.is(output, '')
  assert.is(code, 0)
})

test.after(() => place.remove())
test.run()
