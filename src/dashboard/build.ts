/**
 * `node dist/src/dashboard/build.js`, a part of `npm run build`: bundles the pages in `page/` into
 * `dist/src/site/`, which the server serves as it is. Names of scripts and styles hold a hash of what
 * is in them, so that a browser may keep them for ever.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { copySwaggerUi } from './copied.js'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const pages = join(root, 'src/dashboard/page')
const site = join(root, 'dist/src/site')
const assets = join(site, 'assets')

rmSync(site, { recursive: true, force: true })
mkdirSync(assets, { recursive: true })

const { metafile } = await build({
  entryPoints: ['app.tsx', 'app.css', 'docs.ts', 'docs.css', 'ring.svg'].map((name) =>
    join(pages, name),
  ),
  loader: { '.svg': 'copy' },
  outdir: assets,
  entryNames: '[name]-[hash]',
  bundle: true,
  minify: true,
  format: 'esm',
  target: 'es2022',
  jsx: 'automatic',
  jsxImportSource: 'preact',
  legalComments: 'eof',
  metafile: true,
  logLevel: 'warning',
})

/** `app.js` to `app-HASH.js`. */
const names = new Map<string, string>(copySwaggerUi(assets, site))
for (const path of Object.keys(metafile.outputs)) {
  const name = basename(path)
  names.set(name.replace(/-[A-Z0-9]{8}(?=\.[a-z]+$)/, ''), name)
}

for (const file of readdirSync(pages).filter((name) => name.endsWith('.html'))) {
  const text = readFileSync(join(pages, file), 'utf8')
  const filled = text.replaceAll(/\{\{([a-z.-]+)\}\}/g, (_, name: string) => {
    const hashed = names.get(name)
    if (hashed === undefined) throw new Error(`${file}: nothing was built that is called ${name}`)
    return hashed
  })
  writeFileSync(join(site, file), filled)
}
