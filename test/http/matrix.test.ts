import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Served, serve } from './served.js'

/** Every call with every kind of credential. */
const matrix = suite('http credentials matrix')

const KINDS = [
  'none',
  'wrong',
  'root',
  'account',
  'other account',
  'admin',
  'write',
  'read',
  'other admin',
] as const
type Kind = (typeof KINDS)[number]

interface Row {
  readonly call: string
  readonly body?: string | object
  /** In the order of KINDS. */
  readonly expected: readonly number[]
}

/** `{id}` is the bucket, `{gone}` an id that no bucket has. */
const ROWS: readonly Row[] = [
  { call: 'GET /healthz', expected: [200, 200, 200, 200, 200, 200, 200, 200, 200] },
  { call: 'GET /readyz', expected: [200, 200, 200, 200, 200, 200, 200, 200, 200] },
  { call: 'GET /openapi.json', expected: [200, 200, 200, 200, 200, 200, 200, 200, 200] },
  { call: 'GET /docs', expected: [200, 200, 200, 200, 200, 200, 200, 200, 200] },
  { call: 'GET /v1/ring', expected: [401, 401, 200, 403, 403, 403, 403, 403, 403] },
  // GET would go on for ever: see events.test.ts.
  { call: 'HEAD /v1/events', expected: [401, 401, 200, 403, 403, 403, 403, 403, 403] },
  {
    call: 'POST /v1/nodes?dryRun=true',
    expected: [401, 401, 200, 403, 403, 403, 403, 403, 403],
  },
  {
    call: 'POST /v1/nodes',
    body: { weight: 1 },
    expected: [401, 401, 202, 403, 403, 403, 403, 403, 403],
  },
  { call: 'DELETE /v1/nodes/none', expected: [401, 401, 404, 403, 403, 403, 403, 403, 403] },
  {
    call: 'DELETE /v1/nodes/n1?dryRun=true',
    expected: [401, 401, 200, 403, 403, 403, 403, 403, 403],
  },
  { call: 'POST /v1/nodes/none/fail', expected: [401, 401, 404, 403, 403, 403, 403, 403, 403] },
  { call: 'GET /v1/migrations', expected: [401, 401, 200, 403, 403, 403, 403, 403, 403] },
  { call: 'GET /v1/migrations/none', expected: [401, 401, 404, 403, 403, 403, 403, 403, 403] },
  { call: 'DELETE /v1/migrations/none', expected: [401, 401, 404, 403, 403, 403, 403, 403, 403] },
  {
    call: 'POST /v1/accounts',
    body: { name: 'account-{n}' },
    expected: [401, 401, 201, 403, 403, 403, 403, 403, 403],
  },
  {
    call: 'POST /v1/buckets',
    body: { name: 'bucket-{n}' },
    expected: [401, 401, 201, 201, 201, 403, 403, 403, 403],
  },
  { call: 'GET /v1/buckets', expected: [401, 401, 200, 200, 200, 403, 403, 403, 403] },
  { call: 'GET /v1/buckets/{id}', expected: [401, 401, 200, 200, 403, 200, 403, 403, 403] },
  {
    call: 'PATCH /v1/buckets/{id}',
    body: { defaultTtl: '1h' },
    expected: [401, 401, 200, 200, 403, 200, 403, 403, 403],
  },
  {
    call: 'GET /v1/buckets/{id}/credentials',
    expected: [401, 401, 200, 200, 403, 200, 403, 403, 403],
  },
  {
    call: 'POST /v1/buckets/{id}/credentials',
    body: { role: 'read' },
    expected: [401, 401, 201, 201, 403, 201, 403, 403, 403],
  },
  {
    call: 'DELETE /v1/buckets/{id}/credentials/none',
    expected: [401, 401, 404, 404, 403, 404, 403, 403, 403],
  },
  { call: 'POST /v1/buckets/{id}/flush', expected: [401, 401, 204, 204, 403, 204, 403, 403, 403] },
  { call: 'GET /v1/buckets/{id}/usage', expected: [401, 401, 200, 200, 403, 200, 200, 200, 403] },
  {
    call: 'GET /v1/buckets/{id}/explain?key=k',
    expected: [401, 401, 200, 200, 403, 200, 200, 200, 403],
  },
  { call: 'GET /v1/buckets/{id}/keys', expected: [401, 401, 200, 200, 403, 200, 200, 200, 403] },
  {
    call: 'PUT /v1/buckets/{id}/keys/k{n}',
    body: 'value',
    expected: [401, 401, 201, 201, 403, 201, 201, 403, 403],
  },
  { call: 'GET /v1/buckets/{id}/keys/no', expected: [401, 401, 404, 404, 403, 404, 404, 404, 403] },
  {
    call: 'HEAD /v1/buckets/{id}/keys/no',
    expected: [401, 401, 404, 404, 403, 404, 404, 404, 403],
  },
  {
    call: 'PATCH /v1/buckets/{id}/keys/no?ttl=1s',
    expected: [401, 401, 404, 404, 403, 404, 404, 403, 403],
  },
  {
    call: 'DELETE /v1/buckets/{id}/keys/no',
    expected: [401, 401, 404, 404, 403, 404, 404, 403, 403],
  },
  {
    call: 'POST /v1/buckets/{id}/batch/get',
    body: { keys: ['k'] },
    expected: [401, 401, 200, 200, 403, 200, 200, 200, 403],
  },
  {
    call: 'POST /v1/buckets/{id}/batch/put',
    body: { keys: ['k'], values: ['v'] },
    expected: [401, 401, 200, 200, 403, 200, 200, 403, 403],
  },
  {
    call: 'POST /v1/buckets/{id}/batch/delete',
    body: { keys: ['k'] },
    expected: [401, 401, 200, 200, 403, 200, 200, 403, 403],
  },
  { call: 'GET /v1/buckets/{gone}', expected: [401, 401, 404, 403, 403, 403, 403, 403, 403] },
  {
    call: 'GET /v1/buckets/{gone}/keys/k',
    expected: [401, 401, 404, 403, 403, 403, 403, 403, 403],
  },
  {
    call: 'PUT /v1/buckets/{gone}/keys/k',
    body: 'value',
    expected: [401, 401, 404, 403, 403, 403, 403, 403, 403],
  },
  { call: 'DELETE /v1/buckets/{gone}', expected: [401, 401, 404, 403, 403, 403, 403, 403, 403] },
]

