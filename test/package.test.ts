/**
 * What would be published: its files, its types, and its use in an empty project. One pack and one
 * installation serve all tests.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { blocksOf } from './docs/blocks.js'
import { startServer } from './docs/server.js'
import { compileUses, REQUIRED, scriptOf } from './package/compile.js'
import { type Packed, pack, succeed } from './package/packed.js'
import { addPeers, install, type Project } from './package/project.js'
import { USES } from './package/uses.js'
import { packageFolder } from './scratch.js'
import { skip } from './skip.js'

const test = suite('package')
const packed = await pack()
const { manifest, paths } = packed
const entries = Object.keys(manifest.exports).filter((entry) => entry !== './package.json')

test('holds each script of src/ with its types, the built pages, and no more of dist/', () => {
  const built = paths.filter((path) => path.startsWith('dist/src/'))
  const site = built.filter((path) => path.startsWith('dist/src/site/'))
  const sources = readdirSync(join(packageFolder, 'src'), { recursive: true, encoding: 'utf8' })
  const expected = sources
    .filter((path) => path.endsWith('.ts') && !path.startsWith('dashboard/'))
    .flatMap((path) => [path.replace(/\.ts$/, '.js'), path.replace(/\.ts$/, '.d.ts')])
    .map((path) => `dist/src/${path}`)
  const scripts = built.filter((path) => !site.includes(path))
  assert.equal(difference(scripts, expected), [], 'left over from an earlier build? npm run clean')
  assert.ok(site.includes('dist/src/site/index.html'))
  for (const page of site.filter((path) => path.endsWith('.html'))) {
    const named = [...packed.text(page).matchAll(/(?:src|href)="\/?(assets\/[^"]+)"/g)]
    for (const [, asset] of named) assert.ok(site.includes(`dist/src/site/${asset}`), asset)
  }
})

test('holds, beside dist/, the documents without their charts, and no more', () => {
  const documents = readdirSync(join(packageFolder, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((path) => !path.startsWith('images') && extname(path) !== '')
    .map((path) => `docs/${path}`)
  const expected = [...documents, 'CHANGELOG.md', 'LICENSE', 'README.md', 'package.json']
  const rest = paths.filter((path) => !path.startsWith('dist/src/'))
  assert.equal(difference(rest, expected), [])
})

test('names no source map, and no folder of the machine that built it', () => {
  for (const path of paths.filter((one) => /\.(?:js|ts|css|html)$/.test(one))) {
    const text = packed.text(path)
    assert.not.match(text, /^\/\/# sourceMappingURL/m, path)
    assert.not.ok(text.includes(packageFolder), path)
  }
})

test('has what its entry points and commands name, and a program here for each', () => {
  const targets = Object.values(manifest.exports).flatMap((target) =>
    typeof target === 'string' ? [target] : [target.types, target.default],
  )
  for (const target of [...targets, ...Object.values(manifest.bin)]) {
    assert.ok(paths.includes(target.replace(/^\.\//, '')), target)
  }
  assert.equal(difference(entries, Object.keys(USES)), [])
})

const linter = join(packageFolder, 'test/suites/lint-package.mjs')
if (existsSync(join(packageFolder, 'test/suites/node_modules/publint'))) {
  test('passes publint and arethetypeswrong', async () => {
    const report = JSON.parse(await succeed(process.execPath, [linter, packed.tarball], '.')) as {
      readonly publint: readonly string[]
      readonly hasTypes: boolean
      readonly entrypoints: readonly string[]
      readonly types: readonly { readonly kind: string; readonly resolutionKind?: string }[]
    }
    assert.equal(report.publint, [])
    assert.ok(report.hasTypes)
    assert.equal(report.entrypoints.length, entries.length + 1)
    assert.equal(
      report.types.filter((problem) => !isMeant(problem)),
      [],
    )
  })
} else {
  skip(test, 'passes publint and arethetypeswrong', 'not installed: npm ci --prefix test/suites')
}

/**
 * ES modules alone are published. What resolves as Node did before it knew `exports` finds nothing,
 * and from a CommonJS file TypeScript asks for `await import()`.
 */
