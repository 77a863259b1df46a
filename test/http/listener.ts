import { request } from 'node:http'
import { messagesOf } from '../../src/client/event-stream.js'

export interface Heard {
  readonly id: number
  readonly type: string
  readonly data: Record<string, unknown>
}

/** A client of `GET /v1/events`, and all that it has heard. */
export interface Listener {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly heard: readonly Heard[]
  /** Everything as it came, comments included. */
  text(): string
  /** Resolves once there is such an event; with the first of them. */
  until(what: (heard: Heard) => boolean): Promise<Heard>
  /** Resolves once the text has it. */
  untilText(part: string): Promise<void>
  readonly ended: Promise<void>
  leave(): void
}

const PATIENCE_MS = 20_000

/** Resolves when the answer's head is there. */
export function listen(
  port: number,
  key: string | undefined,
  path = '/v1/events',
): Promise<Listener> {
  return new Promise((resolve, reject) => {
    const headers = key === undefined ? {} : { Authorization: `Bearer ${key}` }
    const req = request({ port, host: '127.0.0.1', path, headers, agent: false })
    req.on('error', reject)
    req.on('response', (res) => {
      const heard: Heard[] = []
      let text = ''
      const waiting = new Set<() => void>()
      const look = () => {
        for (const one of waiting) one()
      }
      let hasEnded = false
      const take = async () => {
        const chunks = async function* () {
          for await (const chunk of res) {
            text += chunk.toString()
            setImmediate(look)
            yield chunk as Uint8Array
          }
        }
        for await (const { type, data, id } of messagesOf(chunks())) {
          heard.push({ id: Number(id), type, data: JSON.parse(data) })
          look()
        }
      }
      const ended = take()
        .catch(() => {})
        .then(() => {
          hasEnded = true
          look()
        })
      const wait = <T>(find: () => T | undefined) =>
        new Promise<T>((found, lost) => {
          const tell = (error?: Error, value?: T) => {
            clearTimeout(patience)
            waiting.delete(check)
            if (value !== undefined) found(value)
            else lost(error)
          }
          const check = () => {
            const value = find()
            if (value !== undefined) tell(undefined, value)
            else if (hasEnded) tell(new Error(`the stream ended: ${text.slice(-500)}`))
          }
          const patience = setTimeout(
            () => tell(new Error(`not heard: ${text.slice(-500)}`)),
            PATIENCE_MS,
          )
          waiting.add(check)
          check()
        })
      resolve({
        status: res.statusCode ?? 0,
        headers: res.headers,
        heard,
        text: () => text,
        until: (what) => wait(() => heard.find(what)),
        untilText: (part) => wait(() => (text.includes(part) ? true : undefined)).then(() => {}),
        ended,
        leave: () => res.destroy(),
      })
    })
    req.end()
  })
}
