import * as assert from 'uvu/assert'
import { ManualClock } from '../../src/clock.js'
import type { Bucket } from '../../src/engine/bucket.js'
import { Engine } from '../../src/engine/engine.js'
import type { NodeKind } from '../../src/engine/node-kinds.js'
import type { Value } from '../../src/engine/writes.js'
import { Chance } from '../store/chance.js'

const NOISE = Buffer.from(Array.from({ length: 60_000 }, (_, n) => (n * 73) ^ (n >> 6)))
/** A node's part of the smallest limit holds some of the largest values. */
const LEAST_LIMIT = 160_000

/** Deadlines reach 34 years from the start of an engine. */
const LONGEST_UPTIME_MS = 20 * 31_536_000_000

/** What must be found under a key, unless it was evicted since it was last known to be there. */
interface Belief {
  readonly value: Value
  deadline: number
  evictions: number
}

/** One engine for many histories: each gets a bucket of its own. */
export class Stage {
  engine: Engine
  readonly clock: ManualClock
  private readonly kind: NodeKind
  private openedMs: number

  private constructor(engine: Engine, clock: ManualClock, kind: NodeKind) {
    this.engine = engine
    this.clock = clock
    this.kind = kind
    this.openedMs = clock.now()
  }

  static async open(kind: NodeKind): Promise<Stage> {
    const clock = new ManualClock()
    return new Stage(await openEngine(kind, clock), clock, kind)
  }

  async play(seed: number, steps: number): Promise<void> {
    if (this.clock.now() - this.openedMs > LONGEST_UPTIME_MS) {
      await this.engine.close()
      this.engine = await openEngine(this.kind, this.clock)
      this.openedMs = this.clock.now()
    }
    const chance = new Chance(seed)
    const immutable = chance.once(6)
    const bucket = await this.engine.createBucket(`history ${seed}`, { immutable })
    const history = new History(this, bucket, chance, immutable)
    try {
      for (let step = 0; step < steps; step++) {
        await history.step()
      }
      await history.end()
    } catch (cause) {
      throw new Error(`seed ${seed}: ${(cause as Error).message}`, { cause })
    }
    await this.engine.deleteBucket(bucket.id)
    await this.engine.settle()
  }
}

function openEngine(kind: NodeKind, clock: ManualClock): Promise<Engine> {
  return Engine.open({ kind, nodes: 2, memory: '6mb', maxBuckets: 8, maxValue: '64kb', clock })
}

class History {
  private readonly stage: Stage
  private readonly bucket: Bucket
  private readonly chance: Chance
  private readonly immutable: boolean
  private readonly beliefs = new Map<string, Belief>()
  private readonly keyCount: number
  private readonly longest: number
  private limit: number | undefined
  private defaultTtl: number | undefined

  constructor(stage: Stage, bucket: Bucket, chance: Chance, immutable: boolean) {
    this.stage = stage
    this.bucket = bucket
    this.chance = chance
    this.immutable = immutable
    this.keyCount = chance.pick([5, 60, 600])
    this.longest = chance.pick([100, 3_000, 30_000])
  }

  async step(): Promise<void> {
    const dice = this.chance.below(1_000)
    if (dice < 300) await this.put()
    else if (dice < 450) await this.get()
    else if (dice < 520) await this.getMany()
    else if (dice < 600) await this.putMany()
    else if (dice < 690) await this.delete()
    else if (dice < 760) await this.touch()
    else if (dice < 850) await this.burst()
    else if (dice < 950) this.passTime()
    else if (dice < 970) await this.list()
    else if (dice < 980) await this.flush()
    else if (dice < 990) await this.configure()
    else await this.stage.engine.settle()
  }

