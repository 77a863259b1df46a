import type { z } from 'zod'
import type * as schemas from '../http/schemas.js'

/** What the server answers about its ring. */
export type Ring = z.infer<typeof schemas.ring>
/** The same without what it takes to draw the circle, as the first event holds it. */
export type RingView = Pick<Ring, 'epoch' | 'tokens' | 'nodes' | 'migrations'>
export type RingNode = Ring['nodes'][number]
export type Receipt = z.infer<typeof schemas.receipt>
export type Plan = z.infer<typeof schemas.plan>
export type RingEvent =
  | z.infer<typeof schemas.ringEvent>
  | z.infer<typeof schemas.migrationEvent>
  | z.infer<typeof schemas.nodeEvent>

/** It will not change any more. */
export function isOver({ state }: Receipt): boolean {
  return state !== 'queued' && state !== 'running'
}
