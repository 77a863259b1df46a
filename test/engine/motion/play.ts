import type fc from 'fast-check'
import * as assert from 'uvu/assert'
import type { Bucket } from '../../../src/engine/bucket.js'
import { type Circle, holdersOf } from '../../../src/engine/routes.js'
import { CacheError } from '../../../src/errors.js'
import { check } from '../../linear/checker.js'
import type { Operation } from '../../linear/history.js'
import { type Asked, KeyModel, type Told, type When } from './key-model.js'
import { type AdminStep, type ClientStep, KEYS, type Script, type WhenStep } from './script.js'
import { DISK_FULL, Theatre } from './theatre.js'
import { checkPlaces } from './whereabouts.js'

/** Keys that no client writes: every listing names them. */
const STEADY = ['s0', 's1', 's2', 's3']
const ALL = [...KEYS, ...STEADY]

/** Plays a script in the scheduler's order, and holds what was answered against the model. */
export async function play(scheduler: fc.Scheduler, script: Script): Promise<void> {
  const { seed, nodes, replicas, tier } = script
  const theatre = await Theatre.open(scheduler, seed, { nodes, memory: nodes * 2 ** 21 })
  try {
    const made = theatre.run(theatre.engine.createBucket('b', { replicas, tier }))
    const run = new Run(theatre, await made, tier === 'economy')
    await theatre.run(run.play(script))
    run.judge()
  } catch (error) {
    await theatre.close().catch(() => {}) // the first thing that went wrong is told
    throw error
  }
  await theatre.close()
}

class Run {
  private readonly theatre: Theatre
  private readonly bucket: Bucket
  private readonly histories = new Map<string, Operation<Asked, Told>[]>()
  private readonly startMs: number
  private readonly versions = new Map<string, number>()
  private events = 0
  private values = 0
  private fails = 0
  private failing = 0
  private isSteady: boolean
  private isCrowded = false
  private routes: { now: Circle; before: Circle | undefined }

  constructor(theatre: Theatre, bucket: Bucket, isEconomy: boolean) {
    this.theatre = theatre
    this.bucket = bucket
    this.startMs = theatre.clock.now()
    this.isSteady = !isEconomy
    this.routes = this.routesNow()
    if (isEconomy) {
      this.noteAll({ do: 'risk' })
    }
    theatre.engine.watch((event) => {
      if (event.type === 'ring') {
        const bad = /^node (\S+) went bad$/.exec(event.cause)
        if (bad !== null) this.lost(bad[1])
        this.routes = this.routesNow()
      }
    })
  }

  async play({ clients, admin }: Script): Promise<void> {
    await Promise.all(STEADY.map((key) => this.put(0, key, 'any', 0)))
    await Promise.all([
      ...clients.map((steps, i) => this.client(i + 1, steps)),
      this.administer(admin),
    ])
    await this.end()
  }

  judge(): void {
    for (const [key, history] of this.histories) {
      const model = new KeyModel(this.startMs, history)
      const verdict = check(model, history)
      if (!verdict.isLinearizable) {
        const sorted = [...history].sort((a, b) => a.called - b.called)
        const lines = sorted.map((one) => JSON.stringify(one, (_, value) => value ?? 'unknown'))
        const left = JSON.stringify(verdict.deepest.state)
        throw new Error(`${key} is not linearizable, stuck after ${left}:\n${lines.join('\n')}`)
      }
    }
  }

  /** All changes come to their end; then every key is where it belongs. */
  private async end(): Promise<void> {
    const { engine, nodes } = this.theatre
    this.theatre.isDiskFull = false
    for (const node of nodes) {
      node.recover()
      node.room = 1_000
    }
    for (;;) {
      const open = engine.migrations().filter((one) => !one.hasEnded)
      if (open.length === 0 && this.failing === 0) break
      await Promise.all(open.map((one) => one.done))
      await new Promise((resolve) => setImmediate(resolve))
    }
    for (const migration of engine.migrations()) {
      const { state, problem } = migration.receipt()
      // A change that waited may have become impossible.
      const isMoot = /is the last one|there is no node|no space left/.test(problem ?? '')
      assert.ok(state !== 'failed' || this.fails > 0 || isMoot, `${migration.id}: ${problem}`)
    }
    if (engine['cluster'].before !== undefined) {
      await (await engine.addNode()).done // brings to its end what a full disk has left
    }
    for (const key of ALL) {
      this.get(9, key)
    }
    assert.is(engine['cluster'].before, undefined, 'keys still move')
    checkPlaces(engine, this.bucket, ALL)
    const { members } = engine.ring
    const up = [...engine['cluster'].all].map((node) => node.id).sort()
    const wanted = members.map(({ id }) => id).sort()
    assert.is(`${up}`, `${wanted}`, 'nodes that are up')
  }

