import { formatDuration } from '../units.js'
import { ClientError, unreachable } from './client-error.js'
import { messagesOf } from './event-stream.js'
import { EVENTS } from './expected.js'
import { onAbort } from './on-abort.js'
import type { ServerEvent } from './ring-answers.js'
import { startTimer } from './timer.js'
import type { Sent, Transport } from './transport.js'

export interface EventOptions {
  /** Ends the stream: the iteration rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined
  /** Whether the figures of each interval are told as well. */
  readonly figures?: boolean | undefined
}

/** The server says that it is still there every 15 s. */
const MOST_SILENCE_MS = 45_000

/**
 * The server's events as they come. The connection stays open until the iteration is left or the signal
 * is aborted; where it is lost, the iteration throws `unreachable`, and another one begins with the
 * whole ring again.
 */
export async function* eventsOf(
  transport: Transport,
  sent: Sent,
  { signal }: EventOptions,
  mostSilenceMs = MOST_SILENCE_MS,
): AsyncGenerator<ServerEvent, void, void> {
  signal?.throwIfAborted()
  const end = new AbortController()
  const forget = onAbort(signal, () => end.abort(signal?.reason))
  const about = { isRead: true, where: new URL(sent.url).origin }
  const { timeoutMs } = transport.settings
  const silence = new Silence((ms) => {
    const what = `${about.where} has said nothing for ${formatDuration(ms)}`
    end.abort(new ClientError('unreachable', what))
  })
  try {
    const { body } = await silence.within(
      timeoutMs,
      transport.open({ ...sent, expects: EVENTS }, end.signal),
    )
    if (body === null) throw unreachable('it sent no body', about)
    const chunks = chunksOf(body, (read) => silence.within(mostSilenceMs, read))
    for await (const { data } of messagesOf(chunks)) yield eventOf(data)
    throw unreachable('it ended the stream of events', about)
  } catch (error) {
    if (end.signal.aborted) throw end.signal.reason
    throw error instanceof ClientError ? error : unreachable(error, about)
  } finally {
    forget()
    end.abort()
  }
}

/** Throws `unexpected_answer` for what is no event. */
function eventOf(data: string): ServerEvent {
  let event: unknown
  try {
    event = JSON.parse(data)
  } catch (cause) {
    throw new ClientError('unexpected_answer', 'an event of the stream is no JSON', { cause })
  }
  const type = typeof event === 'object' && event !== null && 'type' in event && event.type
  if (typeof type === 'string') return event as ServerEvent
  throw new ClientError('unexpected_answer', 'an event of the stream has no type')
}

type Chunk = Awaited<ReturnType<ReadableStreamDefaultReader<Uint8Array>['read']>>

/** Not every browser can iterate over a stream. */
async function* chunksOf(
  body: ReadableStream<Uint8Array>,
  waitFor: (read: Promise<Chunk>) => Promise<Chunk>,
): AsyncGenerator<Uint8Array, void, void> {
  const reader = body.getReader()
  for (;;) {
    const { done, value } = await waitFor(reader.read())
    if (done) return
    yield value
  }
}

/** Tells of a connection on which nothing comes any more, while somebody waits for it. */
class Silence {
  private readonly tell: (ms: number) => void

  constructor(tell: (ms: number) => void) {
    this.tell = tell
  }

  async within<T>(ms: number, wait: Promise<T>): Promise<T> {
    const timer = startTimer(() => this.tell(ms), ms)
    try {
      return await wait
    } finally {
      clearTimeout(timer)
    }
  }
}
