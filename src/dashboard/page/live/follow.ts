import type { Ring, ServerEvent } from '../../../client/index.js'
import { MAX_EXACT } from '../ring/arcs.js'
import { waitMs } from './backoff.js'
import type { Board } from './board.js'

/** What is needed of the server. */
export interface Source {
  ring(options?: { readonly tokens?: boolean }): Promise<Ring>
  events(options: { signal: AbortSignal; figures: boolean }): AsyncIterable<ServerEvent>
}

export interface Pace {
  now(): number
  /** 0 to 1. */
  chance(): number
  /** Ends early where the signal is aborted. */
  sleep(ms: number, signal: AbortSignal): Promise<void>
}

/** Until the signal, or until the server refuses: lost connections are made again, ever more slowly. */
export async function follow(
  source: Source,
  board: Board,
  signal: AbortSignal,
  pace: Pace,
): Promise<void> {
  let failures = 0
  while (!signal.aborted) {
    try {
      for await (const event of source.events({ signal, figures: true })) {
        failures = 0
        if (board.view.link.state !== 'live') board.setLink({ state: 'live' }, pace.now())
        board.hear(event, pace.now())
        // What it takes to draw the ring is not in the event.
        if (event.type === 'ring') {
          await look(source, board, pace, 'tokens' in event ? event.tokens : undefined)
        }
        if (event.type === 'node') await look(source, board, pace)
      }
      throw new Error('the server ended the stream of events')
    } catch (error) {
      if (signal.aborted) return
      const why = error instanceof Error ? error.message : String(error)
      if (isRefusal(error)) {
        board.setLink({ state: 'refused', why }, pace.now())
        return
      }
      const delayMs = waitMs(++failures, pace.chance())
      board.setLink({ state: 'lost', why, retryAtMs: pace.now() + delayMs }, pace.now())
      await pace.sleep(delayMs, signal)
    }
  }
}

async function look(
  source: Source,
  board: Board,
  pace: Pace,
  tokens = board.view.ring?.tokens,
): Promise<void> {
  const ring = await source.ring({ tokens: tokens !== undefined && tokens <= MAX_EXACT })
  board.see(ring, pace.now())
}

/** The credential is not, or no more, one that may see this. */
function isRefusal(error: unknown): boolean {
  const status = typeof error === 'object' && error !== null && 'status' in error ? error.status : 0
  return status === 401 || status === 403
}
