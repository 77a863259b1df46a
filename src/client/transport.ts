import { formatDuration, formatSize, parseDuration } from '../units.js'
import { bytesOf } from './body.js'
import { ClientError, refusalOf, unreachable } from './client-error.js'
import { type Expected, isExpected } from './expected.js'
import { onAbort } from './on-abort.js'
import type { CallOptions, Settings } from './options.js'
import { delayMs } from './retry.js'
import { startTimer } from './timer.js'

export interface Sent {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'PATCH' | 'DELETE'
  readonly url: string
  readonly key: string | undefined
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array | string
  /** A POST that changes nothing. */
  readonly isRead?: boolean
  /** Not to be tried again. */
  readonly isOnce?: boolean
  /** Any answer that is no refusal, unless said. */
  readonly expects?: Expected
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly bytes: Uint8Array
}

/** How long a call may take, over all its requests. */
export interface Limits {
  /** Aborted when the time is up, or the caller wants no more. */
  readonly signal: AbortSignal
  /** On the clock of `Settings.now`. */
  readonly deadline: number
}

/** The most that the API answers is 59 MiB: 10,000 keys of control characters, in JSON. */
const MAX_ANSWER_BYTES = 64 * 2 ** 20
const MAX_REFUSAL_BYTES = 64 * 2 ** 10

/** Sends requests, and does again what can be done again. */
export class Transport {
  readonly settings: Settings

  constructor(settings: Settings) {
    this.settings = settings
  }

  /** Does a call within its time. Throws `timeout`, and the reason of the caller's signal. */
  async within<T>(options: CallOptions, work: (limits: Limits) => Promise<T>): Promise<T> {
    const { signal, timeout } = options
    const { timeoutMs, now } = this.settings
    const ms = timeout === undefined ? timeoutMs : parseDuration(timeout, 'timeout')
    signal?.throwIfAborted()
    const end = new AbortController()
    const timer = startTimer(() => end.abort(new TimeIsUp(ms)), ms)
    const forget = onAbort(signal, () => end.abort(signal?.reason))
    try {
      return await work({ signal: end.signal, deadline: now() + ms })
    } finally {
      clearTimeout(timer)
      forget()
    }
  }

  /** One request of a call, and its answer in full; once more, or twice, where that is safe. */
  async send(sent: Sent, limits: Limits): Promise<Answer> {
    const { retries, random, now, sleep } = this.settings
    for (let tries = 0; ; tries++) {
      try {
        return await this.attempt(sent, limits.signal)
      } catch (error) {
        if (limits.signal.aborted) throw reasonOf(limits.signal, sent)
        if (!(error instanceof ClientError) || tries === retries || sent.isOnce) throw error
        const ms = delayMs(error, isRead(sent), tries, random)
        if (ms === undefined || now() + ms >= limits.deadline) throw error
        await sleep(ms, limits.signal)
        if (limits.signal.aborted) throw reasonOf(limits.signal, sent)
      }
    }
  }

  /** A call of one request. */
  call(sent: Sent, options: CallOptions): Promise<Answer> {
    return this.within(options, (limits) => this.send(sent, limits))
  }

  /** A call whose answer is JSON. */
  async json<T extends object>(
    sent: Sent,
    options: CallOptions,
    isRight: (json: Partial<T>) => boolean = () => true,
  ): Promise<T> {
    const { status, bytes } = await this.call(sent, options)
    return jsonOf(textOf(bytes), status, sent, isRight)
  }

  /** The answer's head alone: its body is still to come, until the signal. */
  async open(sent: Sent, signal: AbortSignal): Promise<Response> {
    const about = aboutOf(sent)
    let response: Response
    try {
      response = await this.settings.fetch(sent.url, initOf(sent, signal))
    } catch (error) {
      throw unreachable(error, about)
    }
    const { status, headers, body, ok } = response
    if (ok && (sent.expects === undefined || isExpected(response, sent.expects))) return response
    const text = await bytesOf(body, MAX_REFUSAL_BYTES).then(
      ({ bytes }) => textOf(bytes),
      () => '',
    )
    throw refusalOf(status, headers, text, about)
  }

  private async attempt(sent: Sent, signal: AbortSignal): Promise<Answer> {
    const response = await this.open(sent, signal)
    const { status, headers } = response
    const about = aboutOf(sent)
    const { bytes, isWhole } = await bytesOf(response.body, MAX_ANSWER_BYTES).catch((error) => {
      throw unreachable(error, about)
    })
    if (isWhole) return { status, headers, bytes }
    const what = `${about.where} answers with more than ${formatSize(MAX_ANSWER_BYTES)}`
    throw new ClientError('unexpected_answer', what, { status, maybeStored: !about.isRead })
  }
}

/** Why a call was cut short: who sent a write then does not know whether it was stored. */
class TimeIsUp {
  readonly ms: number

  constructor(ms: number) {
    this.ms = ms
  }
}

function reasonOf(signal: AbortSignal, sent: Sent): unknown {
  const { reason } = signal
  if (!(reason instanceof TimeIsUp)) return reason
  const what = `${aboutOf(sent).where} has not answered within ${formatDuration(reason.ms)}`
  return new ClientError('timeout', what, { maybeStored: !isRead(sent) })
}

function isRead({ method, isRead = method === 'GET' || method === 'HEAD' }: Sent): boolean {
  return isRead
}

function aboutOf(sent: Sent): { isRead: boolean; where: string } {
  return { isRead: isRead(sent), where: new URL(sent.url).origin }
}

function initOf({ method, key, headers, body }: Sent, signal: AbortSignal): RequestInit {
  return {
    method,
    headers: { ...(key === undefined ? {} : { Authorization: `Bearer ${key}` }), ...headers },
    signal,
    // Another place must not be told the credential.
    redirect: 'manual',
    ...(body === undefined ? {} : { body: body as RequestInit['body'] }),
  }
}

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true })

/** Bytes that are no UTF-8 become U+FFFD. */
export function textOf(bytes: Uint8Array): string {
  return utf8.decode(bytes)
}

function jsonOf<T extends object>(
  text: string,
  status: number,
  sent: Sent,
  isRight: (json: Partial<T>) => boolean,
): T {
  const say = (what: string, cause?: unknown) => {
    const details = { status, cause, maybeStored: !isRead(sent) }
    return new ClientError('unexpected_answer', `${aboutOf(sent).where} ${what}`, details)
  }
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    throw say('does not answer in JSON: it is no Annulus server', cause)
  }
  const isObject = typeof json === 'object' && json !== null && !Array.isArray(json)
  if (isObject && isRight(json as Partial<T>)) return json as T
  throw say('answers in JSON, and not as Annulus does')
}
