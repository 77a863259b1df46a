import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { checkHouse, describe } from './house/check.js'
import { checkFunctionLength } from './house/function-length.js'
import { mask } from './house/mask.js'
import { packageFolder, scratch } from './scratch.js'

const test = suite('house')
const biome = join(packageFolder, 'node_modules/@biomejs/biome/bin/biome')

/** What the checker says about a small tree of files. */
function verdict(files: Record<string, string>): string[] {
  const place = scratch('house')
  try {
    for (const [path, text] of Object.entries(files)) place.write(path, text)
    return checkHouse(place.folder).map((finding) => `${describe(finding)}`)
  } finally {
    place.remove()
  }
}

/** The one finding of a tree that breaks one rule. */
function only(files: Record<string, string>): string {
  const found = verdict(files)
  assert.is(found.length, 1, `one finding, not ${found.length}: ${found.join('\n')}`)
  return found[0]
}

test('this package keeps its house', () => {
  const findings = [...checkHouse(packageFolder), ...checkFunctionLength(packageFolder, biome)]
  assert.is(findings.map(describe).join('\n'), '')
})

test('a tree in order passes', () => {
  const files = {
    'src/index.ts': `export { Engine } from './engine/engine.js'\n`,
    'src/ring/index.ts': `export * from './ring.js'\n`,
    'src/ring/ring.ts': `import { xxh32 } from '../hash.js'\nexport class Ring {}\n`,
    'src/engine/engine.ts': `import { Ring } from '../ring/ring.js'\nimport fs from 'node:fs'\nDate.now()\n`,
    'src/http/server.ts': `import http from 'node:http'\nimport { Engine } from '../engine/engine.js'\n`,
    'src/node/worker.ts': `import piscina from 'piscina'\nimport { Store } from '../store/store.js'\n`,
    'src/store/store.ts': `// import 'node:fs', Date.now()\nconst text = "import 'node:fs'; Date.now()"\n`,
    'src/store/wheel.ts': `import type { Clock } from '../clock.js'\n`,
    'src/clock.ts': `export const systemClock = { now: Date.now }\n`,
    'src/key.ts': `import { CacheError } from './errors.js'\nconst any = { any: 1 }\n`,
    'package-lock.json': `{ "resolved": "file:../x", "url": "https://opencollective.com/x" }`,
  }
  assert.equal(verdict(files), [])
})

test('an import that points up names file, line and fix', () => {
  const files = { 'src/engine/a.ts': `\nimport {\n  x,\n} from '../http/server.js'\n` }
  const text = only(files)
  assert.match(text, /^src\/engine\/a\.ts:4: engine imports http \(http\/server\.ts\); engine may/)
})

const forbidden: [path: string, line: string, expected: RegExp][] = [
  ['ring/a.ts', `import { readFileSync } from 'node:fs'`, /ring imports node:fs; ring is pure/],
  ['store/a.ts', `import fs from 'fs/promises'`, /store imports fs\/promises/],
  ['store/a.ts', `const fs = await import('node:fs')`, /store imports node:fs/],
  ['ring/a.ts', `import type { S } from '../store/store.js'`, /ring imports store/],
  ['store/a.ts', `import { Ring } from '../ring/ring.js'`, /store imports ring/],
  ['node/a.ts', `import { Ring } from '../ring/ring.js'`, /node imports ring/],
  ['engine/a.ts', `import Piscina from 'piscina'`, /engine imports piscina; the engine knows/],
  [
    'engine/a.ts',
    `import { Worker } from 'node:worker_threads'`,
    /engine imports node:worker_threads/,
  ],
  ['engine/a.ts', `import { Worker } from 'worker_threads'`, /engine imports worker_threads/],
  ['engine/a.ts', `import 'node:http'`, /engine imports node:http/],
  ['http/a.ts', `import { Store } from '../store/store.js'`, /http imports store/],
  ['http/handlers/a.ts', `import { Node } from '../../node/node.js'`, /http imports node/],
  ['http/a.ts', `import { parse } from '../config.js'`, /http imports cli/],
  ['key.ts', `import { Engine } from './engine/engine.js'`, /leaf imports engine/],
  ['errors.ts', `import x from '../test/x.js'`, /outside src/],
  ['store/a.ts', `const now = Date.now()`, /store reads Date\.now; take the clock/],
  ['node/a.ts', `const now = Math.random()`, /node reads Math\.random/],
  ['store/a.ts', `import { systemClock } from '../clock.js'`, /store imports the clock; take it/],
  ['hash.ts', `const now = performance.now()`, /leaf reads performance\.now/],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the text of a file
  ['ring/a.ts', 'const now = `${Date.now()}`', /ring reads Date\.now/],
  ['engine/all.ts', `export * from './engine.js'`, /re-exports/],
  ['engine/all.ts', `export type { A } from './engine.js'`, /re-exports/],
  ['engine/all.ts', `export {\n  a,\n  b,\n} from './engine.js'`, /re-exports/],
  ['engine/utils/a.ts', `export const a = 1`, /is named utils/],
  ['engine/helpers.ts', `export const a = 1`, /is named helpers/],
  ['common/a.ts', `export const a = 1`, /is named common/],
  ['misc/a.ts', `export const a = 1`, /stands in no known room/],
  ['other.ts', `export const a = 1`, /stands in no known room/],
  ['engine/a.ts', `export function f(x: any) {}`, /uses the type any/],
  ['engine/a.ts', `const x = y as any`, /uses the type any/],
  ['engine/a.ts', `const x = new Map<string | any>()`, /uses the type any/],
  ['engine/a.ts', `// ${'TO'}${'DO'}: later`, /do it now/],
  ['engine/a.ts', `const x = '${'FIX'}${'ME'}'`, /do it now/],
  ['engine/a.ts', `${'\n'.repeat(400)}const x = 1`, /:401: has 401 lines/],
]

