import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { explanationLines } from '../../src/cli/explain.js'
import { annulus, start } from './command.js'

const explaining = suite('cli explain')

const EXPLANATION = {
  hash: 0x4000_0000,
  angle: 90,
  token: 0x8000_0000,
  owner: 'node-3',
  successors: ['node-1', 'node-2'],
  epoch: 4,
}
const LINES = [
  'key         birthdays/john doe',
  'hash        1073741824 (0x40000000)',
  'angle       90.0000°',
  'token       2147483648 (180.0000°)',
  'owner       node-3',
  'successors  node-1, node-2',
  'epoch       4',
]

/** A server that gives one answer, and remembers what it was asked. */
async function answering(status: number, body: string) {
  const asked: Pick<IncomingMessage, 'url' | 'headers'>[] = []
  const server = createServer((request, response) => {
    asked.push({ url: request.url, headers: request.headers })
    response.writeHead(status).end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, asked, close: () => server.close() }
}

explaining('an explanation reads as lines', () => {
  assert.equal(explanationLines('birthdays/john doe', EXPLANATION), LINES)
  const lonely = explanationLines('k', { ...EXPLANATION, hash: 255, successors: [] })
  assert.is(lonely[1], 'hash        255 (0x000000ff)')
  assert.is(lonely[5], 'successors  none')
})

explaining('--url asks a server, with the credential, and prints what it says', async () => {
  const server = await answering(200, JSON.stringify(EXPLANATION))
  try {
    const run = start([
      ...['ring', 'explain', 'birthdays/john doe', '--bucket', '17'],
      ...['--url', `${server.url}/`, '--key', 'secret'],
    ])
    assert.is(await run.exit, 0, run.stderr())
    assert.is(run.stdout(), `${LINES.join('\n')}\n`)
    assert.is(server.asked.length, 1)
    assert.is(server.asked[0].url, '/v1/buckets/17/explain?key=birthdays%2Fjohn%20doe')
    assert.is(server.asked[0].headers.authorization, 'Bearer secret')
  } finally {
    server.close()
  }
})

explaining('what the server objects to is said in one line, and the exit is 1', async () => {
  const problem = { code: 'forbidden', detail: 'this credential is of another bucket' }
  const server = await answering(403, JSON.stringify(problem))
  try {
    const run = start(['ring', 'explain', 'k', '--bucket', '17'], {
      ANNULUS_URL: server.url,
      ANNULUS_KEY: 'other',
    })
    assert.is(await run.exit, 1)
    assert.is(run.stderr(), `annulus: 403: ${problem.detail}\n`)
    assert.is(server.asked[0].headers.authorization, 'Bearer other')
  } finally {
    server.close()
  }
})

explaining('a server that is not there is named', async () => {
  const server = await answering(200, '')
  server.close()
  const run = start(['ring', 'explain', 'k', '--bucket', '1', '--url', server.url, '--key', 'x'])
  assert.is(await run.exit, 1)
  assert.match(run.stderr(), `--url: ${server.url} does not answer: ECONNREFUSED`)
})

explaining('options that do not make sense together are refused with 2', () => {
  const explain = (...args: string[]) => annulus(['ring', 'explain', 'k', ...args])
  for (const [outcome, word] of [
    [explain(), '--bucket'],
    [explain('--bucket', '1'), '--url'],
    [explain('--bucket', '1', '--url', 'http://127.0.0.1:7070'), '--key'],
    [explain('--bucket', '1', '--url', 'nowhere', '--key', 'x'), '--url'],
    [explain('--bucket', '1', '--url', 'http://a', '--data', 'b'), '--data'],
  ] as const) {
    assert.is(outcome.status, 2, outcome.stderr)
    assert.is(outcome.stderr.trimEnd().split('\n').length, 1)
    assert.match(outcome.stderr, word)
  }
})

explaining.run()
