import { ClientError } from './client-error.js'

/** One message of `text/event-stream`. */
export interface StreamMessage {
  readonly type: string
  /** The last that the server gave. */
  readonly id: string
  readonly data: string
}

/** Of a line, and of a message: far more than a ring of a thousand nodes takes. */
const MAX_CHARS = 8 * 2 ** 20

/** Takes a stream apart into its messages, as the HTML standard has it; comments are passed over. */
export async function* messagesOf(
  bytes: AsyncIterable<Uint8Array>,
): AsyncGenerator<StreamMessage, void, void> {
  const decoder = new TextDecoder()
  let rest = ''
  let type = ''
  let id = ''
  let data: string[] = []
  let chars = 0
  for await (const chunk of bytes) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > MAX_CHARS) throw endless('a line')
    for (const raw of lines) {
      const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw
      if (line === '') {
        const name = type === '' ? 'message' : type
        if (data.length > 0) yield { type: name, id, data: data.join('\n') }
        type = ''
        data = []
        chars = 0
        continue
      }
      const colon = line.indexOf(':')
      const field = colon < 0 ? line : line.slice(0, colon)
      const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '')
      if (field === 'event') type = value
      else if (field === 'id') id = value
      if (field !== 'data') continue
      data.push(value)
      chars += value.length + 1
      if (chars > MAX_CHARS) throw endless('a message')
    }
  }
}

function endless(what: string): ClientError {
  return new ClientError('unexpected_answer', `${what} of the event stream does not end`)
}
