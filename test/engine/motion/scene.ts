import * as assert from 'uvu/assert'
import type { Bucket } from '../../../src/engine/bucket.js'
import { CacheError } from '../../../src/errors.js'
import { check } from '../../linear/checker.js'
import type { Operation } from '../../linear/history.js'
import { type Asked, KeyModel, type Told } from './key-model.js'
import { KEYS } from './script.js'
import type { Theatre } from './theatre.js'

/** Keys that no client writes: every listing names them. */
export const STEADY = ['s0', 's1', 's2', 's3']
export const ALL = [...KEYS, ...STEADY]

/** What all who act in a play share: the bucket, and the history of each key. */
export class Scene {
  readonly theatre: Theatre
  readonly bucket: Bucket
  /** Hosts that went bad until now, and those that just do. */
  fails = 0
  failing = 0
  /** Some node's queue was full at a time. */
  isCrowded = false
  /** The steady keys are all there. */
  isSteady = true
  private readonly histories = new Map<string, Operation<Asked, Told>[]>()
  private readonly versions = new Map<string, number>()
  private readonly startMs: number
  private events = 0
  private values = 0

  constructor(theatre: Theatre, bucket: Bucket) {
    this.theatre = theatre
    this.bucket = bucket
    this.startMs = theatre.clock.now()
  }

  /** No two puts store the same. */
  freshValue(): string {
    return `v${++this.values}`
  }

  deadline(ttlMs: number | undefined): number {
    return ttlMs === undefined ? Number.POSITIVE_INFINITY : this.theatre.clock.now() + ttlMs
  }

  /** The last one of the key that anybody was told. */
  versionOf(key: string): number {
    return this.versions.get(key) ?? 1
  }

  /** Asks, and notes what came of it. */
  async tell(
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

  /** Reads: nothing can come between call and answer. */
  read(client: number, key: string): void {
    const called = ++this.events
    const entry = this.bucket.lookup(key)
    const output: Told =
      entry === undefined
        ? { outcome: 'miss' }
        : {
            outcome: 'hit',
            value: entry.value.toString(),
            version: entry.version,
            deadline: this.deadline(entry.ttlMs),
          }
    this.note(key, { client, called, input: { do: 'get' }, output })
  }

  /** Notes what happens to keys now. */
  happens(keys: readonly string[], input: Asked): void {
    for (const key of keys) {
      this.note(key, { client: 0, called: ++this.events, input, output: { outcome: 'done' } })
    }
  }

  /** Throws where the history of a key is not that of a map with deadlines. */
  judge(): void {
    for (const [key, history] of this.histories) {
      const verdict = check(new KeyModel(this.startMs, history), history)
      if (!verdict.isLinearizable) {
        const sorted = [...history].sort((a, b) => a.called - b.called)
        const lines = sorted.map((one) => JSON.stringify(one, (_, value) => value ?? 'unknown'))
        const left = JSON.stringify(verdict.deepest.state)
        throw new Error(`${key} is not linearizable, stuck after ${left}:\n${lines.join('\n')}`)
      }
    }
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
}
