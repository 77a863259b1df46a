import type { Logger } from 'pino'
import { LEFT, type RingEvent } from '../../engine/events.js'

/** Migrations that are remembered, so that each of their states is told once. */
const MAX_OPEN = 1_024

/** Tells the log of what happens to the ring: each epoch, each state of a migration, each node. */
export function ringLog(logger: Pick<Logger, 'info' | 'warn'>): (event: RingEvent) => void {
  const states = new Map<string, string>()
  return (event) => {
    switch (event.type) {
      case 'ring':
        logger.info({ epoch: event.epoch }, `ring: ${event.cause}`)
        return
      case 'node':
        logger[isTrouble(event) ? 'warn' : 'info'](
          { node: event.node, state: event.state },
          `node ${event.node}: ${event.cause}`,
        )
        return
      case 'migration': {
        const { id, kind, node, state, moved, dropped, durationMs, endedAt, problem } =
          event.migration
        if (states.get(id) === state) return // progress
        if (endedAt !== null || states.size >= MAX_OPEN) states.delete(id)
        else states.set(id, state)
        const level = state === 'failed' ? 'warn' : 'info'
        const amounts = endedAt === null ? {} : { moved, dropped, durationMs }
        const why = problem === null ? {} : { problem }
        logger[level](
          { migration: id, kind, node, state, ...amounts, ...why },
          `migration ${state}`,
        )
      }
    }
  }
}

/** As opposed to what somebody asked for. */
function isTrouble({ state, cause }: Extract<RingEvent, { type: 'node' }>): boolean {
  return state === 'recovering' || (state === 'down' && cause !== LEFT)
}
