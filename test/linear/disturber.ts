import { setTimeout as pass } from 'node:timers/promises'
import { Chance } from '../store/chance.js'
import type { Arena } from './arena.js'
import type { Recorder } from './recorder.js'

/** What happens to the ring while a history is recorded. */
export interface Scene {
  readonly joins?: number
  readonly leaves?: number
  readonly deaths?: number
  /** Hosts that go bad, their memory with them; each comes back as a new one. */
  readonly losses?: number
  /** Once in how many times a change is cancelled; never where absent. */
  readonly cancelledOnceIn?: number
}

export interface Changes {
  done: number
  cancelled: number
}

const FEWEST_NODES = 2
const MOST_NODES = 5
const POLL_MS = 4
const PATIENCE_MS = 30_000
const WAYS = ['terminate', 'throw', 'exit', 'heap'] as const

/** Changes the ring and lets workers die, in an order and at moments of its seed. */
export class Disturber {
  readonly changes: Changes = { done: 0, cancelled: 0 }
  private readonly arena: Arena
  private readonly recorder: Recorder
  private readonly chance: Chance
  private readonly scene: Scene

  constructor(arena: Arena, recorder: Recorder, seed: number, scene: Scene) {
    this.arena = arena
    this.recorder = recorder
    this.chance = new Chance(seed)
    this.scene = scene
  }

  /** Resolves when all of the scene has happened and the ring is at rest. */
  async play(): Promise<void> {
    const { joins = 0, leaves = 0, losses = 0 } = this.scene
    this.arena.onDeath = (text) => this.recorder.mark(text)
    const dying = this.letWorkersDie()
    const acts = [
      ...Array.from({ length: joins }, () => () => this.join()),
      ...Array.from({ length: leaves }, () => () => this.leave()),
      ...Array.from({ length: losses }, () => () => this.lose()),
    ]
    const queued: Promise<void>[] = []
    while (acts.length > 0) {
      const [act] = acts.splice(this.chance.below(acts.length), 1)
      await pass(this.chance.below(30))
      const acting = act()
      // Now and then the next change is asked for while this one is still going on.
      if (this.chance.once(4)) queued.push(acting)
      else await acting
    }
    await Promise.all([dying, ...queued])
    this.arena.onDeath = () => {}
  }

  private async letWorkersDie(): Promise<void> {
    for (let i = 0; i < (this.scene.deaths ?? 0); i++) {
      await pass(5 + this.chance.below(120))
      const way = this.chance.pick(WAYS)
      this.recorder.mark(`a worker is told to die: ${way}`)
      this.arena.kill({ way, nth: this.chance.below(60), calls: 1 + this.chance.below(200) })
    }
  }

  private async join(): Promise<void> {
    const members = await this.members()
    if (members.length >= MOST_NODES) return this.leave()
    await this.change('a node is to join', 'POST', '/v1/nodes')
  }

  private async leave(): Promise<void> {
    const members = await this.members()
    if (members.length <= FEWEST_NODES) return this.join()
    const node = this.chance.pick(members)
    await this.change(`${node} is to leave`, 'DELETE', `/v1/nodes/${node}`)
  }

  private async lose(): Promise<void> {
    if ((await this.members()).length <= FEWEST_NODES) await this.join()
    const node = this.chance.pick(await this.members())
    await this.change(`the host of ${node} goes bad`, 'POST', `/v1/nodes/${node}/fail`)
    await this.join()
  }

  /** Asks for a change and follows it; one asked for earlier may have made it impossible. */
  private async change(text: string, method: string, path: string): Promise<void> {
    this.recorder.mark(text)
    const answer = await this.arena.root.ask({ method, path })
    if (answer === 'lost') throw new Error(`${text}: no answer`)
    const told = JSON.parse(answer.text) as { migration?: string | null; code?: string }
    if (answer.status !== 202) {
      this.recorder.mark(`${text}: ${answer.status} ${told.code}`)
      if (answer.status !== 404 && answer.status !== 409) throw new Error(answer.text)
      return
    }
    if (typeof told.migration !== 'string') return
    this.recorder.mark(`${text}, by ${told.migration}`)
    await this.follow(told.migration)
  }

  /** Waits for a migration's end; before that it may be cancelled. */
  private async follow(id: string): Promise<void> {
    const path = `/v1/migrations/${id}`
    const { cancelledOnceIn } = this.scene
    if (cancelledOnceIn !== undefined && this.chance.once(cancelledOnceIn)) {
      await pass(this.chance.below(60))
      const answer = await this.arena.root.ask({ method: 'DELETE', path })
      this.recorder.mark(`${id} is cancelled: ${answer === 'lost' ? answer : answer.status}`)
    }
    const until = performance.now() + PATIENCE_MS
    for (;;) {
      const receipt = await this.ask('GET', path)
      const state = String(receipt['state'])
      if (state === 'done' || state === 'cancelled') {
        this.changes[state]++
        this.recorder.mark(`${id} is ${state}`)
        return
      }
      if (state === 'failed') {
        // A node whose joining was cancelled cannot leave any more, nor one whose host went bad.
        if (!/no node |went bad|not in the ring|is gone/.test(String(receipt['problem'])))
          throw new Error(JSON.stringify(receipt))
        this.recorder.mark(`${id} failed: ${receipt['problem']}`)
        return
      }
      if (performance.now() > until) throw new Error(await this.describe(receipt))
      await pass(POLL_MS)
    }
  }

  private async describe(receipt: object): Promise<string> {
    const { epoch, nodes, migrations } = await this.ask('GET', '/v1/ring')
    const marks = this.recorder.marks.map(({ at, text }) => `${at} ${text}`)
    const ring = JSON.stringify({ epoch, nodes, migrations })
    return `${JSON.stringify(receipt)} does not end; ${ring}\n${marks.join('\n')}`
  }

  private async members(): Promise<string[]> {
    const { nodes } = await this.ask('GET', '/v1/ring')
    const all = nodes as { readonly id: string; readonly state: string }[]
    return all.filter((node) => node.state !== 'down').map((node) => node.id)
  }

  private ask(method: string, path: string): Promise<Record<string, unknown>> {
    return this.arena.root.json({ method, path })
  }
}
