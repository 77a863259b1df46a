import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  AnnulusClient,
  type ClientBucket,
  ClientError,
  type ClientOptions,
} from '../../src/client/index.js'
import { encodeValues } from '../../src/frames/answers.js'
import { codeOf, failureOf } from './connected.js'
import {
  AS_VALUE,
  answers,
  cut,
  type Manner,
  misbehaving,
  problem,
  silent,
  truncated,
} from './misbehaving.js'

const test = suite('client retries')
const server = await misbehaving()

/** A client whose time passes only while it waits, and the waits. */
function patient(options: Partial<ClientOptions> = {}) {
  const waits: number[] = []
  let now = 0
  const client = new AnnulusClient({
    url: server.url,
    key: 'k',
    random: () => 0.5,
    now: () => now,
    sleep: async (ms) => {
      waits.push(ms)
      now += ms
    },
    ...options,
  })
  return { client, bucket: client.bucket('1'), waits }
}

async function clientError(call: Promise<unknown>): Promise<ClientError> {
  const error = await failureOf(call)
  assert.instance(error, ClientError)
  return error as ClientError
}

const fine = answers(200, 'value', AS_VALUE)
const done = answers(204, '', { ETag: '"1"' })
const busy = problem(503, 'busy', {}, { 'Retry-After': '1' })
const notStored = problem(503, 'overloaded', { maybeStored: false }, { 'Retry-After': '1' })
const maybe = problem(503, 'recovering', { maybeStored: true }, { 'Retry-After': '1' })
const unsure = (maybeStored: unknown) => problem(503, 'overloaded', { maybeStored })
const html = (status: number) => answers(status, '<html>\n<h1>Bad gateway</h1>', {})

const again: [why: string, manner: Manner, waits: number[]][] = [
  ['the connection was cut', cut, [75]],
  ['the answer broke off', truncated, [75]],
  ['the server is busy', busy, [1_075]],
  ['a proxy finds nobody', html(502), [75]],
  ['a proxy waits no longer', html(504), [75]],
  ['a proxy is asked too often', answers(429, 'slow down', { 'Retry-After': '2' }), [2_075]],
]

for (const [why, manner, expected] of again) {
  test(`a read is done again: ${why}`, async () => {
    server.will(manner, fine)
    const { bucket, waits } = patient()
    assert.is(await bucket.getText('a'), 'value')
    assert.is(server.requests.length, 2)
    assert.equal(waits, expected)
  })
}

test('a gathered read is done again as well, though it is a POST', async () => {
  server.will(busy, cut, answers(200, encodeValues([Uint8Array.of(1), undefined])))
  const { bucket, waits } = patient()
  assert.equal(await Promise.all([bucket.get('a'), bucket.get('b')]), [Uint8Array.of(1), undefined])
  assert.is(server.requests.length, 3)
  assert.equal(waits, [1_075, 150])
})

test('as often as it was told, each time later, and then the last error', async () => {
  server.will(cut)
  const { bucket, waits } = patient({ retries: 6, timeout: '1h' })
  const error = await clientError(bucket.get('a'))
  assert.is(error.code, 'unreachable')
  assert.is(error.maybeStored, false)
  assert.match(error.message, /^http:\/\/127\.0\.0\.1:\d+ does not answer: /)
  assert.is(server.requests.length, 7)
  assert.equal(waits, [75, 150, 300, 600, 1_200, 1_500])
  server.will(cut)
  assert.is(await codeOf(patient({ retries: 0 }).bucket.get('a')), 'unreachable')
  assert.is(server.requests.length, 1)
})

test('never beyond its time: what would come too late is not waited for', async () => {
  server.will(busy)
  const { bucket, waits } = patient({ retries: 100, timeout: '3500ms' })
  const error = await clientError(bucket.get('a'))
  assert.is(error.code, 'busy')
  assert.equal(waits, [1_075, 1_150])
})

test('a server that wants to be left alone for long is', async () => {
  server.will(answers(503, '', { 'Retry-After': '6' }))
  const { bucket, waits } = patient()
  assert.is(await codeOf(bucket.get('a')), 'overloaded')
  assert.equal(waits, [])
  server.will(answers(503, '', { 'Retry-After': 'Wed, 21 Oct 2015 07:28:00 GMT' }), fine)
  assert.is(await bucket.getText('a'), 'value')
})

const writes: [name: string, write: (bucket: ClientBucket) => Promise<unknown>][] = [
  ['put', (bucket) => bucket.put('a', 'x')],
  ['delete', (bucket) => bucket.delete('a')],
  ['touch', (bucket) => bucket.touch('a', '1m')],
  ['flush', (bucket) => bucket.flush()],
]