for (const [path, line, expected] of forbidden) {
  test(`src/${path} may not: ${line.trim().slice(0, 60).replaceAll('\n', ' ')}`, () => {
    const found = verdict({ [`src/${path}`]: `${line}\n` })
    assert.ok(
      found.some((text) => expected.test(text) && text.startsWith(`src/${path}:`)),
      found.join('\n'),
    )
  })
}

test('tests, benchmarks and docs are read as well', () => {
  assert.match(only({ 'test/a.test.ts': 'let x: any\n' }), /^test\/a\.test\.ts:1:/)
  assert.match(only({ 'bench/a.ts': '\n'.repeat(450) }), /^bench\/a\.ts:401: has 450 lines/)
  assert.match(only({ 'docs/a.md': `\n${'TO'}${'DO'}\n` }), /^docs\/a\.md:2:/)
})

test('the address of a registry in the lock file', () => {
  const lock = (line: string) => ({ 'package-lock.json': `{\n${line}\n}\n` })
  const host = 'https://example.test/npm/x.tgz'
  assert.match(only(lock(`"resolved": "${host}"`)), /^package-lock\.json:2: holds the address/)
  assert.match(only(lock('"url": "https://registry.example.test/x"')), /holds the address/)
  const other = { 'test/suites/package-lock.json': `{\n"resolved": "${host}"\n}\n` }
  assert.match(only(other), /^test\/suites\/package-lock\.json:2: holds the address/)
})

test('what is installed beside a test is not ours', () => {
  assert.equal(verdict({ 'test/suites/node_modules/a/utils.js': '\n'.repeat(450) }), [])
})

test('an optional package without an entry in the lock file', () => {
  const lock = (more: object) => ({
    'package-lock.json': JSON.stringify({
      packages: { 'node_modules/a': { optionalDependencies: { 'a-linux-x64': '1.0.0' } }, ...more },
    }),
  })
  assert.match(
    only(lock({})),
    /no entry for the optional a-linux-x64: .*; run node \.ci\/mend-lock/,
  )
  assert.equal(verdict(lock({ 'node_modules/a-linux-x64': {} })), [])
  assert.equal(verdict(lock({ 'node_modules/a/node_modules/a-linux-x64': {} })), [])
})

test('a function longer than the limit, by lines of its body', () => {
  const place = scratch('house')
  try {
    const body = (lines: number) => `export function f(): { a: 1 } {\n${'  f()\n'.repeat(lines)}}\n`
    place.write('src/fits.ts', body(69))
    place.write('src/long.ts', `\n\n${body(70)}`)
    const found = checkFunctionLength(place.folder, biome).map(describe)
    assert.is(found.length, 1, found.join('\n'))
    assert.match(found[0], /^src\/long\.ts:3: has a function whose body is longer than 69 lines/)
  } finally {
    place.remove()
  }
})

test('words are told apart from text, comments, templates and regular expressions', () => {
  const source = [
    'const a = /["`/*]/.test(x) // `comment',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the text of a file
    'const b = `one ${f({ c: `two ${d} "` })} three /* ` + "e\\"f"',
    'const g = h / i / j /* k',
    '*/ + l',
  ].join('\n')
  const { bare, code } = mask(source)
  assert.is(bare.length, source.length)
  assert.is(
    bare.replace(/ +/g, ' '),
    'const a = / /.test(x) \nconst b = ` {f({ c: ` {d} ` })} ` + " "\nconst g = h / i / j \n + l',
  )
  assert.match(code, /three \/\* ` \+ "e\\"f"/)
  assert.not.match(code, /comment|k/)
})

test.run()
