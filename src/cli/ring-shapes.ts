import type { FiguresEvent, Receipt, Ring, ServerEvent } from '../client/index.js'

/** The ring without what it takes to draw the circle, as the first event holds it. */
export type RingView = Pick<Ring, 'epoch' | 'tokens' | 'nodes' | 'migrations'>
export type RingNews = Exclude<ServerEvent, FiguresEvent>

/** It will not change any more. */
export function isOver({ state }: Receipt): boolean {
  return state !== 'queued' && state !== 'running'
}
