import * as assert from 'uvu/assert'
import { type Answer, type Asked, type Served, serve } from '../served.js'
import { Contract, type Document } from './contract.js'

/** Requests by operation, each answer held against the document. */
export interface Asking {
  readonly served: Served
  readonly contract: Contract
  /** `ID STATUS` of every answer so far. */
  readonly seen: ReadonlySet<string>
  /** Makes a call as the document has it; throws where the answer is another than it says. */
  ask(id: string, status: number, wanted?: Wanted): Promise<Answer>
  /** Holds an answer that came another way. */
  hold(id: string, answer: Answer): void
}

export interface Wanted extends Asked {
  /** What stands for the path's parameters. */
  readonly path?: Readonly<Record<string, string>>
  readonly query?: string
  readonly code?: string
}

export async function asking(options: Parameters<typeof serve>[0] = {}): Promise<Asking> {
  const served = await serve(options)
  const { text } = await served.call('GET', '/openapi.json')
  const contract = new Contract(JSON.parse(text) as Document)
  const seen = new Set<string>()
  const hold = (id: string, answer: Answer) => {
    contract.check(id, answer)
    seen.add(`${id} ${answer.status}`)
  }
  const ask = async (id: string, status: number, wanted: Wanted = {}) => {
    const { path = {}, query, code, ...asked } = wanted
    const { method, path: template } = contract.operation(id)
    const filled = template.replaceAll(/\{([^}]+)\}/g, (_, name: string) => path[name] ?? 'none')
    const target = query === undefined ? filled : `${filled}?${query}`
    const answer = await served.call(method, target, asked)
    assert.is(answer.status, status, `${id}: ${answer.text}`)
    if (code !== undefined) assert.is(answer.json.code, code, answer.text)
    hold(id, answer)
    return answer
  }
  return { served, contract, seen, ask, hold }
}

/** Waits for a migration to end. */
export async function ended({ ask, served }: Asking, id: string | null): Promise<void> {
  for (;;) {
    const asked = { key: served.root, path: { id: String(id) } }
    const { json } = await ask('describeMigration', 200, asked)
    if (json.state === 'done') return
    assert.ok(json.state === 'queued' || json.state === 'running', JSON.stringify(json))
  }
}
