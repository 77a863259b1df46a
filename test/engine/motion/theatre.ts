import type fc from 'fast-check'
import { ManualClock } from '../../../src/clock.js'
import { Engine } from '../../../src/engine/engine.js'
import type { EngineOptions } from '../../../src/engine/options.js'
import type { RingRecord } from '../../../src/engine/records.js'
import { Chance } from '../../store/chance.js'
import { SteppedNode } from './stepped-node.js'

/** After so long without anything for the scheduler to do a run counts as stuck. */
const STUCK_NS = 5_000_000_000n
export const DISK_FULL = 'no space left on device'

/** An engine whose nodes and disk wait for a scheduler's word before they do the next thing. */
export class Theatre {
  readonly engine: Engine
  readonly clock: ManualClock
  /** Also those that have left, or went bad. */
  readonly nodes: readonly SteppedNode[]
  /** The next ring cannot be written. */
  isDiskFull = false
  private readonly scheduler: fc.Scheduler

  private constructor(
    engine: Engine,
    clock: ManualClock,
    nodes: readonly SteppedNode[],
    scheduler: fc.Scheduler,
  ) {
    this.engine = engine
    this.clock = clock
    this.nodes = nodes
    this.scheduler = scheduler
  }

  static async open(
    scheduler: fc.Scheduler,
    seed: number,
    options: EngineOptions = {},
  ): Promise<Theatre> {
    const clock = new ManualClock()
    const chance = new Chance(seed)
    const nodes: SteppedNode[] = []
    let isOpen = false
    const opening = Engine.open({
      nodes: 2,
      memory: '4mb',
      maxBuckets: 4,
      maxValue: '64kb',
      virtualNodes: 4,
      movePace: 1,
      clock,
      random: (count) => Uint8Array.from({ length: count }, () => chance.below(256)),
      ...options,
      kind: (given) => {
        const node = new SteppedNode(given, (one) => {
          if (isOpen) {
            void scheduler.schedule(Promise.resolve(), one.id).then(() => one.step())
          } else {
            setImmediate(() => one.step())
          }
        })
        nodes.push(node)
        return node
      },
    })
    const engine = await opening
    isOpen = true
    clearInterval(engine['upkeep'])
    performance.now = () => 0 // plays can be repeated: how fast they run here decides nothing
    const theatre = new Theatre(engine, clock, nodes, scheduler)
    theatre.slowDisk()
    return theatre
  }

  /** Resolves in a turn that the scheduler picks. */
  turn(label: string): Promise<void> {
    return this.scheduler.schedule(Promise.resolve(), label)
  }

  /** Lets one thing after the other happen, in the scheduler's order, until the play has ended. */
  async run<T>(play: Promise<T>): Promise<T> {
    let hasEnded = false
    const end = play.finally(() => {
      hasEnded = true
    })
    end.catch(() => {})
    for (let last = process.hrtime.bigint(); !hasEnded; ) {
      if (this.scheduler.count() > 0) {
        await this.scheduler.waitNext(1)
        last = process.hrtime.bigint()
      }
      await new Promise((resolve) => setImmediate(resolve))
      if (process.hrtime.bigint() - last > STUCK_NS) {
        throw new Error('stuck: nothing is left to be done, and somebody waits')
      }
    }
    return end
  }

  async close(): Promise<void> {
    for (const node of this.nodes) {
      node.recover()
    }
    await this.run(this.engine.close())
  }

  /** Each new ring takes a turn of its own to be on disk. */
  private slowDisk(): void {
    const catalogue = this.engine['catalogue']
    const setRing = catalogue.setRing.bind(catalogue)
    catalogue.setRing = async (record: RingRecord) => {
      await this.turn('disk')
      if (this.isDiskFull) {
        this.isDiskFull = false
        throw new Error(DISK_FULL)
      }
      return setRing(record)
    }
  }
}