for (const [name, write] of writes) {
  test(`${name} is done again where nothing was stored`, async () => {
    server.will(notStored, notStored, done)
    const { bucket, waits } = patient()
    await write(bucket)
    assert.is(server.requests.length, 3)
    assert.equal(waits, [1_075, 1_150])
  })

  const once: [why: string, manner: Manner, code: string, maybeStored: boolean][] = [
    ['it may have been stored', maybe, 'recovering', true],
    ['the connection was cut', cut, 'unreachable', true],
    ['the server does not say', problem(503, 'overloaded'), 'overloaded', true],
    ['it says so in another way', unsure('true'), 'overloaded', true],
    ['it says nothing for it', unsure(null), 'overloaded', true],
    ['it says a number for it', unsure(0), 'overloaded', true],
    ['a proxy answers 503', html(503), 'unexpected_answer', true],
    ['a proxy answers 429', html(429), 'unexpected_answer', false],
    ['the server fails', problem(500, 'internal'), 'internal', true],
    ['it is forbidden', problem(403, 'forbidden'), 'forbidden', false],
  ]
  for (const [why, manner, code, maybeStored] of once) {
    test(`${name} is not done again: ${why}`, async () => {
      server.will(manner, done)
      const error = await clientError(write(patient().bucket))
      assert.is(error.code, code)
      assert.is(error.maybeStored, maybeStored)
      assert.is(server.requests.length, 1)
    })
  }
}

test('an answer that is no problem document tells what came', async () => {
  server.will(html(418))
  const error = await clientError(patient().bucket.get('a'))
  assert.is(error.status, 418)
  assert.match(
    error.message,
    /answered 418, and not as Annulus does: <html> <h1>Bad gateway<\/h1>$/,
  )
  server.will(answers(404, '{"error":"no route"}'))
  assert.is(await codeOf(patient().bucket.get('a')), 'unexpected_answer')
  server.will(answers(301, '', { Location: 'http://elsewhere.test/' }))
  assert.is(await codeOf(patient().bucket.get('a')), 'unexpected_answer')
})

test('an answer of another shape than asked for', async () => {
  server.will(answers(200, '<html>'))
  const { bucket, client } = patient()
  assert.match((await clientError(client.ring())).message, /does not answer in JSON/)
  assert.match((await clientError(bucket.getMany(['a', 'b']))).message, /no frame of a batch/)
  server.will(answers(200, encodeValues([undefined])))
  assert.match((await clientError(bucket.getMany(['a', 'b']))).message, /not about the 2 keys/)
})

test('a server that does not answer: timeout, and whether it may have stored', async () => {
  server.will(silent)
  const client = new AnnulusClient({ url: server.url, timeout: '50ms' })
  const bucket = client.bucket('1')
  const read = await clientError(bucket.get('a'))
  assert.equal([read.code, read.maybeStored], ['timeout', false])
  assert.match(read.message, /has not answered within 50ms/)
  const write = await clientError(bucket.put('a', 'x'))
  assert.equal([write.code, write.maybeStored], ['timeout', true])
  const own = await clientError(patient().bucket.get('a', { timeout: 20 }))
  assert.match(own.message, /within 20ms/)
  const events = await clientError(client.events().next())
  assert.match(events.message, /has said nothing for 50ms/)
})

test('a signal ends a call with its reason, also while it waits to try again', async () => {
  server.will(silent)
  const reason = new Error('enough')
  const stop = new AbortController()
  const { bucket } = patient()
  const asked = failureOf(bucket.put('a', 'x', { signal: stop.signal }))
  stop.abort(reason)
  assert.is(await asked, reason)
  assert.is(await failureOf(bucket.put('a', 'x', { signal: AbortSignal.abort(reason) })), reason)

  server.will(notStored)
  const later = new AbortController()
  const client = new AnnulusClient({
    url: server.url,
    sleep: async () => later.abort(reason),
  })
  assert.is(await failureOf(client.bucket('1').put('a', 'x', { signal: later.signal })), reason)
  assert.is(server.requests.length, 1)
})

test('the pause of the system ends with the signal', async () => {
  server.will(busy)
  const stop = new AbortController()
  const { bucket } = patient({ sleep: undefined })
  const asked = failureOf(bucket.entry('a', { signal: stop.signal }))
  while (server.requests.length === 0) await new Promise((resolve) => setImmediate(resolve))
  stop.abort(new Error('enough'))
  assert.is((await asked).message, 'enough')
})

test.after(() => server.close())
test.run()
