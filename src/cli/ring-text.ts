import type { Plan, Receipt } from '../client/index.js'
import { counted, formatDuration, formatSize, grouped } from '../units.js'
import type { RingNews } from './ring-shapes.js'

const TOO_SMALL = 'no: what is least useful would be evicted; ring remove needs --force'

/** What a migration is for, in words. */
const DOING: Readonly<Record<Receipt['kind'], string>> = {
  join: 'joining of',
  leave: 'leaving of',
  repair: 'repair after',
}

export function headline({ id, kind, node }: Receipt): string {
  // Where a bucket was given another number of copies, no node is the cause.
  return `${id}: ${kind === 'repair' && node === '' ? 'copies anew' : `${DOING[kind]} ${node}`}`
}

/** How a migration stands, in one line. */
export function standing(receipt: Receipt): string {
  const { kind, state, planned, moved, returned, dropped, copies } = receipt
  const { durationMs, cancelling, problem } = receipt
  if (isPlanning(receipt)) return 'planning'
  const parts = [state === 'running' && cancelling ? 'going back' : state]
  if (kind === 'repair') {
    parts.push(`${counted(copies, 'copy', 'copies')} made`)
  } else if (state !== 'queued') {
    const isRunning = state === 'running'
    const of = isRunning ? `${grouped(moved.keys)} of ` : ''
    const keys = counted(isRunning ? planned.keys : moved.keys, 'key')
    parts.push(`${of}${keys} moved (${formatSize(moved.bytes)})`)
  }
  if (returned.keys > 0) parts.push(`${grouped(returned.keys)} went back`)
  if (dropped.keys > 0) parts.push(`${grouped(dropped.keys)} let go`)
  if (copies > 0 && kind !== 'repair') parts.push(`${counted(copies, 'copy', 'copies')} made`)
  if (durationMs !== null && state !== 'running')
    parts.push(`in ${formatDuration(Math.max(1, Math.round(durationMs)))}`)
  if (problem !== null) parts.push(problem)
  return parts.join(', ')
}

/** It runs, but it does not know yet what is to move. */
export function isPlanning({ kind, state, epochs }: Receipt): boolean {
  return kind !== 'repair' && state === 'running' && epochs.length === 0
}

/** An event of the ring, in one line. */
export function newsOf(event: RingNews): string {
  switch (event.type) {
    case 'ring':
      return `ring epoch ${event.epoch}: ${event.cause}`
    case 'node':
      return `node ${event.node} ${event.state}: ${event.cause}`
    case 'migration':
      return `${headline(event.migration)}: ${standing(event.migration)}`
  }
}

export function receiptLines(receipt: Receipt): string[] {
  const { planned, dropped, arcs, share, epochs } = receipt
  return [
    headline(receipt),
    `state    ${standing(receipt)}`,
    `planned  ${counted(planned.keys, 'key')} (${formatSize(planned.bytes)})`,
    ...(dropped.keys > 0 ? [`let go   ${counted(dropped.keys, 'key')} of economy buckets`] : []),
    `arcs     ${grouped(arcs)}, ${percent(share)} of the circle`,
    `epochs   ${epochs.length === 0 ? 'none yet' : epochs.join(', ')}`,
  ]
}

export function planLines(plan: Plan): string[] {
  const { kind, node, arcs, share, planned, dropped, fits, targets } = plan
  const width = Math.max(...targets.map(({ id }) => id.length), 0)
  return [
    `plan     ${DOING[kind]} ${node}; nothing is done yet`,
    `to move  ${counted(planned.keys, 'key')} (${formatSize(planned.bytes)})`,
    ...(dropped.keys > 0 ? [`let go   ${counted(dropped.keys, 'key')} of economy buckets`] : []),
    `arcs     ${grouped(arcs)}, ${percent(share)} of the circle`,
    `fits     ${fits ? 'yes' : TOO_SMALL}`,
    ...targets.map(({ id, incomingBytes, freeBytes }) => {
      const free = formatSize(Math.max(0, freeBytes))
      return `  ${id.padEnd(width)}  takes ${formatSize(incomingBytes)}, has ${free} free`
    }),
  ]
}

export function percent(part: number): string {
  return `${(part * 100).toFixed(1)} %`
}
