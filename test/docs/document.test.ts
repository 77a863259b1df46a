import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { packageFolder, scratch } from '../scratch.js'
import { skip } from '../skip.js'
import { blocksOf } from './blocks.js'
import { runDocument } from './document.js'

const test = suite('docs/document')
const fence = '```'

/** Stands in for `annulus serve`: 401 without the root key, 404 for /none, else the path. */
const SERVER = `
import { createServer } from 'node:http'
const key = process.argv[2]
const server = createServer((request, response) => {
  const known = request.headers.authorization === 'Bearer ' + key
  response.statusCode = known ? (request.url === '/none' ? 404 : 200) : 401
  response.end(request.url)
})
server.listen(0, '127.0.0.1', () => console.log('listening on http://127.0.0.1:' + server.address().port))
process.on('SIGTERM', () => process.exit(0))
`
/** Stands in for the command line. */
const CLI = `console.log('cli', process.argv.slice(2).join(' ')); process.exitCode = process.argv[2] === 'bad' ? 2 : 0`

/** The problems of a document, as [line, text]. */
async function problems(text: string): Promise<[number, string][]> {
  const place = scratch('docs')
  try {
    const server = place.write('server.mjs', SERVER)
    const found = await runDocument(blocksOf('a.md', text), {
      folder: join(place.folder, 'run'),
      rootKey: 'secret',
      compiler: join(packageFolder, 'node_modules/typescript/bin/tsc'),
      cli: place.write('cli.mjs', CLI),
      server: { command: process.execPath, args: [server, 'secret'] },
    })
    return [...found].map(([block, problem]) => [block.line, problem])
  } finally {
    place.remove()
  }
}

function block(language: string, ...lines: string[]): string {
  return `${fence}${language}\n${lines.join('\n')}\n${fence}\n`
}

test('scripts run as modules against this package, each by itself', async () => {
  const found = await problems(
    block('ts', `import own from 'annulus/package.json' with { type: 'json' }`) +
      block(
        'ts',
        'const own: number = 1',
        `await new Promise<void>((done) => setTimeout(done, own))`,
      ) +
      block('js', `const own = 2`, `if (own !== 2) throw new Error('no')`) +
      block('json', 'not code'),
  )
  assert.equal(found, [])
})

test('a script that fails, does not compile or rejects is told with its line', async () => {
  const found = await problems(
    block('js', `throw new Error('boom')`) +
      block('ts', `const a: number = 'text'`) +
      block('ts', `await Promise.reject(new Error('late'))`) +
      `<!-- not run: it fails -->\n${block('ts', `nonsense`)}`,
  )
  assert.equal(found.map(([line]) => line).sort(), [2, 5, 8])
  const text = new Map(found)
  assert.match(text.get(2) ?? '', /exited with 1[\s\S]*boom/)
  assert.match(text.get(5) ?? '', /TS2322/)
  assert.match(text.get(8) ?? '', /late/)
})

test('a script goes on from the one before only where it says so', async () => {
  const define = block('ts', 'const a = 1')
  const use = block('ts', 'if (a !== 1) throw new Error()')
  assert.equal(await problems(`${define}<!-- run: continues -->\n${use}`), [])
  assert.match((await problems(define + use))[0][1], /Cannot find name 'a'/)
})

test('a script finds the server in the place of the documented port', async () => {
  const found = await problems(
    block(
      'ts',
      `const headers = { authorization: 'Bearer ' + process.env['ROOT'] }`,
      `const answer = await fetch('http://127.0.0.1:7070/x', { headers })`,
      `if ((await answer.text()) !== '/x') throw new Error(answer.status + '')`,
    ),
  )
  assert.equal(found, [])
})

const tools = ['bash', 'curl'].filter((tool) => spawnSync(tool, ['--version']).status !== 0)
const shellTest = (name: string, body: () => Promise<void>) =>
  tools.length === 0 ? test(name, body) : skip(test, name, `${tools.join(' and ')} not installed`)

shellTest('shell blocks share one bash and one server', async () => {
  const found = await problems(
    block('sh', `body=$(curl -H "Authorization: Bearer $ROOT" http://127.0.0.1:7070/x)`) +
      block('sh', `test "$body" = /x`, `annulus ring explain | grep -q 'cli ring explain'`) +
      block('bash', `npx annulus --version`),
  )
  assert.equal(found, [])
})

shellTest('the first failing command stops the shell, and the rest is not reached', async () => {
  const found = await problems(
    block('sh', 'echo fine') +
      block('sh', 'echo said', 'annulus bad', 'echo never') +
      block('sh', 'echo later'),
  )
  assert.equal(
    found.map(([line]) => line),
    [5, 10],
  )
  assert.match(found[0][1], /exited with 2[\s\S]*said[\s\S]*cli bad/)
  assert.not.match(found[0][1], /never/)
  assert.is(found[1][1], 'not reached: the block of line 5 failed')
})

shellTest('curl fails on an error status, unless the block is about one', async () => {
  const call = block('sh', 'curl http://127.0.0.1:7070/x')
  assert.match((await problems(call))[0][1], /401/)
  assert.equal(await problems(`<!-- run: answers an error -->\n${call}`), [])
})

shellTest('a failure on the left of && is seen', async () => {
  const found = await problems(block('sh', 'annulus bad && echo fine') + block('sh', 'echo later'))
  assert.match(found[0]?.[1] ?? '', /exited with 2/)
})

shellTest('npm does not run from a document', async () => {
  assert.match(
    (await problems(block('sh', 'npm ci && npm start')))[0][1],
    /give the block a reason/,
  )
})

test('a server that does not start is told with what it printed', async () => {
  const place = scratch('docs')
  try {
    const args = ['-e', `console.error('port in use'); process.exit(1)`]
    const tools = { folder: place.folder, rootKey: 'x', compiler: 'x', cli: 'x' }
    const server = { command: process.execPath, args }
    const blocks = blocksOf('a.md', `<!-- run: server -->\n${block('sh', 'true')}`)
    const run = runDocument(blocks, { ...tools, server })
    const said = await run.then(() => 'it started', String)
    assert.match(said, /exited with 1:\nport in use/)
  } finally {
    place.remove()
  }
})

test.run()
