import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

const BATCH = 1_000

/** Puts `count` items by its text protocol, each to end after `ttlSeconds`; 0: never. */
export async function fillMemcached(
  port: number,
  count: number,
  entry: (index: number) => readonly [key: string, value: string],
  ttlSeconds = 0,
): Promise<void> {
  const socket = await open(port)
  for (let from = 0; from < count; from += BATCH) {
    const length = Math.min(BATCH, count - from)
    const lines = Array.from({ length }, (_, i) => {
      const [key, value] = entry(from + i)
      return `set ${key} 0 ${ttlSeconds} ${value.length}\r\n${value}\r\n`
    })
    const answer = await told(socket, lines.join(''), (text) => text.length >= length * 8)
    if (answer !== 'STORED\r\n'.repeat(length)) throw new Error(`memcached: ${answer.slice(0, 80)}`)
  }
  socket.destroy()
}

/** The figures of `stats`, by name. */
export async function memcachedStats(port: number): Promise<Map<string, string>> {
  const socket = await open(port)
  const text = await told(socket, 'stats\r\n', (answer) => answer.endsWith('END\r\n'))
  socket.destroy()
  return parseStats(text)
}

export function parseStats(text: string): Map<string, string> {
  const found = text.matchAll(/^STAT (\S+) (.*?)\r?$/gm)
  return new Map(Array.from(found, ([, name, value]) => [name, value]))
}

async function open(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1').setEncoding('latin1')
  await once(socket, 'connect')
  return socket
}

async function told(
  socket: Socket,
  question: string,
  isWhole: (answer: string) => boolean,
): Promise<string> {
  socket.write(question)
  let answer = ''
  while (!isWhole(answer)) {
    const [chunk] = (await once(socket, 'data')) as [string]
    answer += chunk
  }
  return answer
}
