import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Validator } from '@seriousme/openapi-schema-validator'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { describeApi, groups, PAGES } from '../../../src/http/openapi/document.js'
import { problemKinds } from '../../../src/http/problem.js'
import { calls } from '../../../src/http/routes.js'
import { packageFolder } from '../../scratch.js'
import { type Served, serve } from '../served.js'
import { Contract, type Document, type Parameter } from './contract.js'

const test = suite('openapi document')
let served: Served
let contract: Contract
let text: string

test.before(async () => {
  served = await serve()
  text = (await served.call('GET', '/openapi.json')).text
  contract = new Contract(JSON.parse(text) as Document)
})
test.after(() => served.close())

type Place = readonly string[]

/** Every object of the document, and where it stands. */
function* objects(value: unknown, place: Place = []): Generator<[Place, Record<string, unknown>]> {
  if (typeof value !== 'object' || value === null) return
  if (!Array.isArray(value)) yield [place, value as Record<string, unknown>]
  for (const [name, one] of Object.entries(value)) yield* objects(one, [...place, name])
}

test('is valid OpenAPI 3.1', async () => {
  const { valid, errors } = await new Validator().validate(JSON.parse(text))
  assert.ok(valid, JSON.stringify(errors))
  assert.match(contract.document.openapi, /^3\.1\./)
})

test('has the version of the package', () => {
  const manifest = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8'))
  assert.is(contract.document.info.version, manifest.version)
})

test('every reference leads somewhere', () => {
  let count = 0
  for (const [place, { $ref: ref }] of objects(contract.document)) {
    if (typeof ref !== 'string') continue
    assert.match(ref, /^#\//, place.join('/'))
    contract.at(ref)
    count++
  }
  assert.ok(count > 100)
})

test('names every call of the server but the pages, and no other', () => {
  const served = calls.map(({ method, path }) => `${method} ${path}`)
  const described = contract.operations().map(({ method, path }) => `${method} ${path}`)
  assert.equal([...described, ...PAGES].sort(), served.sort())
  const written = groups.flatMap((group) => Object.keys(group.operations))
  assert.equal(written.sort(), described.sort())
})

test('a call that nobody has described is an error', () => {
  const call = { method: 'GET', path: '/v1/new', access: 'root', handle: () => {} } as const
  const server = { version: '1', endpointTemplate: 'http://{id}.a/' }
  assert.throws(() => describeApi([...calls, call], server), /GET \/v1\/new has no description/)
})

test('a path answers the methods that are described, HEAD beside each GET, and OPTIONS', async () => {
  for (const [path, methods] of Object.entries(contract.document.paths)) {
    const { headers, status } = await served.call('OPTIONS', path.replaceAll(/\{[^}]+\}/g, '1'))
    assert.is(status, 204, path)
    const expected = new Set(Object.keys(methods).map((method) => method.toUpperCase()))
    if (expected.has('GET')) expected.add('HEAD')
    expected.add('OPTIONS')
    const allowed = String(headers['allow']).split(', ')
    assert.equal(allowed.sort(), [...expected].sort(), path)
  }
})

test('operations have names of their own, a summary and a tag that is explained', () => {
  const tags = contract.document.tags.map(({ name }) => name)
  const operations = contract.operations()
  const ids = operations.map(({ operationId }) => operationId)
  assert.is(new Set(ids).size, ids.length)
  for (const { operationId, summary, tags: own } of operations) {
    assert.match(operationId, /^[a-z][A-Za-z]+$/)
    assert.ok(summary.length > 0 && summary.length < 60, operationId)
    assert.is(own.length, 1)
    assert.ok(tags.includes(own[0]), own[0])
  }
})

test('each parameter of a path is told, and no other', () => {
  for (const { path, method, parameters } of contract.operations()) {
    const known = parameters.map((one) => contract.resolve<Parameter>(one))
    const inPath = known.filter((one) => one.in === 'path')
    assert.equal(
      inPath.map(({ name }) => name).sort(),
      [...path.matchAll(/\{([^}]+)\}/g)].map((match) => match[1]).sort(),
      `${method} ${path}`,
    )
    assert.ok(inPath.every(({ required }) => required === true))
  }
})