function isMeant({ kind, resolutionKind }: { kind: string; resolutionKind?: string }): boolean {
  return (
    (kind === 'NoResolution' && resolutionKind === 'node10') ||
    (kind === 'CJSResolvesToESM' && resolutionKind === 'node16-cjs')
  )
}

/** What is in one of the lists alone. */
function difference(some: readonly string[], others: readonly string[]): string[] {
  const missing = others.filter((one) => !some.includes(one)).map((one) => `missing: ${one}`)
  const surplus = some.filter((one) => !others.includes(one)).map((one) => `surplus: ${one}`)
  return [...missing, ...surplus]
}

const project = await install(packed)
if (typeof project === 'string') {
  skip(test, 'works in an empty project', project)
} else {
  addPeers(project)
  inProject(project, packed)
}

test.after(() => packed.remove())
test.run()

function inProject(project: Project, { sizeBytes, unpackedBytes }: Packed): void {
  const { folder, packages, installedBytes } = project
  const node = process.execPath
  const annulus = join(folder, 'node_modules/.bin/annulus')

  test('is as small as it was: a look at what changed, where this fails', () => {
    const [packedKb, unpackedKb, installedMb] = [
      Math.round(sizeBytes / 1_000),
      Math.round(unpackedBytes / 1_000),
      Math.round(installedBytes / 1_000_000),
    ]
    console.log(
      `package: ${packedKb} kB packed, ${unpackedKb} kB unpacked; installed with all that it needs: ` +
        `${packages} packages, ${installedMb} MB`,
    )
    assert.ok(packedKb < 1_500 && unpackedKb < 6_000)
    assert.ok(packages <= 48 && installedMb < 60)
  })

  test('each entry point is imported, and required, by plain JavaScript', async () => {
    const names = entries.map((entry) => entry.replace('.', manifest.name))
    const list = JSON.stringify(names)
    writeFileSync(
      join(folder, 'imports.mjs'),
      `for (const name of ${list}) if (Object.keys(await import(name)).length === 0) throw name`,
    )
    writeFileSync(
      join(folder, 'requires.cjs'),
      `Promise.all(${list}.map(async (name) => {
         const [required, imported] = [require(name), await import(name)]
         for (const key of Object.keys(imported)) if (required[key] !== imported[key]) throw key
       }))`,
    )
    assert.is(await succeed(node, ['imports.mjs'], folder), '')
    assert.is(await succeed(node, ['--no-warnings', 'requires.cjs'], folder), '')
  })

  test("README's program runs in plain JavaScript", async () => {
    const readme = readFileSync(join(packageFolder, 'README.md'), 'utf8')
    const program = blocksOf('README.md', readme).find(({ kind }) => kind === 'ts')?.code ?? ''
    assert.ok(program.includes('await using engine'))
    const code = `${program.replace('await using', 'const')}\nawait engine.close()\n`
    writeFileSync(join(folder, 'first.mjs'), code)
    const lines = (await succeed(node, ['first.mjs'], folder)).trim().split('\n')
    assert.equal(lines.sort(), ['jane', 'john'])
  })

  test('a strict project in TypeScript compiles against every entry point, and runs', async () => {
    assert.equal(await compileUses(project, 'NodeNext'), [])
    assert.equal(await compileUses(project, 'bundler'), [])
    const scripts = entries.map((entry) => scriptOf(entry, 'NodeNext'))
    for (const script of [...scripts, REQUIRED]) {
      assert.is(await succeed(node, [script], folder), '', script)
    }
  })

  test('npx annulus tells its version', async () => {
    const args = ['--no', '--', 'annulus', '--version']
    assert.is((await succeed('npx', args, folder)).trim(), manifest.version)
  })

  test('annulus serve answers, and shows the pages', async () => {
    const server = await startServer({ command: annulus, args: ['serve', '--port', '0'] }, folder)
    try {
      const at = `http://127.0.0.1:${server.port}`
      assert.is((await fetch(`${at}/healthz`)).status, 200)
      const page = await (await fetch(at)).text()
      const assets = [...page.matchAll(/(?:src|href)="(\/?assets\/[^"]+)"/g)].map(
        ([, path]) => path,
      )
      assert.ok(assets.length >= 2, page)
      for (const path of assets) assert.is((await fetch(new URL(path, at))).status, 200, path)
    } finally {
      await server.stop()
    }
  })
}
