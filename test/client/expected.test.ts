import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  AnnulusClient,
  CacheError,
  type ClientBucket,
  ClientError,
} from '../../src/client/index.js'
import { encodeValues } from '../../src/frames/answers.js'
import { failureOf } from './connected.js'
import { AS_VALUE, answers, type Manner, misbehaving } from './misbehaving.js'

const test = suite('client and answers that are not the API’s')
const server = await misbehaving()
const client = new AnnulusClient({ url: server.url, key: 'k', retries: 0 })
const bucket = client.bucket('1')

type Call = (bucket: ClientBucket) => Promise<unknown>

async function refused(call: Promise<unknown>): Promise<ClientError> {
  const error = await failureOf(call)
  assert.instance(error, ClientError)
  assert.is(error.code, 'unexpected_answer', error.message)
  return error as ClientError
}

const page = answers(200, '<h1>Log in</h1>', { 'Content-Type': 'text/html' })
const lying = answers(200, '{"code":"key_not_found","detail":"x"}', AS_VALUE)
const { ETag } = AS_VALUE
const reads: [name: string, call: Call][] = [
  ['get', (of) => of.get('a')],
  ['entry', (of) => of.entry('a')],
  ['head', (of) => of.head('a')],
  ['getMany', (of) => of.getMany(['a'])],
  ['list', (of) => of.list()],
  ['keys', (of) => of.keys().next()],
  ['credentials', (of) => of.credentials()],
  ['buckets', () => client.buckets()],
  ['migrations', () => client.migrations()],
  ['events', () => client.events().next()],
  ['metrics', () => client.metrics()],
]
const writes: [name: string, call: Call][] = [
  ['put', (of) => of.put('a', 'x')],
  ['putMany', (of) => of.putMany([['a', 'x']])],
  ['delete', (of) => of.delete('a')],
  ['deleteMany', (of) => of.deleteMany(['a', 'b'])],
  ['deletePrefix', (of) => of.deletePrefix('a')],
  ['touch', (of) => of.touch('a', '1m')],
  ['flush', (of) => of.flush()],
  ['deleteCredential', (of) => of.deleteCredential('c')],
  ['deleteBucket', () => client.deleteBucket('1')],
]

for (const [name, call] of reads) {
  test(`${name} takes no page for an answer`, async () => {
    for (const manner of [page, answers(200, ''), answers(200, '[]'), answers(200, 'null')]) {
      server.will(manner)
      assert.is((await refused(call(bucket))).maybeStored, false)
    }
  })
}

for (const [name, call] of writes) {
  test(`${name} takes no page for an answer, and it may have been done`, async () => {
    for (const manner of [page, answers(200, ''), lying]) {
      server.will(manner)
      assert.is((await refused(call(bucket))).maybeStored, true)
    }
  })
}

test('a description is JSON', async () => {
  server.will(page)
  assert.is((await refused(bucket.update({}))).maybeStored, true)
})

const lacking: [what: string, manner: Manner][] = [
  ['no ETag', answers(200, 'x', { 'Cache-Status': 'annulus; hit' })],
  ['no Cache-Status', answers(200, 'x', { ETag })],
  ['another cache', answers(200, 'x', { ETag, 'Cache-Status': 'squid; hit; ttl=5' })],
  ['another status', answers(203, 'x', AS_VALUE)],
]

for (const [what, manner] of lacking) {
  test(`no value: ${what}`, async () => {
    server.will(manner)
    await refused(bucket.get('a'))
    await refused(bucket.head('a'))
    await refused(bucket.getOrSet('a', () => 'made'))
  })
}

test('a cache between here and the server does not speak for it', async () => {
  const of = (status: string) => answers(200, 'x', { ...AS_VALUE, 'Cache-Status': status })
  server.will(of('annulus; hit; ttl=7, squid; hit; ttl=500'))
  assert.is((await bucket.entry('a'))?.ttlMs, 7_000)
  server.will(of('annulus; hit, squid; hit; ttl=500'))
  assert.is((await bucket.entry('a'))?.ttlMs, undefined)
  server.will(answers(404, '', { 'Cache-Status': 'squid; fwd=miss' }))
  assert.is((await failureOf(bucket.head('a'))).code, 'bucket_not_found')
})

test('an answer to HEAD has a status alone to tell by', async () => {
  for (const [status, code] of [
    [503, 'overloaded'],
    [500, 'internal'],
    [418, 'unexpected_answer'],
  ] as const) {
    server.will(answers(status, ''))
    assert.is((await failureOf(bucket.head('a'))).code, code)
  }
})

