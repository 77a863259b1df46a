import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { describeApi, PAGES } from '../../../src/http/openapi/document.js'
import { problemKinds } from '../../../src/http/problem.js'
import { calls } from '../../../src/http/routes.js'
import { packageFolder } from '../../scratch.js'
import { skip } from '../../skip.js'

/** What the contract and docs/http-api.md promise is in the document. */
const test = suite('openapi promises')

const { paths = {} } = describeApi(calls, { version: '0', endpointTemplate: 'http://{id}.a/' })
const described = new Set([
  ...PAGES,
  ...Object.entries(paths).flatMap(([path, methods]) => {
    return Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`)
  }),
])

/** Calls as the text writes them; `…/x` stands for what is below a bucket. */
function callsIn(text: string): string[] {
  const below = { '/credentials/{credentialId}': 1, '/keys': 1, '/keys/{key}': 1 }
  const written = text.matchAll(/\b(GET|HEAD|POST|PUT|PATCH|DELETE) (…?)(\/[\w/{}.-]*)/g)
  return [...written].map(([, method, dots, path]) => {
    assert.ok(dots === '' || path in below || path.startsWith('/batch/') || path === '/usage', path)
    return `${method} ${dots === '' ? '' : '/v1/buckets/{id}'}${path}`
  })
}

const contract = join(packageFolder, '../shared/API.md')
const texts: [name: string, path: string, atLeast: number][] = [
  ['the contract', contract, 25],
  ['docs/http-api.md', join(packageFolder, 'docs/http-api.md'), 12],
]

for (const [name, path, atLeast] of texts) {
  const title = `every call of ${name} is described`
  if (!existsSync(path)) {
    skip(test, title, `${name} is not beside the package`)
    continue
  }
  test(title, () => {
    const named = new Set(callsIn(readFileSync(path, 'utf8')))
    assert.ok(named.size >= atLeast, `${named.size} calls`)
    for (const call of named) assert.ok(described.has(call), call)
  })
}

test('every code that may be answered is in docs/http-api.md, with its status', () => {
  const text = readFileSync(join(packageFolder, 'docs/http-api.md'), 'utf8')
  const rows = [...text.matchAll(/^\| `([a-z_]+)` \| ([0-9]{3}) \|/gm)]
  const told = Object.fromEntries(rows.map(([, code, status]) => [code, Number(status)]))
  const known = Object.entries(problemKinds).map(([code, { status }]) => [code, status])
  assert.equal(told, Object.fromEntries(known))
})

test.run()