  /** At the end everything is looked at, and the counts must agree. */
  async end(): Promise<void> {
    await this.stage.engine.settle()
    await this.list()
    for (const key of [...this.beliefs.keys()]) {
      this.hold(key, this.bucket.getSync(key))
    }
    assert.is(this.bucket.usage().items, this.beliefs.size, 'items')
    if (this.limit !== undefined) {
      const { bytes } = this.bucket.usage()
      assert.ok(bytes <= this.limit, `${bytes} bytes, and the limit is ${this.limit}`)
    }
  }

  private async put(): Promise<void> {
    const key = this.key()
    const belief = this.belief()
    const lives = this.lives(key)
    const stored = await this.bucket.put(key, belief.value, this.ttlFor(belief))
    this.believe(key, belief, lives, stored)
    this.hold(key, this.bucket.getSync(key))
  }

  private async putMany(): Promise<void> {
    const ttl = this.belief()
    const options = this.ttlFor(ttl)
    const keys = Array.from({ length: this.chance.below(30) }, () => this.key())
    const news = keys.map(() => ({ ...this.belief(), deadline: ttl.deadline }))
    const entries = keys.map((key, n) => [key, news[n].value] as const)
    const lives = keys.map((key, n) => this.lives(key) || keys.indexOf(key) < n)
    const stored = await this.bucket.putMany(entries, options)
    for (const [n, key] of keys.entries()) {
      this.believe(key, news[n], lives[n], stored[n])
    }
    for (const key of keys) {
      this.hold(key, this.bucket.getSync(key))
    }
  }

  private async get(): Promise<void> {
    const key = this.key()
    const text = this.chance.once(3)
    if (text) {
      const found = await this.bucket.getText(key)
      const belief = this.beliefs.get(key)
      if (typeof belief?.value === 'string' && found !== undefined) {
        assert.is(found, belief.value)
      }
    }
    this.hold(key, this.chance.once(2) ? await this.bucket.get(key) : this.bucket.getSync(key))
  }

  private async getMany(): Promise<void> {
    const keys = Array.from({ length: this.chance.below(40) }, () => this.key())
    const values = await this.bucket.getMany(keys)
    assert.is(values.length, keys.length)
    for (const [n, key] of keys.entries()) {
      this.hold(key, values[n])
    }
  }

  private async delete(): Promise<void> {
    const key = this.key()
    this.confirm(await this.bucket.delete(key), key, 'delete')
    this.beliefs.delete(key)
    assert.is(this.bucket.getSync(key), undefined)
  }

  private async touch(): Promise<void> {
    const key = this.key()
    const ttl = this.ttl()
    if (this.confirm(await this.bucket.touch(key, ttl), key, 'touch')) {
      const belief = this.beliefs.get(key)
      if (belief !== undefined) belief.deadline = this.now + ttl
      this.hold(key, this.bucket.getSync(key))
    }
  }

  /** Writes that do not wait for one another: they count in the order in which they were asked. */
  private async burst(): Promise<void> {
    const ends: Promise<unknown>[] = []
    const outcomes = new Map<string, Belief | undefined>()
    for (let n = this.chance.below(60); n > 0; n--) {
      const key = this.key()
      if (this.chance.once(3)) {
        ends.push(this.bucket.delete(key))
        outcomes.set(key, undefined)
      } else if (!this.immutable) {
        const belief = this.belief()
        ends.push(this.bucket.put(key, belief.value, this.ttlFor(belief)))
        outcomes.set(key, belief)
      }
    }
    await Promise.all(ends)
    for (const [key, belief] of outcomes) {
      if (belief === undefined) this.beliefs.delete(key)
      else this.beliefs.set(key, belief)
      this.hold(key, this.bucket.getSync(key))
    }
  }

  private passTime(): void {
    const { chance } = this
    this.stage.clock.advance(chance.pick([1, 1, 5, 50, 1_000, 90_000, 40 * 86_400_000]))
  }

