import * as assert from 'uvu/assert'
import type { Asked, When } from './key-model.js'
import { type Scene, STEADY } from './scene.js'
import { type ClientStep, KEYS, type WhenStep } from './script.js'

/** Takes one step after the other, each in a turn that the scheduler picks. */
export class Client {
  private readonly scene: Scene
  private readonly number: number

  constructor(scene: Scene, number: number) {
    this.scene = scene
    this.number = number
  }

  async act(steps: readonly ClientStep[]): Promise<void> {
    for (const step of steps) {
      await this.scene.theatre.turn(`client ${this.number}: ${step.do}`)
      switch (step.do) {
        case 'get':
          this.scene.read(this.number, KEYS[step.key])
          break
        case 'put':
          await this.put(KEYS[step.key], step.when, step.ttl)
          break
        case 'delete':
          await this.delete(KEYS[step.key], step.when)
          break
        case 'touch':
          await this.touch(KEYS[step.key], step.ttl)
          break
        case 'list':
          await this.list()
          break
        default:
          await this.many(step.do, step.keys)
      }
    }
  }

  put(key: string, step: WhenStep, ttl: number): Promise<void> {
    const { scene } = this
    const when = this.when(key, step)
    const ttlMs = ttl === 0 ? undefined : ttl
    const value = scene.freshValue()
    const asked: Asked = { do: 'put', value, deadline: scene.deadline(ttlMs), ...when.asked }
    return scene.tell(this.number, [[key, asked]], async () => {
      const options = { ttlMs, onlyIf: when.onlyIf }
      const { outcome, version } = await scene.bucket.write(key, value, options)
      if (outcome === 'exists') throw new Error('the bucket is not immutable')
      return [{ outcome, version }]
    })
  }

  private delete(key: string, step: WhenStep): Promise<void> {
    const when = this.when(key, step === 'absent' ? 'any' : step)
    return this.scene.tell(this.number, [[key, { do: 'delete', ...when.asked }]], async () => [
      { outcome: (await this.scene.bucket.remove(key, when.onlyIf)).outcome },
    ])
  }

  private touch(key: string, ttl: number): Promise<void> {
    const { scene } = this
    const ttlMs = ttl + 5
    const asked: Asked = { do: 'touch', deadline: scene.deadline(ttlMs) }
    return scene.tell(this.number, [[key, asked]], async () => [
      { outcome: (await scene.bucket.retime(key, ttlMs)).outcome },
    ])
  }

  private many(what: 'putMany' | 'deleteMany', which: readonly number[]): Promise<void> {
    const { scene } = this
    const entries = which.map((index): [string, string] => [KEYS[index], scene.freshValue()])
    const deadline = scene.deadline(undefined)
    const parts = entries.map(([key, value]): [string, Asked] => {
      return [key, what === 'putMany' ? { do: 'put', value, deadline } : { do: 'delete' }]
    })
    return scene.tell(this.number, parts, async () => {
      if (what === 'deleteMany') {
        const done = await scene.bucket.deleteMany(entries.map(([key]) => key))
        return done.map((one) => ({ outcome: one ? 'done' : 'missing' }))
      }
      assert.ok((await scene.bucket.putMany(entries)).every(Boolean))
      return entries.map(() => ({ outcome: 'stored' }))
    })
  }

  private async list(): Promise<void> {
    const { scene } = this
    const found = new Set<string>()
    let cursor: string | undefined
    do {
      const page = await scene.bucket.list({ cursor, limit: 2 })
      for (const key of page.keys) found.add(key)
      cursor = page.cursor ?? undefined
      await scene.theatre.turn('page')
    } while (cursor !== undefined)
    if (scene.isSteady) {
      assert.equal([...found].filter((key) => STEADY.includes(key)).sort(), STEADY, 'listed')
    }
  }

  private when(key: string, step: WhenStep) {
    if (step === 'any') return { asked: {}, onlyIf: undefined }
    const version = this.scene.versionOf(key)
    const when: When = step === 'version' ? version : step
    const onlyIf = step === 'version' ? { kind: step, version } : { kind: step }
    return { asked: { when }, onlyIf }
  }
}
