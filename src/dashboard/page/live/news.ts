import type { NodeEvent, Receipt, RingEvent } from '../../../client/index.js'
import { counted, duration } from '../numbers.js'

/** One line of the log. */
export interface News {
  readonly number: number
  readonly atMs: number
  readonly kind: 'ring' | 'migration' | 'node' | 'link'
  readonly tone: 'plain' | 'good' | 'warn' | 'bad'
  readonly text: string
}

type Told = Pick<News, 'kind' | 'tone' | 'text'>

const KEPT = 200
/** The cause of a node's end that nobody need look at. */
const LEFT = 'left the ring'

/** The last things that happened, newest first; older ones are forgotten. */
export class NewsList {
  list: readonly News[] = []
  private told = 0

  add(news: Told | undefined, atMs: number): void {
    if (news === undefined) return
    this.told++
    this.list = [{ number: this.told, atMs, ...news }, ...this.list.slice(0, KEPT - 1)]
  }
}

/** What an event of the ring or of a node is worth a line for. */
export function newsOf(event: RingEvent | NodeEvent): Told | undefined {
  if (event.type === 'ring') {
    if (event.cause === 'connected') return undefined
    return { kind: 'ring', tone: 'plain', text: `epoch ${event.epoch}: ${event.cause}` }
  }
  const { node, state, cause } = event
  if (cause === LEFT) return { kind: 'node', tone: 'plain', text: `${node} ${LEFT}` }
  const isBad = state === 'down' || state === 'recovering'
  const tone = state === 'serving' ? 'good' : isBad ? 'bad' : 'plain'
  return { kind: 'node', tone, text: `${node} ${state}: ${cause}` }
}

export const VERBS: Readonly<Record<Receipt['kind'], string>> = {
  join: 'joins',
  leave: 'leaves',
  repair: 'is made up for',
}

/** "n4 joins". */
export function titleOf({ kind, node }: Pick<Receipt, 'kind' | 'node'>): string {
  if (kind === 'repair') return node === '' ? 'copies are made' : `copies of ${node} are made anew`
  return `${node} ${VERBS[kind]}`
}

/** The state of a receipt as news; `before`: as it was known until now. */
export function newsOfMigration(now: Receipt, before: Receipt | undefined): Told | undefined {
  const isSame = now.state === before?.state && now.cancelling === before.cancelling
  if (isSame) return undefined
  const name = `${now.id}: ${titleOf(now)}`
  const tell = (tone: News['tone'], text: string): Told => ({ kind: 'migration', tone, text })
  switch (now.state) {
    case 'queued':
      return tell('plain', `${name}, queued`)
    case 'running':
      return tell('plain', now.cancelling ? `${name}, going back` : `${name}, under way`)
    case 'done': {
      const time = now.durationMs === null ? '' : ` in ${duration(now.durationMs)}`
      return tell('good', `${name}: done, ${counted(now.moved.keys, 'key')} moved${time}`)
    }
    case 'cancelled':
      return tell('warn', `${name}: cancelled, ${counted(now.returned.keys, 'key')} went back`)
    case 'failed':
      return tell('bad', `${name}: failed, ${now.problem ?? 'for no known reason'}`)
  }
}
