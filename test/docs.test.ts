/**
 * Every code block of README.md and docs/ runs. A document's `sh` blocks run one after the other in
 * one bash, beside a server whose port takes the place of 7070 and whose root key is $ROOT; each
 * `ts` and `js` block runs as a script of its own against this build. In a comment before a block:
 * `<!-- not run: reason -->`, `<!-- run: answers an error -->` (curl may meet a 4xx or 5xx),
 * `<!-- run: continues -->` (a script that goes on from the one before), `<!-- run: server -->`.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Block, blocksOf } from './docs/blocks.js'
import { runDocument } from './docs/document.js'
import { serveCommand } from './docs/server.js'
import { buildFolder, packageFolder, scratch } from './scratch.js'
import { skip } from './skip.js'

const test = suite('docs')
const place = scratch('docs')
const rootKey = 'a-root-key-for-the-documents-0123456789abcdef'
const cli = join(buildFolder, 'src/cli.js')

function documents(): string[] {
  const docs = join(packageFolder, 'docs')
  const pages = existsSync(docs) ? readdirSync(docs, { recursive: true, encoding: 'utf8' }) : []
  const found = pages.filter((path) => path.endsWith('.md')).map((path) => `docs/${path}`)
  return existsSync(join(packageFolder, 'README.md'))
    ? ['README.md', ...found.sort()]
    : found.sort()
}

test('the compiled command line is there for the documents', () => {
  assert.ok(existsSync(cli), `${cli} is missing: npm run build`)
})

for (const [index, file] of documents().entries()) {
  const text = readFileSync(join(packageFolder, file), 'utf8')
  let blocks: Block[] = []
  test(`${file} has fences that can be read`, () => {
    blocksOf(file, text)
  })
  try {
    blocks = blocksOf(file, text)
  } catch {
    // The test above tells it.
  }
  const folder = join(place.folder, `${index}`)
  const server = serveCommand(cli, folder, rootKey)
  const compiler = join(packageFolder, 'node_modules/typescript/bin/tsc')
  let run: ReturnType<typeof runDocument> | undefined
  for (const block of blocks.filter((b) => b.kind !== 'text')) {
    const name = `${file}:${block.line} ${block.kind}`
    if (block.reason !== undefined) {
      skip(test, name, block.reason)
      continue
    }
    test(name, async () => {
      run ??= runDocument(blocks, { folder, rootKey, compiler, cli, server })
      const problem = (await run).get(block)
      assert.is(problem, undefined, `${name}: ${problem}`)
    })
  }
}

test.after(() => place.remove())
test.run()
