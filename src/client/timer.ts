/** A longer one would ring at once. */
const MOST_MS = 2 ** 31 - 1

/** `setTimeout`, for times of any length: one over 24 days rings after 24 days. */
export function startTimer(ring: () => void, ms: number): ReturnType<typeof setTimeout> {
  return setTimeout(ring, Math.min(ms, MOST_MS))
}
