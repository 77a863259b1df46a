import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { eventsOf } from '../../src/client/events.js'
import { AnnulusClient } from '../../src/client/index.js'
import { settingsOf } from '../../src/client/options.js'
import { Transport } from '../../src/client/transport.js'
import { codeOf, failureOf } from './connected.js'
import { type Manner, misbehaving } from './misbehaving.js'

const test = suite('client events')
const server = await misbehaving()
const SILENCE_MS = 20

const client = new AnnulusClient({ url: server.url, timeout: '30d' })

/** Events as they are, but less silence is borne. */
function impatient(silenceMs = SILENCE_MS) {
  const transport = new Transport(settingsOf({ url: server.url }))
  const sent = { method: 'GET', url: `${server.url}/v1/events`, key: undefined } as const
  return eventsOf(transport, sent, {}, silenceMs)
}

const event = (epoch: number) => `data: {"type":"ring","epoch":${epoch},"cause":"x"}\n\n`

/** Sends these, and leaves the stream open. */
function streams(...parts: string[]): Manner {
  return (_, res) => {
    res.writeHead(200, { 'Content-Type': 'text/event-stream' })
    for (const part of parts) res.write(part)
  }
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

test('however long the loop takes for an event, the server is not said to be silent', async () => {
  let send: (part: string) => void = () => {}
  server.will((req, res, body) => {
    streams(event(1))(req, res, body)
    send = (part) => res.write(part)
  })
  const silenceMs = 250
  const epochs: number[] = []
  for await (const one of impatient(silenceMs)) {
    if (one.type === 'ring') epochs.push(one.epoch)
    if (epochs.length === 2) break
    await pause(2 * silenceMs)
    send(event(2))
  }
  assert.equal(epochs, [1, 2])
})

test('a server that says nothing while one waits for it is', async () => {
  server.will(streams(event(1)))
  const events = impatient()
  assert.is((await events.next()).done, false)
  const error = await failureOf(events.next())
  assert.is(error.code, 'unreachable')
  assert.match(error.message, /has said nothing for 20ms/)
})

test('the longest timeouts are long', async () => {
  const late: Manner = (req, res, body) => {
    setTimeout(() => streams(event(1))(req, res, body), 3 * SILENCE_MS)
  }
  server.will(late)
  for await (const one of client.events()) {
    assert.is(one.type, 'ring')
    break
  }
  server.will((_, res) => {
    setTimeout(() => res.end('{"buckets":[]}'), 3 * SILENCE_MS)
  })
  assert.equal(await client.buckets(), [])
  assert.equal(await client.buckets({ timeout: '365d' }), [])
})

const garbage: [why: string, data: string][] = [
  ['no JSON', 'data: <html>\n\n'],
  ['no object', 'data: null\n\n'],
  ['no type', 'data: {"epoch":1}\n\n'],
]

for (const [why, data] of garbage) {
  test(`an event that is none: ${why}`, async () => {
    server.will(streams(data))
    assert.is(await codeOf(client.events().next()), 'unexpected_answer')
  })
}

test.after(() => server.close())
test.run()
