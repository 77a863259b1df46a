import { connect } from 'node:net'

/** What comes back from a claim on the same data directory (see data-lock.ts). */
export type Answer =
  | { readonly kind: 'held'; readonly holder: string }
  | { readonly kind: 'free' }
  | { readonly kind: 'dead' }

const ANSWER_LIMIT_MS = 3_000

/**
 * Asks the claim behind a socket file, naming one's own. A process that is there but does not
 * answer (stopped, or busy for long) holds what it holds; so does one that we may not talk to.
 */
export function ask(path: string, name: string): Promise<Answer> {
  return new Promise((resolve) => {
    let text = ''
    const socket = connect(path)
    const settle = (answer: Answer) => {
      clearTimeout(limit)
      socket.destroy()
      resolve(answer)
    }
    const silent: Answer = { kind: 'held', holder: 'a process that does not answer' }
    const limit = setTimeout(() => settle(silent), ANSWER_LIMIT_MS)
    socket.setEncoding('latin1')
    socket.on('connect', () => socket.write(`${name}\n`))
    socket.on('data', (chunk: string) => {
      text += chunk
    })
    socket.on('end', () => settle(read(text)))
    socket.on('error', (error: NodeJS.ErrnoException) => settle(afterError(error)))
  })
}

function read(text: string): Answer {
  const held = /^held ([0-9]{1,10})\n$/.exec(text)
  if (held !== null) return { kind: 'held', holder: `process ${held[1]}` }
  // A claim that was given up closes without a word.
  return { kind: 'free' }
}

function afterError(error: NodeJS.ErrnoException): Answer {
  switch (error.code) {
    case 'ECONNREFUSED':
    case 'ENOENT':
      return { kind: 'dead' }
    case 'ECONNRESET':
    case 'EPIPE':
      return { kind: 'free' }
    default:
      return { kind: 'held', holder: `a process that cannot be asked (${error.code})` }
  }
}
