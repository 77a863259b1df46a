import type { Histogram } from '../../histogram.js'

/** As often as Node's own monitor looks by default, and a half more. */
const EVERY_MS = 15
const US = 1_000

/**
 * Records how late the calling thread's event loop comes to a timer, to the millisecond that timers are
 * exact to. Node's monitorEventLoopDelay keeps its histogram to its own thread; this one is shared.
 * Returns what ends it.
 */
export function watchLoop(histogram: Histogram): () => void {
  let due = performance.now() + EVERY_MS
  const timer = setInterval(() => {
    const now = performance.now()
    histogram.record(Math.max(0, now - due) * US)
    due = now + EVERY_MS
  }, EVERY_MS)
  timer.unref()
  return () => clearInterval(timer)
}
