import { setTimeout as sleep } from 'node:timers/promises'
import { eventsOf } from '../event-stream.js'
import { Refused, type Remote } from '../remote.js'
import type { Ring, RingEvent, RingView } from '../ring-shapes.js'

/** Told what comes of watching a server. */
export interface Follower {
  see(ring: RingView): void
  hear(event: RingEvent): void
  /** The connection is gone; `attempt` of `attempts` to get it back comes next. */
  lose(error: Error, attempt: number, attempts: number): void
}

export interface FollowOptions {
  readonly intervalMs: number
  readonly signal: AbortSignal
  /** How long to wait before each attempt to get a lost connection back. */
  readonly delaysMs?: readonly number[]
}

/** Half a minute in all: a restart takes less, and whoever watches is not left in doubt for long. */
const DELAYS_MS = [250, 500, 1_000, 2_000, 4_000, 5_000, 5_000, 5_000, 5_000]
/** However fast events come, the whole ring is not asked for more often. */
const LEAST_GAP_MS = 100

/**
 * Follows a server's ring until the signal: events as they come, and the whole ring each interval
 * and after each event. Throws where the server refuses, where it cannot be reached in the first
 * place, and where a lost connection does not come back.
 */
export async function follow(
  remote: Remote,
  { intervalMs, signal, delaysMs = DELAYS_MS }: FollowOptions,
  follower: Follower,
): Promise<void> {
  let failures = 0
  let wasThere = false
  while (!signal.aborted) {
    const attempt = new AbortController()
    const either = AbortSignal.any([signal, attempt.signal])
    try {
      const ring = await ringOf(remote, either)
      wasThere = true
      const stream = await openEvents(remote, either)
      failures = 0
      if (stream === undefined) follower.see(ring)
      const bell = new Bell()
      await Promise.all([
        stream === undefined ? undefined : listen(remote, stream, either, follower, bell),
        poll(remote, either, intervalMs, follower, bell),
      ])
    } catch (error) {
      if (signal.aborted) return
      if (!wasThere || !isPassing(error) || failures >= delaysMs.length) throw error
      failures++
      follower.lose(error, failures, delaysMs.length)
    } finally {
      attempt.abort()
    }
    await sleep(delaysMs[failures - 1] ?? 0, undefined, { signal }).catch(() => {})
  }
}

export async function ringOf(remote: Remote, signal?: AbortSignal): Promise<Ring> {
  const ring = await remote.json<Ring>('/v1/ring', signal === undefined ? {} : { signal })
  if (!Array.isArray(ring?.nodes) || !Array.isArray(ring.migrations)) {
    throw new Error(`--url: ${remote.name} is no Annulus server, or one of another version`)
  }
  return ring
}

/** Gone or overloaded for the moment: as opposed to not allowed, or not known. */
function isPassing(error: unknown): error is Error {
  return error instanceof Refused ? error.status >= 500 : error instanceof Error
}

async function openEvents(
  remote: Remote,
  signal: AbortSignal,
): Promise<AsyncIterable<Uint8Array> | undefined> {
  try {
    return await remote.stream('/v1/events', signal)
  } catch (error) {
    // Too many are listening: the whole ring each interval will do.
    if (error instanceof Refused && error.status === 503) return undefined
    throw error
  }
}

/** The first event holds the ring as it is, so that nothing is missed between the two. */
async function listen(
  remote: Remote,
  stream: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
  follower: Follower,
  bell: Bell,
): Promise<void> {
  let isFirst = true
  try {
    for await (const { data } of eventsOf(stream)) {
      const event: RingEvent = JSON.parse(data)
      if (isFirst) follower.see(event as unknown as RingView)
      else follower.hear(event)
      if (!isFirst && event.type !== 'migration') bell.ring()
      isFirst = false
    }
  } catch (error) {
    throw signal.aborted ? error : remote.unreachable(error)
  }
  throw remote.unreachable('it ended the stream of events')
}

async function poll(
  remote: Remote,
  signal: AbortSignal,
  intervalMs: number,
  follower: Follower,
  bell: Bell,
): Promise<void> {
  while (!signal.aborted) {
    await sleep(Math.min(LEAST_GAP_MS, intervalMs), undefined, { signal })
    await Promise.race([bell.heard, sleep(intervalMs, undefined, { signal })])
    bell.reset()
    follower.see(await ringOf(remote, signal))
  }
}

/** Wakes the one who waits for it, and stays heard until it is reset. */
class Bell {
  heard: Promise<void> = Promise.resolve()
  ring: () => void = () => {}

  constructor() {
    this.reset()
  }

  reset(): void {
    this.heard = new Promise((resolve) => {
      this.ring = resolve
    })
  }
}