test('a batch that was written, and answered with what is none', async () => {
  for (const body of ['<html>', encodeValues([undefined])]) {
    server.will(answers(200, body))
    const put = bucket.putMany([
      ['a', '1'],
      ['b', '2'],
    ])
    assert.is((await refused(put)).maybeStored, true)
    assert.is((await refused(bucket.deleteMany(['a', 'b']))).maybeStored, true)
    assert.is((await refused(bucket.deletePrefix('a'))).maybeStored, true)
  }
})

test('pages of keys of another shape, and such as would not end', async () => {
  for (const body of ['{}', '{"keys":{"a":1},"cursor":null}', '{"keys":[1],"cursor":null}']) {
    server.will(answers(200, body))
    await refused(bucket.keys().next())
  }
  server.will(answers(200, '{"keys":["a"],"cursor":"x"}'))
  const seen: string[] = []
  const listing = (async () => {
    for await (const key of bucket.keys()) seen.push(key)
  })()
  await refused(listing)
  assert.equal(seen, ['a', 'a'])
})

test('pages that go in a circle', async () => {
  for (const [before, size] of [
    [0, 2],
    [3, 5],
    [10, 1],
    [1, 64],
  ]) {
    let asked = 0
    server.will((_, res) => {
      const at = asked < before ? asked : before + ((asked - before) % size)
      asked++
      res.end(`{"keys":["k${at}"],"cursor":"c${at}"}`)
    })
    const listing = (async () => {
      for await (const _ of bucket.keys());
    })()
    await refused(listing)
    assert.ok(asked < 4 * (before + size), `${asked} pages`)
  }
})

/** For ever; counts what it got rid of. */
function endless(status: number, sent: { bytes: number }): Manner {
  return (_, res) => {
    res.writeHead(status, AS_VALUE)
    const chunk = Buffer.alloc(2 ** 20, 'x')
    const go = () => {
      sent.bytes += chunk.length
      res.write(chunk, (error) => {
        if (!error && !res.destroyed) setImmediate(go)
      })
    }
    go()
  }
}

test('an answer without an end is not collected for ever', async () => {
  const sent = { bytes: 0 }
  server.will(endless(200, sent))
  assert.match((await refused(bucket.get('a'))).message, /answers with more than 64mb/)
  assert.match((await refused(client.ring())).message, /answers with more than 64mb/)
  server.will(endless(500, sent))
  const error = await refused(bucket.put('a', 'x'))
  assert.is(error.status, 500)
  assert.match(error.message, /answered 500, and not as Annulus does: x{200}$/)
})

test('a value comes whole, in bytes of its own', async () => {
  const value = Buffer.alloc(5 * 2 ** 20, 'abc')
  server.will(answers(200, value, AS_VALUE))
  const got = await bucket.get('a')
  assert.ok(got !== undefined && value.equals(got))
  assert.is(got.byteOffset + got.buffer.byteLength, value.length)
})

const bad: [why: string, call: Call, code: string, text: RegExp][] = [
  [
    'an entry that is none',
    (of) => of.putMany([null as never]),
    'invalid_body',
    /^item 0: an entry/,
  ],
  [
    'a hole',
    (of) => of.putMany(Object.assign([], { 1: ['a', 'b'] })),
    'invalid_body',
    /^item 0: an entry/,
  ],
  ['an entry of text', (of) => of.putMany(['ab' as never]), 'invalid_body', /told as an array/],
  ['no value', (of) => of.putMany([['a'] as never]), 'invalid_body', /^item 0: a value is/],
  ['no key', (of) => of.putMany([[undefined as never, 'x']]), 'invalid_key', /^item 0/],
  ['no entries', (of) => of.putMany(null as never), 'invalid_body', /entries are told as an array/],
  [
    'text for keys',
    (of) => of.getMany('abc' as never),
    'invalid_body',
    /keys are told as an array/,
  ],
  ['no keys', (of) => of.deleteMany(undefined as never), 'invalid_body', /keys are told/],
]

for (const [why, call, code, text] of bad) {
  test(`refused before anything is sent: ${why}`, async () => {
    server.will(page)
    const error = await failureOf(call(bucket))
    assert.instance(error, CacheError)
    assert.is(error.code, code)
    assert.match(error.message, text)
    assert.equal(server.requests, [])
  })
}

test.after(() => server.close())
test.run()