  // Clients

  private async client(client: number, steps: readonly ClientStep[]): Promise<void> {
    for (const step of steps) {
      await this.theatre.turn(`client ${client}: ${step.do}`)
      switch (step.do) {
        case 'get':
          this.get(client, KEYS[step.key])
          break
        case 'put':
          await this.put(client, KEYS[step.key], step.when, step.ttl)
          break
        case 'delete':
          await this.delete(client, KEYS[step.key], step.when)
          break
        case 'touch':
          await this.touch(client, KEYS[step.key], step.ttl)
          break
        case 'list':
          await this.list()
          break
        default:
          await this.many(client, step.do, step.keys)
      }
    }
  }

  private get(client: number, key: string): void {
    const called = ++this.events
    const entry = this.bucket.lookup(key)
    const told: Told =
      entry === undefined
        ? { outcome: 'miss' }
        : {
            outcome: 'hit',
            value: entry.value.toString(),
            version: entry.version,
            deadline: this.deadline(entry.ttlMs),
          }
    this.note(key, { client, called, input: { do: 'get' }, output: told })
  }

  private put(client: number, key: string, step: WhenStep, ttl: number): Promise<void> {
    const when = this.when(key, step)
    const ttlMs = ttl === 0 ? undefined : ttl
    const value = `v${++this.values}`
    const input: Asked = { do: 'put', value, deadline: this.deadline(ttlMs), ...when.asked }
    return this.tell(client, [[key, input]], async () => {
      const { outcome, version } = await this.bucket.write(key, value, {
        ttlMs,
        onlyIf: when.onlyIf,
      })
      if (outcome === 'exists') throw new Error('the bucket is not immutable')
      return [{ outcome, version }]
    })
  }

  private delete(client: number, key: string, step: WhenStep): Promise<void> {
    const when = this.when(key, step === 'absent' ? 'any' : step)
    return this.tell(client, [[key, { do: 'delete', ...when.asked }]], async () => [
      { outcome: (await this.bucket.remove(key, when.onlyIf)).outcome },
    ])
  }

  private touch(client: number, key: string, ttl: number): Promise<void> {
    const ttlMs = ttl + 5
    return this.tell(client, [[key, { do: 'touch', deadline: this.deadline(ttlMs) }]], async () => [
      { outcome: (await this.bucket.retime(key, ttlMs)).outcome },
    ])
  }

  private many(client: number, what: 'putMany' | 'deleteMany', which: readonly number[]) {
    const keys = which.map((index) => KEYS[index])
    const deadline = this.deadline(undefined)
    const parts = keys.map((key): [string, Asked] => {
      const value = `v${++this.values}`
      return [key, what === 'putMany' ? { do: 'put', value, deadline } : { do: 'delete' }]
    })
    return this.tell(client, parts, async () => {
      if (what === 'deleteMany') {
        const done = await this.bucket.deleteMany(keys)
        return done.map((one) => ({ outcome: one ? 'done' : 'missing' }))
      }
      const entries = parts.map(([key, asked]): [string, string] => {
        return [key, asked.do === 'put' ? asked.value : '']
      })
      assert.ok((await this.bucket.putMany(entries)).every(Boolean))
      return entries.map(() => ({ outcome: 'stored' }))
    })
  }

  private async list(): Promise<void> {
    const found = new Set<string>()
    let cursor: string | undefined
    do {
      const page = await this.bucket.list({ cursor, limit: 2 })
      for (const key of page.keys) found.add(key)
      cursor = page.cursor ?? undefined
      await this.theatre.turn('page')
    } while (cursor !== undefined)
    if (this.isSteady) {
      assert.equal([...found].filter((key) => STEADY.includes(key)).sort(), STEADY, 'listed')
    }
  }

  // Who changes the ring, the bucket and the time

  private async administer(steps: readonly AdminStep[]): Promise<void> {
    for (const step of steps) {
      await this.theatre.turn(`admin: ${step.do}`)
      try {
        await this.change(step)
      } catch (error) {
        const code = error instanceof CacheError ? error.code : ''
        const isUsual = ['last_node', 'node_not_found', 'migration_ended', 'node_exists']
        if (!isUsual.includes(code) && (error as Error).message !== DISK_FULL) {
          throw error
        }
      }
    }
  }

