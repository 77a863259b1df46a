import { formatDuration } from '../units.js'
import { ClientError, unreachable } from './client-error.js'
import { messagesOf } from './event-stream.js'
import { onAbort } from './on-abort.js'
import type { ServerEvent } from './ring-answers.js'
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
): AsyncGenerator<ServerEvent, void, void> {
  signal?.throwIfAborted()
  const end = new AbortController()
  const forget = onAbort(signal, () => end.abort(signal?.reason))
  const about = { isRead: true, where: new URL(sent.url).origin }
  const { timeoutMs } = transport.settings
  const silence = new Silence(timeoutMs, (ms) => {
    const what = `${about.where} has said nothing for ${formatDuration(ms)}`
    end.abort(new ClientError('unreachable', what))
  })
  try {
    const { body } = await transport.open(sent, end.signal)
    silence.reset()
    if (body === null) throw unreachable('it sent no body', about)
    for await (const { data } of messagesOf(chunksOf(body, silence))) yield JSON.parse(data)
    throw unreachable('it ended the stream of events', about)
  } catch (error) {
    if (end.signal.aborted) throw end.signal.reason
    throw error instanceof ClientError ? error : unreachable(error, about)
  } finally {
    silence.end()
    forget()
    end.abort()
  }
}

/** Not every browser can iterate over a stream. */
async function* chunksOf(
  body: ReadableStream<Uint8Array>,
  silence: Silence,
): AsyncGenerator<Uint8Array, void, void> {
  const reader = body.getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    silence.reset()
    yield value
  }
}

/** Tells of a connection on which nothing comes any more. */
class Silence {
  private readonly tell: (ms: number) => void
  private timer: ReturnType<typeof setTimeout>

  /** `firstMs`: until the answer begins. */
  constructor(firstMs: number, tell: (ms: number) => void) {
    this.tell = tell
    this.timer = setTimeout(tell, firstMs, firstMs)
  }

  reset(): void {
    clearTimeout(this.timer)
    this.timer = setTimeout(this.tell, MOST_SILENCE_MS, MOST_SILENCE_MS)
  }

  end(): void {
    clearTimeout(this.timer)
  }
}
