import { ManualClock } from '../../../src/clock.js'
import type { Bucket } from '../../../src/engine/bucket.js'
import { Engine } from '../../../src/engine/engine.js'
import type { Migration } from '../../../src/engine/motion/migration.js'
import type { EngineOptions } from '../../../src/engine/options.js'
import type { RingRecord } from '../../../src/engine/records.js'
import { SteppedNode } from './stepped-node.js'
import { checkPlaces } from './whereabouts.js'

/** An engine whose nodes, and whose disk, a test can hold and let go. */
export class Stage implements AsyncDisposable {
  readonly engine: Engine
  readonly clock: ManualClock
  /** Called before a ring is written; it may throw as a full disk does. */
  beforeDisk: (record: RingRecord) => Promise<void> | void = () => {}
  private readonly nodes: SteppedNode[]
  private readonly held: Set<string>

  private constructor(engine: Engine, clock: ManualClock, nodes: SteppedNode[], held: Set<string>) {
    this.engine = engine
    this.clock = clock
    this.nodes = nodes
    this.held = held
    const catalogue = engine['catalogue']
    const setRing = catalogue.setRing.bind(catalogue)
    catalogue.setRing = async (record) => {
      await this.beforeDisk(record)
      return setRing(record)
    }
  }

  static async open(options: EngineOptions = {}): Promise<Stage> {
    const clock = new ManualClock()
    const nodes: SteppedNode[] = []
    const held = new Set<string>()
    const engine = await Engine.open({
      nodes: 3,
      memory: (options.nodes ?? 3) * 2 ** 21,
      maxBuckets: 16,
      maxValue: '64kb',
      virtualNodes: 16,
      movePace: 1,
      clock,
      ...options,
      kind: (given) => {
        const node = new SteppedNode(given, (one) => {
          setImmediate(() => {
            if (!held.has(one.id)) one.step(64)
          })
        })
        nodes.push(node)
        return node
      },
    })
    return new Stage(engine, clock, nodes, held)
  }

  /** The latest node of that name. */
  node(id: string): SteppedNode {
    const node = this.nodes.findLast((one) => one.id === id)
    if (node === undefined) throw new RangeError(`there never was a node ${id}`)
    return node
  }

  /** From now on the node takes orders and carries out none. */
  hold(...ids: string[]): void {
    for (const id of ids) this.held.add(id)
  }

  letGo(...ids: string[]): void {
    for (const id of ids) {
      this.held.delete(id)
      this.node(id).step()
    }
  }

  /** Resolves once the node has orders that wait, or so many of them. */
  async waiting(id: string, count = 1): Promise<void> {
    await until(() => this.nodes.some((one) => one.id === id && one.waiting >= count))
  }

  /** Throws where a key is not exactly where it belongs. */
  checkPlaces(bucket: Bucket, keys: readonly string[]): void {
    checkPlaces(this.engine, bucket, keys)
  }

  /** Resolves when nothing moves any more. */
  async still(): Promise<void> {
    for (;;) {
      const open = this.engine.migrations().filter((one) => !one.hasEnded)
      if (open.length === 0) return
      await Promise.all(open.map((one) => one.done))
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.beforeDisk = () => {}
    this.letGo(...[...this.held].filter((id) => this.nodes.some((one) => one.id === id)))
    await this.engine.close()
  }
}

export function names(count: number, prefix = 'k'): string[] {
  return Array.from({ length: count }, (_, n) => `${prefix}${n}`)
}

/** Puts each key with its own name as value. */
export async function fill(bucket: Bucket, keys: readonly string[]): Promise<void> {
  for (let from = 0; from < keys.length; from += 1_000) {
    await bucket.putMany(keys.slice(from, from + 1_000).map((key) => [key, `value of ${key}`]))
  }
}

/** Keys whose value is not the one that `fill` gave them. */
export function missing(bucket: Bucket, keys: readonly string[]): string[] {
  return keys.filter((key) => bucket.getTextSync(key) !== `value of ${key}`)
}

/** Resolves when the migration runs with both rings, so that keys are moving. */
export async function moving(engine: Engine, migration: Migration): Promise<void> {
  await until(() => migration.hasEnded || engine['cluster'].before !== undefined)
}

export async function until(isSo: () => boolean): Promise<void> {
  const limit = performance.now() + 10_000
  while (!isSo()) {
    if (performance.now() > limit) throw new Error(`never came true: ${isSo}`)
    await new Promise((resolve) => setImmediate(resolve))
  }
}