  private async change(step: AdminStep): Promise<void> {
    const { engine, clock } = this.theatre
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
        this.isSteady = false
        await this.tell(
          0,
          ALL.map((key) => [key, { do: 'flush' }]),
          async () => {
            await this.bucket.flush()
            return ALL.map(() => ({ outcome: 'done' }))
          },
        )
        break
      case 'tick':
        engine['cluster'].tick()
        break
      case 'time':
        clock.advance(step.ms)
        this.noteAll({ do: 'time', now: clock.now() })
        break
      case 'fullDisk':
        this.theatre.isDiskFull = true
        break
      case 'crowd':
        this.crowd(step.which, step.turns, step.room)
        break
      case 'die':
        this.die(step.which, step.turns)
        break
      case 'replicas':
        await this.bucket.update({ replicas: step.count })
        break
      case 'tier':
        if (step.tier === 'economy') {
          this.isSteady = false
          this.noteAll({ do: 'risk' })
        }
        await this.bucket.update({ tier: step.tier })
    }
  }

  private async fail(which: number): Promise<void> {
    const up = [...this.theatre.engine['cluster'].all]
    this.fails++
    this.failing++
    try {
      await this.theatre.engine.failNode(up[which % up.length].id)
    } finally {
      this.failing--
    }
  }

  private die(which: number, turns: number): void {
    const up = this.theatre.nodes.filter((node) => node.state === 'serving')
    const node = up[which % Math.max(1, up.length)]
    if (node === undefined) return
    node.die()
    void (async () => {
      for (let turn = 0; turn <= turns; turn++) {
        await this.theatre.turn('a fresh writer starts')
      }
      node.recover()
    })()
  }

  private crowd(which: number, turns: number, room: number): void {
    const node = this.theatre.nodes[which % this.theatre.nodes.length]
    node.room = room
    this.isCrowded = true
    void (async () => {
      for (let turn = 0; turn <= turns; turn++) {
        await this.theatre.turn('a crowd')
      }
      node.room = 1_000
    })()
  }

  /** Of a node that was there and is not. */
  private formerId(): string | undefined {
    const { all } = this.theatre.engine['cluster']
    return this.theatre.nodes.findLast((node) => ![...all].some(({ id }) => id === node.id))?.id
  }

  /** The host is gone, and with it what nobody else has a copy of. */
  private lost(id: string): void {
    const { now, before = now } = this.routes
    const { record, outreach } = this.bucket
    const open = this.theatre.engine.migrations().filter((one) => !one.hasEnded)
    const fewest = Math.min(now.ring.members.length, before.ring.members.length)
    const isCopied =
      record.replicas > 0 &&
      outreach === record.replicas &&
      this.failing < 2 &&
      fewest > 1 &&
      open.every((one) => one.kind !== 'repair')
    for (const key of isCopied ? [] : ALL) {
      const { hash } = this.bucket.explain(key)
      const holders = [now, before].flatMap((circle) => holdersOf(circle, hash, outreach))
      if (holders.some((node) => node.id === id)) {
        this.isSteady = false
        this.noteNow(key, { do: 'risk' })
      }
    }
  }

  private routesNow(): { now: Circle; before: Circle | undefined } {
    const { ring, nodes, before } = this.theatre.engine['cluster']
    return { now: { ring, nodes }, before }
  }

  // Notes

  /** Asks, and notes what came of it. */
  private async tell(
    client: number,
    parts: readonly (readonly [string, Asked])[],
    ask: () => Promise<Told[]>,
  ): Promise<void> {
    const called = ++this.events
    let told: Told[] | undefined
    try {
      told = await ask()
    } catch (error) {
      if (!(error instanceof CacheError)) throw error
      const { code, message } = error
      const isUsual = this.fails > 0 && (code === 'recovering' || code === 'closed')
      assert.ok(isUsual || (this.isCrowded && code === 'overloaded'), `${code}: ${message}`)
      if (!error.maybeStored) return
    }
    parts.forEach(([key, input], i) => {
      this.note(key, { client, called, input, output: told?.[i] })
    })
  }

  private noteAll(input: Asked): void {
    for (const key of ALL) {
      this.noteNow(key, input)
    }
  }

  private noteNow(key: string, input: Asked): void {
    this.note(key, { client: 0, called: ++this.events, input, output: { outcome: 'done' } })
  }

  private note(key: string, operation: Omit<Operation<Asked, Told>, 'returned'>): void {
    const returned = operation.output === undefined ? Number.POSITIVE_INFINITY : ++this.events
    const { version, outcome } = operation.output ?? {}
    if (version !== undefined && outcome !== 'mismatch') {
      this.versions.set(key, version)
    }
    const history = this.histories.get(key) ?? []
    this.histories.set(key, history)
    history.push({ ...operation, returned })
  }

  private when(key: string, step: WhenStep) {
    if (step === 'any') return { asked: {}, onlyIf: undefined }
    const version = this.versions.get(key) ?? 1
    const when: When = step === 'version' ? version : step
    const onlyIf = step === 'version' ? { kind: step, version } : { kind: step }
    return { asked: { when }, onlyIf }
  }

  private deadline(ttlMs: number | undefined): number {
    return ttlMs === undefined ? Number.POSITIVE_INFINITY : this.theatre.clock.now() + ttlMs
  }
}
