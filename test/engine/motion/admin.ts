import { type Circle, holdersOf } from '../../../src/engine/routes.js'
import { CacheError } from '../../../src/errors.js'
import { ALL, type Scene } from './scene.js'
import type { AdminStep } from './script.js'
import { DISK_FULL } from './theatre.js'

/** Orders that a node's queue takes where nothing is the matter. */
const ROOM = 1_000
/** What may be answered to somebody who asks without looking first. */
const USUAL = ['last_node', 'node_not_found', 'migration_ended', 'node_exists']

/** Changes the ring, the bucket and the time, and breaks what can break. */
export class Admin {
  private readonly scene: Scene
  private routes: { now: Circle; before: Circle | undefined }

  constructor(scene: Scene, isEconomy: boolean) {
    this.scene = scene
    this.routes = this.routesNow()
    if (isEconomy) {
      this.risk(ALL)
    }
    scene.theatre.engine.watch((event) => {
      if (event.type === 'ring') {
        const bad = /^node (\S+) went bad$/.exec(event.cause)
        if (bad !== null) this.lost(bad[1])
        this.routes = this.routesNow()
      }
    })
  }

  async act(steps: readonly AdminStep[]): Promise<void> {
    for (const step of steps) {
      await this.scene.theatre.turn(`admin: ${step.do}`)
      try {
        await this.change(step)
      } catch (error) {
        const isUsual = error instanceof CacheError && USUAL.includes(error.code)
        if (!isUsual && (error as Error).message !== DISK_FULL) {
          throw error
        }
      }
    }
  }

  /** Whatever was broken works again. */
  mend(): void {
    const { theatre } = this.scene
    theatre.isDiskFull = false
    for (const node of theatre.nodes) {
      node.recover()
      node.room = ROOM
    }
  }

  private async change(step: AdminStep): Promise<void> {
    const { scene } = this
    const { engine, clock } = scene.theatre
    const ids = engine.ring.members.map(({ id }) => id)
    switch (step.do) {
      case 'join':
        await engine.addNode({ weight: step.weight, id: step.isBack ? this.formerId() : undefined })
        break
      case 'leave':
        await engine.removeNode(ids[step.which % ids.length], { force: true })
        break
      case 'fail':
        await this.fail(step.which)
        break
      case 'cancel': {
        const open = engine.migrations().filter((one) => !one.hasEnded)
        open[step.which % Math.max(1, open.length)]?.cancel()
        break
      }
      case 'flush':
        await this.flush()
        break
      case 'tick':
        engine['cluster'].tick()
        break
      case 'time':
        clock.advance(step.ms)
        scene.happens(ALL, { do: 'time', now: clock.now() })
        break
      case 'fullDisk':
        scene.theatre.isDiskFull = true
        break
      case 'crowd':
        this.crowd(step.which, step.turns, step.room)
        break
      case 'die':
        this.die(step.which, step.turns)
        break
      case 'replicas':
        await scene.bucket.update({ replicas: step.count })
        break
      case 'tier':
        if (step.tier === 'economy') {
          this.risk(ALL)
        }
        await scene.bucket.update({ tier: step.tier })
    }
  }

  private flush(): Promise<void> {
    const { scene } = this
    scene.isSteady = false
    const parts = ALL.map((key) => [key, { do: 'flush' }] as const)
    return scene.tell(0, parts, async () => {
      await scene.bucket.flush()
      return parts.map(() => ({ outcome: 'done' }))
    })
  }

  private async fail(which: number): Promise<void> {
    const { scene } = this
    const up = [...scene.theatre.engine['cluster'].all]
    scene.fails++
    scene.failing++
    try {
      await scene.theatre.engine.failNode(up[which % up.length].id)
    } finally {
      scene.failing--
    }
  }

  private die(which: number, turns: number): void {
    const up = this.scene.theatre.nodes.filter((node) => node.state === 'serving')
    const node = up[which % Math.max(1, up.length)]
    node?.die()
    this.later(turns, 'a fresh writer starts', () => node?.recover())
  }

  private crowd(which: number, turns: number, room: number): void {
    const { nodes } = this.scene.theatre
    const node = nodes[which % nodes.length]
    this.scene.isCrowded = true
    node.room = room
    this.later(turns, 'a crowd', () => {
      node.room = ROOM
    })
  }

  private later(turns: number, label: string, act: () => void): void {
    void (async () => {
      for (let turn = 0; turn <= turns; turn++) {
        await this.scene.theatre.turn(label)
      }
      act()
    })()
  }

  /** Of a node that was there and is not. */
  private formerId(): string | undefined {
    const { engine, nodes } = this.scene.theatre
    const up = [...engine['cluster'].all]
    return nodes.findLast((node) => !up.some(({ id }) => id === node.id))?.id
  }

  /** The host is gone, and with it what nobody else has a copy of. */
  private lost(id: string): void {
    const { scene } = this
    const { now, before = now } = this.routes
    const { record, outreach } = scene.bucket
    const open = scene.theatre.engine.migrations().filter((one) => !one.hasEnded)
    const fewest = Math.min(now.ring.members.length, before.ring.members.length)
    const isCopied =
      record.replicas > 0 &&
      outreach === record.replicas &&
      scene.failing < 2 &&
      fewest > 1 &&
      open.every((one) => one.kind !== 'repair')
    if (!isCopied) {
      this.risk(
        ALL.filter((key) => {
          const { hash } = scene.bucket.explain(key)
          const holders = [now, before].flatMap((circle) => holdersOf(circle, hash, outreach))
          return holders.some((node) => node.id === id)
        }),
      )
    }
  }

  private risk(keys: readonly string[]): void {
    this.scene.isSteady &&= keys.length === 0
    this.scene.happens(keys, { do: 'risk' })
  }

  private routesNow(): { now: Circle; before: Circle | undefined } {
    const { ring, nodes, before } = this.scene.theatre.engine['cluster']
    return { now: { ring, nodes }, before }
  }
}
