import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ClientError } from '../../src/client/client-error.js'
import { messagesOf, type StreamMessage } from '../../src/client/event-stream.js'

const streams = suite('client event stream')

async function read(chunks: readonly Uint8Array[]): Promise<StreamMessage[]> {
  const bytes = async function* () {
    yield* chunks
  }
  const events: StreamMessage[] = []
  for await (const event of messagesOf(bytes())) events.push(event)
  return events
}

const TEXT = [
  ': a comment\n\n',
  'id: 1\nevent: ring\ndata: {"cause":"größer €"}\n\n',
  'data: no name\ndata:second line\nunknown: x\n\r\n',
  'event: empty\n\n',
  'event: node\r\nid: 2\r\ndata: \u{1f600}\r\n\r\n',
  'data: cut off',
].join('')
const EVENTS = [
  { type: 'ring', id: '1', data: '{"cause":"größer €"}' },
  { type: 'message', id: '1', data: 'no name\nsecond line' },
  { type: 'node', id: '2', data: '\u{1f600}' },
]

streams('an event stream is read as it is written', async () => {
  assert.equal(await read([Buffer.from(TEXT)]), EVENTS)
})

streams('wherever the network cuts it, the events are the same', async () => {
  const bytes = Buffer.from(TEXT)
  const cuts = fc.array(fc.nat(bytes.length), { maxLength: 30 })
  await fc.assert(
    fc.asyncProperty(cuts, async (at) => {
      const sorted = [0, ...at.sort((a, b) => a - b), bytes.length]
      const chunks = sorted.slice(1).map((to, i) => bytes.subarray(sorted[i], to))
      assert.equal(await read(chunks), EVENTS)
    }),
  )
})

streams('a line without an end is not collected for ever', async () => {
  const chunks = Array.from({ length: 20 }, () => Buffer.alloc(2 ** 20, 'x'))
  const error = await read(chunks).catch((error: Error) => error.message)
  assert.match(String(error), 'does not end')
})

streams('a message without an end is not collected for ever', async () => {
  const line = Buffer.from(`data: ${'x'.repeat(2 ** 20 - 10)}\n`)
  const error = await read(Array.from({ length: 20 }, () => line)).catch((e: unknown) => e)
  assert.instance(error, ClientError)
  assert.is((error as ClientError).code, 'unexpected_answer')
  assert.match((error as ClientError).message, 'a message of the event stream does not end')
})

streams('the limit is for each message', async () => {
  const message = Buffer.from(`data: ${'x'.repeat(2 ** 20)}\n\n`)
  assert.is((await read(Array.from({ length: 12 }, () => message))).length, 12)
})

streams.run()
