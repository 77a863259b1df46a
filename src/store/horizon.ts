import { Journal } from './journal.js'
import { C_GHOST_HEAD, C_GHOST_LIVE, C_GHOST_TAIL, HORIZON_EPOCHS, type Memory } from './layout.js'

const STAMP_MASK = 2 ** 18 - 1

/**
 * How far back the ghost of the node's own queues reaches. A key that comes back leaves the ghost,
 * and makes room in it for others to stay longer, as in a plain FIFO of ghosts: so the bytes still
 * remembered are counted by epoch (a step of the ghost's clock), and the oldest epochs fall off
 * while the sum is over the ghost's budget.
 */
export class Horizon {
  private readonly words: Int32Array
  private readonly floats: Float64Array
  private readonly journal: Journal
  private readonly epochsAt: number

  constructor(memory: Memory) {
    this.words = memory.words
    this.floats = memory.floats
    this.journal = new Journal(memory)
    this.epochsAt = memory.shape.horizonAt
  }

  /** The last stamp. */
  get head(): number {
    return this.words[C_GHOST_HEAD]
  }

  /** Goes on to `stamp`, which never goes back. Each epoch that falls off ends a step. */
  advance(stamp: number): void {
    if (stamp !== this.words[C_GHOST_HEAD]) {
      this.journal.set(C_GHOST_HEAD, stamp)
    }
    while (this.reach() >= HORIZON_EPOCHS) {
      this.drop()
    }
  }

  /** Counts `bytes` remembered at `stamp`, the last one. Each epoch that falls off ends a step. */
  add(stamp: number, bytes: number, budget: number): void {
    const { words, floats, journal } = this
    const epoch = this.epochAt(stamp)
    journal.set(epoch, words[epoch] + bytes)
    journal.addFloat(C_GHOST_LIVE >> 1, bytes)
    while (this.reach() > 0 && floats[C_GHOST_LIVE >> 1] - budget > this.slack(bytes)) {
      this.drop()
    }
  }

  /** The epoch that straddles the budget falls off when most of its items are beyond it. */
  private slack(itemBytes: number): number {
    return Math.max(0, this.words[this.epochAt(this.words[C_GHOST_TAIL])] - itemBytes) / 2
  }

  /** Whether what came at `stamp` is still remembered; it is counted no longer. */
  take(stamp: number, bytes: number): boolean {
    const { words, journal } = this
    if (((words[C_GHOST_HEAD] - stamp) & STAMP_MASK) > this.reach()) {
      return false
    }
    const epoch = this.epochAt(stamp)
    journal.set(epoch, words[epoch] - bytes)
    journal.addFloat(C_GHOST_LIVE >> 1, -bytes)
    return true
  }

  private reach(): number {
    return (this.words[C_GHOST_HEAD] - this.words[C_GHOST_TAIL]) & STAMP_MASK
  }

  private epochAt(stamp: number): number {
    return this.epochsAt + (stamp % HORIZON_EPOCHS)
  }

  private drop(): void {
    const { words, journal } = this
    const epoch = this.epochAt(words[C_GHOST_TAIL])
    journal.addFloat(C_GHOST_LIVE >> 1, -words[epoch])
    journal.set(epoch, 0)
    journal.set(C_GHOST_TAIL, (words[C_GHOST_TAIL] + 1) & STAMP_MASK)
    journal.commit()
  }
}
