import type { ClientError } from './client-error.js'

const FIRST_MS = 100
const MOST_MS = 2_000
/** A server that asks for more than this is not waited for. */
const MOST_RETRY_AFTER_MS = 5_000
/** Answers of a server, or of a proxy before it, that another try may turn into one. */
const PASSING: ReadonlySet<number | undefined> = new Set([429, 502, 503, 504])

/**
 * How long to wait before the next try, in ms; undefined where there must be none. A read may always be
 * done again; a write only where the server says that nothing of it was stored.
 */
export function delayMs(
  { code, status, maybeStored, retryAfterMs = 0 }: ClientError,
  isRead: boolean,
  triesBefore: number,
  random: () => number,
): number | undefined {
  const isSafe = isRead
    ? code === 'unreachable' || PASSING.has(status)
    : status === 503 && !maybeStored
  if (!isSafe || retryAfterMs > MOST_RETRY_AFTER_MS) return undefined
  const most = Math.min(MOST_MS, FIRST_MS * 2 ** triesBefore)
  return retryAfterMs + most / 2 + (random() * most) / 2
}

/** Time and chance as they are. */
export const systemPace = {
  random: () => Math.random(),
  now: () => performance.now(),
  sleep: (ms: number, signal: AbortSignal): Promise<void> => {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer)
        signal.removeEventListener('abort', done)
        resolve()
      }
      const timer = setTimeout(done, ms)
      signal.addEventListener('abort', done)
    })
  },
}
