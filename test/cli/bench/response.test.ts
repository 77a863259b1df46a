import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Response, ResponseReader } from '../../../src/cli/bench/response.js'

const test = suite('cli/bench/response')

function answer(...lines: string[]): string {
  return lines.join('\r\n')
}

/** Feeds the bytes in two parts, cut at every place in turn. */
function readAt(cut: number, text: string, collect: boolean): Response | undefined {
  const reader = new ResponseReader()
  reader.begin(collect)
  const bytes = Buffer.from(text, 'latin1')
  const parts = [bytes.subarray(0, cut), bytes.subarray(cut)].filter((part) => part.length > 0)
  let response: Response | undefined
  for (const part of parts) response = reader.feed(part)
  return response
}

const cases: [name: string, text: string, status: number, body: string | undefined][] = [
  ['a length', answer('HTTP/1.1 200 OK', 'Content-Length: 5', '', 'hello'), 200, 'hello'],
  ['an empty body', answer('HTTP/1.1 200 OK', 'content-length:0', '', ''), 200, undefined],
  ['no body by its status', answer('HTTP/1.1 204 No Content', 'ETag: "1"', '', ''), 204, undefined],
  [
    'chunks',
    answer(
      'HTTP/1.1 200 OK',
      'Transfer-Encoding: chunked',
      '',
      '3',
      'hel',
      '2;x',
      'lo',
      '0',
      '',
      '',
    ),
    200,
    'hello',
  ],
  [
    'a 100 before it',
    answer('HTTP/1.1 100 Continue', '', 'HTTP/1.1 201 Created', 'Content-Length: 1', '', 'x'),
    201,
    'x',
  ],
]

for (const [name, text, status, body] of cases) {
  test(`${name}, cut anywhere`, () => {
    for (let cut = 0; cut < text.length; cut++) {
      const response = readAt(cut, text, true)
      assert.is(response?.status, status, `cut at ${cut}`)
      assert.is(response?.body?.toString(), body, `cut at ${cut}`)
      assert.is(response?.keepsOpen, true)
    }
  })
}

test('keeps the body of an error, and of a good answer only where it is wanted', () => {
  const good = answer('HTTP/1.1 200 OK', 'Content-Length: 2', '', 'ok')
  const bad = answer('HTTP/1.1 503 No', 'Content-Length: 2', '', 'no')
  assert.is(readAt(0, good, false)?.body, undefined)
  assert.is(readAt(0, bad, false)?.body?.toString(), 'no')
})

test('one reader takes one answer after the other', () => {
  const reader = new ResponseReader()
  for (const word of ['one', 'two']) {
    reader.begin(true)
    const text = answer('HTTP/1.1 200 OK', 'Content-Length: 3', '', word)
    assert.is(reader.feed(Buffer.from(text))?.body?.toString(), word)
  }
})

test('sees that the connection will close', () => {
  const told = answer('HTTP/1.1 200 OK', 'Content-Length: 0', 'Connection: close', '', '')
  assert.is(readAt(0, told, false)?.keepsOpen, false)
  const old = answer('HTTP/1.0 200 OK', 'Content-Length: 0', '', '')
  assert.is(readAt(0, old, false)?.keepsOpen, false)
})

test('refuses what is no answer', () => {
  assert.throws(() => readAt(0, 'SSH-2.0-OpenSSH\r\n\r\n', false), /no answer of HTTP/)
  assert.throws(() => readAt(0, 'HTTP/1.1 200 OK\r\n\r\n', false), /without Content-Length/)
  assert.throws(
    () => readAt(0, answer('HTTP/1.1 200 OK', 'Content-Length: 1', '', 'xy'), false),
    /bytes after the end/,
  )
  assert.throws(() => readAt(0, 'x'.repeat(70_000), false), /without an end/)
})

test.run()
