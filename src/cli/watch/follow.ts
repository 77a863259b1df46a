import { setTimeout as sleep } from 'node:timers/promises'
import type { Ring, ServerEvent } from '../../client/index.js'
import { Refused, type Remote } from '../remote.js'
import type { RingNews, RingView } from '../ring-shapes.js'

/** Told what comes of watching a server. */
export interface Follower {
  see(ring: RingView): void
  hear(event: RingNews): void
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
      const events = remote.events(either)
      // As it was when the events began, so that nothing is missed between the two.
      const first = await firstOf(events)
      failures = 0
      follower.see(first ?? ring)
      const bell = new Bell()
      await Promise.all([
        first === undefined ? undefined : listen(events, follower, bell),
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
  const ring = await remote.ask((client) => client.ring({ signal }))
  if (!Array.isArray(ring?.nodes) || !Array.isArray(ring.migrations)) {
    throw new Error(`--url: ${remote.name} is no Annulus server, or one of another version`)
  }
  return ring
}

/** Gone or overloaded for the moment: as opposed to not allowed, or not known. */
function isPassing(error: unknown): error is Error {
  return error instanceof Refused ? error.status >= 500 : error instanceof Error
}

/** The ring with which events begin; undefined where too many are listening. */
async function firstOf(events: AsyncGenerator<ServerEvent>): Promise<RingView | undefined> {
  try {
    const { value } = await events.next()
    return value as RingView
  } catch (error) {
    // The whole ring each interval will do.
    if (error instanceof Refused && error.status === 503) return undefined
    throw error
  }
}

async function listen(
  events: AsyncIterable<ServerEvent>,
  follower: Follower,
  bell: Bell,
): Promise<void> {
  for await (const event of events) {
    if (event.type === 'figures') continue
    follower.hear(event)
    if (event.type !== 'migration') bell.ring()
  }
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
