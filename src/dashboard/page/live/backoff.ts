const FIRST_MS = 500
const MOST_MS = 10_000

/** How long to wait before the n-th attempt to reach a server again, n from 1; `chance` is 0 to 1. */
export function waitMs(attempt: number, chance: number): number {
  const full = Math.min(MOST_MS, FIRST_MS * 2 ** Math.min(attempt - 1, 10))
  // Pages that lost one server together do not come back together.
  return full * (0.75 + chance / 2)
}