interface World {
  readonly served: Served
  readonly id: string
  readonly keys: Readonly<Record<Kind, string | undefined>>
}

async function makeWorld(): Promise<World> {
  const served = await serve()
  const create = async (key: string, path: string, body: object) => {
    const { status, json, text } = await served.call('POST', path, { key, body })
    assert.is(status, 201, text)
    return json
  }
  const account = await create(served.root, '/v1/accounts', { name: 'one' })
  const other = await create(served.root, '/v1/accounts', { name: 'two' })
  const bucket = await create(account.credentialKey, '/v1/buckets', { name: 'b' })
  const foreign = await create(account.credentialKey, '/v1/buckets', { name: 'c' })
  const path = `/v1/buckets/${bucket.id}/credentials`
  const write = await create(bucket.credentialKey, path, { role: 'write' })
  const read = await create(bucket.credentialKey, path, { role: 'read' })
  return {
    served,
    id: bucket.id,
    keys: {
      none: undefined,
      wrong: 'no-such-credential',
      root: served.root,
      account: account.credentialKey,
      'other account': other.credentialKey,
      admin: bucket.credentialKey,
      write: write.credentialKey,
      read: read.credentialKey,
      'other admin': foreign.credentialKey,
    },
  }
}

let world: World
let count = 0

matrix.before(async () => {
  world = await makeWorld()
})
matrix.after(() => world.served.close())

function ask(row: Row, kind: Kind) {
  const n = String(++count)
  const fill = (text: string) => text.replace('{n}', n)
  const [method, path] = row.call
    .replace('{id}', world.id)
    .replace('{gone}', '987654321')
    .split(' ')
  const { body } = row
  const filled = typeof body === 'object' ? JSON.parse(fill(JSON.stringify(body))) : body
  return world.served.call(method, fill(path), {
    key: world.keys[kind],
    ...(filled === undefined ? {} : { body: filled }),
  })
}

for (const row of ROWS) {
  matrix(row.call, async () => {
    for (const [i, kind] of KINDS.entries()) {
      const answer = await ask(row, kind)
      assert.is(answer.status, row.expected[i], `${kind}: ${answer.text}`)
      if (answer.status === 401) assert.match(String(answer.headers['www-authenticate']), 'Bearer')
      if (answer.status === 403 && answer.text !== '') assert.is(answer.json.code, 'forbidden')
    }
  })
}

/** These use up what they are called on: where one is allowed, the next begins in a world of its own. */
for (const [call, expected] of [
  ['DELETE /v1/nodes/n2', [401, 401, 202, 403, 403, 403, 403, 403, 403]],
  ['POST /v1/nodes/n2/fail', [401, 401, 202, 403, 403, 403, 403, 403, 403]],
  ['POST /v1/credentials/rotate', [401, 401, 200, 200, 200, 403, 403, 403, 403]],
  ['DELETE /v1/buckets/{id}', [401, 401, 204, 204, 403, 403, 403, 403, 403]],
] as const) {
  matrix(call, async () => {
    for (const [i, kind] of KINDS.entries()) {
      const answer = await ask({ call, expected }, kind)
      assert.is(answer.status, expected[i], `${kind}: ${answer.text}`)
      if (answer.status < 300) {
        await world.served.close()
        world = await makeWorld()
      }
    }
  })
}

matrix.run()