test('calls that anybody may make need no credential, all others do', () => {
  const open = calls.filter(({ access }) => access === 'public').map(({ path }) => path)
  for (const { path, security, responses } of contract.operations()) {
    assert.is(security?.length === 0, open.includes(path), path)
    assert.is('401' in responses, !open.includes(path), path)
  }
})

test('problems stand under their own status', () => {
  const moved = new Set<string>()
  const seen = new Set<string>()
  for (const { operationId, responses } of contract.operations()) {
    for (const [status, said] of Object.entries(responses)) {
      if (Number(status) < 400) continue
      const { content } = contract.resolve<{ content: Record<string, { schema: unknown }> }>(said)
      const { properties } = content['application/problem+json'].schema as {
        properties: { status: { const: number }; code: { enum: (keyof typeof problemKinds)[] } }
      }
      assert.is(String(properties.status.const), status)
      for (const code of properties.code.enum) {
        seen.add(code)
        if (String(problemKinds[code].status) !== status) moved.add(`${code} ${status}`)
        else assert.is(String(problemKinds[code].status), status, operationId)
      }
    }
  }
  assert.equal([...moved].sort(), ['invalid_body 413', 'invalid_body 415'])
  const unused = Object.keys(problemKinds).filter((code) => !seen.has(code))
  assert.equal(unused.sort(), ['data_in_use', 'method_not_allowed', 'not_found'])
})

test('examples are what their schemas say', () => {
  let count = 0
  const hold = (place: Place, value: unknown) => {
    count++
    assert.is(contract.faults(place, value), '', `${place.join('/')}: ${JSON.stringify(value)}`)
  }
  for (const [place, one] of objects(contract.document)) {
    if (!('schema' in one)) continue
    if ('example' in one) hold([...place, 'schema'], one['example'])
    const examples = (one['examples'] ?? {}) as Record<string, { value: unknown }>
    for (const { value } of Object.values(examples)) hold([...place, 'schema'], value)
  }
  for (const [name, schema] of Object.entries(contract.document.components.schemas)) {
    const { examples = [] } = schema as { examples?: unknown[] }
    for (const value of examples) hold(['components', 'schemas', name], value)
  }
  assert.ok(count > 30, String(count))
})

test('shows no credential', () => {
  assert.not.match(text, /ann_[0-9a-f]/)
  assert.not.match(text, new RegExp(served.root))
  let count = 0
  for (const [place, { credentialKey }] of objects(contract.document)) {
    if (typeof credentialKey !== 'string') continue
    count++
    assert.match(credentialKey, /^\(.*shown once\)$/, place.join('/'))
  }
  assert.is(count, 4)
})

test('says where buckets of this server are found', async () => {
  const { id } = await served.bucket()
  const { json } = await served.call('GET', `/v1/buckets/${id}`, { key: served.root })
  const [own, theirs] = contract.document.servers.map(({ url }) => url)
  assert.is(own, '/')
  assert.is(`${theirs.replace('{id}', id)}/`, json.endpoint)
})

test('is kept, and asked for again in vain', async () => {
  const { headers } = await served.call('GET', '/openapi.json')
  const etag = String(headers.etag)
  const again = await served.call('GET', '/openapi.json', { headers: { 'If-None-Match': etag } })
  assert.is(again.status, 304)
  assert.is(again.text, '')
  const other = await served.call('GET', '/openapi.json', { headers: { 'If-None-Match': '"x"' } })
  assert.is(other.text, text)
  const head = await served.call('HEAD', '/openapi.json')
  assert.is(head.headers['content-length'], String(Buffer.byteLength(text)))
  assert.is(head.headers['cache-control'], 'no-cache')
})

test.run()
