import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { blocksOf } from './blocks.js'

const test = suite('docs/blocks')
const fence = '```'

function first(text: string) {
  return blocksOf('a.md', text)[0]
}

test('finds blocks with their line, language and code', () => {
  const text = `# Title\n\n${fence}ts\nconst a = 1\n\nf(a)\n${fence}\nText\n~~~sh\ncurl x\n~~~\n`
  const blocks = blocksOf('a.md', text)
  const seen = blocks.map(({ line, kind, code }) => [line, kind, code])
  assert.equal(seen, [
    [4, 'ts', 'const a = 1\n\nf(a)\n'],
    [10, 'sh', 'curl x\n'],
  ])
})

test('a longer fence may hold a shorter one, and a list may indent it', () => {
  const outer = first(`${fence}\`md\n${fence}sh\nrm -rf\n${fence}\n${fence}\`\n`)
  assert.is(outer.kind, 'text')
  assert.is(outer.code, `${fence}sh\nrm -rf\n${fence}\n`)
  const inList = first(`1. do\n\n   ${fence}sh\n   if true; then\n     ls\n   fi\n   ${fence}\n`)
  assert.is(inList.code, 'if true; then\n  ls\nfi\n')
})

test('a comment before the fence says how to run it, or why not', () => {
  const block = `${fence}sh\nnpm ci\n${fence}\n`
  assert.is(first(block).reason, undefined)
  assert.is(first(`<!-- not run: it installs -->\n${block}`).reason, 'it installs')
  assert.is(first(`<!-- not run: it installs -->\n\n${block}`).reason, 'it installs')
  assert.is(first(`<!-- not run: it installs -->\nText\n${block}`).reason, undefined)
  assert.is(first(`<!-- run: server -->\n${block}`).manner, 'server')
  assert.is(first(`<!-- run: answers an error -->\n${block}`).manner, 'answers an error')
})

test('what cannot be understood is refused with its line', () => {
  const block = `${fence}sh\nnpm ci\n${fence}\n`
  assert.throws(() => first(`<!-- not run -->\n${block}`), /a\.md:1: say why/)
  assert.throws(() => first(`<!-- run: sometimes -->\n${block}`), /a\.md:1: "run: sometimes"/)
  assert.throws(() => first(`\n${fence}\nx\n${fence}\n`), /a\.md:2: the fence names no language/)
  assert.throws(() => first(`${fence}console\nx\n${fence}\n`), /a\.md:1: console is not known/)
  assert.throws(() => first(`${fence}sh\nx\n`), /a\.md:1: the fence is never closed/)
})

test.run()
