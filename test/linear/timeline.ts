import { isOver } from './history.js'
import type { Asked, KeyHistory, KeyOperation, Register, Told } from './register.js'

/** Operations as rows from call to return, drawn to the order of these events alone. */
export function timeline(operations: KeyHistory): string {
  const sorted = [...operations].sort((a, b) => a.called - b.called)
  const known = sorted.filter(isOver)
  const events = [...sorted.map((one) => one.called), ...known.map((one) => one.returned)]
  events.sort((a, b) => a - b)
  const rank = new Map(events.map((event, i) => [event, i]))
  const width = events.length
  return sorted
    .map((one) => {
      const from = rank.get(one.called) ?? 0
      const to = isOver(one) ? (rank.get(one.returned) ?? 0) : width
      const end = isOver(one) ? '┤' : '┄'
      const bar = `${' '.repeat(from)}├${'─'.repeat(Math.max(0, to - from - 1))}${end}`
      return `${bar.padEnd(width + 1)}  ${describe(one)}`
    })
    .join('\n')
}

function describe(one: KeyOperation): string {
  const until = isOver(one) ? one.returned : '?'
  const told = one.output === undefined ? 'unknown' : describeTold(one.output)
  return `client ${one.client} (${one.called}..${until})  ${describeAsked(one.input)} -> ${told}`
}

function describeAsked({ kind, value, ifMatch, ifNoneMatch }: Asked): string {
  const parts = [kind.toUpperCase()]
  if (value !== undefined) parts.push(value)
  if (ifMatch !== undefined) parts.push(`if-match ${ifMatch}`)
  if (ifNoneMatch !== undefined) parts.push(`if-none-match ${ifNoneMatch}`)
  return parts.join(' ')
}

function describeTold({ status, value, etag, code }: Told): string {
  return [status, value, etag, code].filter((part) => part !== undefined).join(' ')
}

export function describeState(state: Register): string {
  return state === 'absent' ? 'absent' : `${state.value} ${state.etag ?? ''}`.trim()
}