  private async list(): Promise<void> {
    const prefix = this.chance.pick(['', 'k1', 'k'])
    const found = new Set<string>()
    let cursor: string | undefined
    do {
      const page = await this.bucket.list({ prefix, cursor, limit: 1 + this.chance.below(50) })
      for (const key of page.keys) found.add(key)
      cursor = page.cursor ?? undefined
    } while (cursor !== undefined)
    for (const [key, belief] of [...this.beliefs]) {
      if (key.startsWith(prefix) && !found.delete(key)) {
        this.missed(key, belief, 'list')
      }
    }
    assert.equal([...found], [], 'keys are listed that should be nowhere')
  }

  private async flush(): Promise<void> {
    await this.bucket.flush()
    this.beliefs.clear()
    assert.is(this.bucket.usage().items, 0)
  }

  private async configure(): Promise<void> {
    if (this.chance.once(2)) {
      this.defaultTtl = this.chance.once(2) ? undefined : this.ttl()
      await this.bucket.update({ defaultTtl: this.defaultTtl ?? null })
    } else {
      this.limit = this.chance.once(2) ? undefined : LEAST_LIMIT + this.chance.below(2_000_000)
      await this.bucket.update({ maxBytes: this.limit ?? null })
    }
  }

  // What is believed, and what was found

  private get now(): number {
    return this.stage.clock.now()
  }

  private key(): string {
    return `k${this.chance.below(this.keyCount)}`
  }

  private ttl(): number {
    return this.chance.pick([1, 2, 40, 1_000, 60_000, 86_400_000, 31_536_000_000])
  }

  private belief(): Belief {
    const { chance } = this
    const from = chance.below(20_000)
    const bytes = NOISE.subarray(from, from + chance.below(this.longest))
    const value = chance.once(3) ? `é€${bytes.toString('base64')}` : bytes
    const deadline = chance.once(2) ? this.now + this.ttl() : Number.POSITIVE_INFINITY
    return { value, deadline, evictions: this.bucket.usage().evictions }
  }

  private ttlFor(belief: Belief): { ttl?: number } {
    if (belief.deadline !== Number.POSITIVE_INFINITY) {
      return { ttl: belief.deadline - this.now }
    }
    if (this.defaultTtl !== undefined) {
      belief.deadline = this.now + this.defaultTtl
    }
    return {}
  }

  private lives(key: string): boolean {
    return (this.beliefs.get(key)?.deadline ?? 0) > this.now
  }

  private believe(key: string, belief: Belief, lives: boolean, stored: boolean): void {
    if (!this.immutable) {
      assert.is(stored, true, `put of ${key}`)
    } else if (!lives) {
      assert.is(stored, true, `put of ${key}, which is not there`)
    }
    if (stored) {
      const before = this.beliefs.get(key)
      if (this.immutable && lives && before !== undefined) {
        this.missed(key, before, 'put')
      }
      this.beliefs.set(key, belief)
    }
  }

  /** Holds what was read of a key against what is believed. */
  private hold(key: string, found: Buffer | undefined): void {
    const belief = this.beliefs.get(key)
    if (belief === undefined) {
      assert.is(found, undefined, `${key} is found, and should be nowhere`)
    } else if (found === undefined || belief.deadline <= this.now) {
      assert.is(found, undefined, `${key} is found past its time`)
      this.missed(key, belief, 'get')
    } else {
      assert.ok(found.equals(Buffer.from(belief.value)), `${key} has a wrong value`)
    }
  }

  /** Whether a change found its key, held against what is believed. */
  private confirm(done: boolean, key: string, what: string): boolean {
    const belief = this.beliefs.get(key)
    if (belief === undefined || belief.deadline <= this.now) {
      assert.is(done, false, `${what} of ${key}, which is not there`)
      this.beliefs.delete(key)
    } else if (!done) {
      this.missed(key, belief, what)
    }
    return done
  }

  private missed(key: string, belief: Belief, what: string): void {
    if (belief.deadline > this.now) {
      const { evictions } = this.bucket.usage()
      assert.ok(evictions > belief.evictions, `${what}: ${key} is lost, and nothing was evicted`)
    }
    this.beliefs.delete(key)
  }
}
