import { CacheError } from '../../errors.js'
import type { Sink, Write } from '../../node/node.js'
import { NO_SPACE, STALE } from '../../store/order.js'
import { holdersOf, ownerOf, type Routes } from '../routes.js'
import { Turns } from '../turns.js'
import { type Answer, ask } from './ask.js'
import {
  type HeldKey,
  type HeldWrite,
  holdWrite,
  isFlushed,
  orderOf,
  renew,
  type Tenant,
} from './held.js'
import type { Meter } from './meter.js'
import { hasDisturbed, Replication } from './replicator.js'
import { type Fate, settle } from './settler.js'
import { transfer } from './transfer.js'

/** Writes that may wait for their keys' turns, and what their values may hold together. */
const MAX_HELD = 16_384
const MAX_HELD_BYTES = 256 * 2 ** 20
/** Changes of the ring that one write may be overtaken by. */
const MAX_TRIES = 16

/** The routes as they are now; `fenced` resolves when no node carries out orders of older ones. */
export interface Current extends Routes {
  readonly fenced: Promise<void>
}

interface Marks {
  mark(hash: number, by: 1 | -1): void
}

const NO_MARKS: Marks = { mark: () => {} }

/**
 * Orders the writes of keys that one node alone cannot order: those that are on their way from one
 * node to another, and those of buckets with copies. Such a key has a turn; whoever has it, a write or
 * the mover, is alone with the key.
 */
export class Coordinator {
  private readonly current: () => Current
  private readonly nextVersion: () => number
  private readonly turns = new Turns<number>()
  /** Told of keys that writes have brought to their place before the mover came by. */
  settledByWrite: (key: HeldKey, fate: Fate) => void = () => {}
  private held = 0
  private heldBytes = 0
  private isClosed = false

  /** Keys that move, in whose midst a write with copies is, and the epoch that it goes by. */
  private readonly inHand = new Map<number, number>()
  private readonly marks: Marks

  /** `marks`: where threads that are attached see what `isInHand` tells this one. */
  constructor(current: () => Current, nextVersion: () => number, marks: Marks = NO_MARKS) {
    this.current = current
    this.nextVersion = nextVersion
    this.marks = marks
  }

  /**
   * Whether those who keep copies of the key may have what its owner has not yet. A write of an epoch
   * before says nothing of it: who was the owner then is the former one now.
   */
  isInHand(hash: number): boolean {
    return this.inHand.size > 0 && this.inHand.get(hash) === this.current().ring.epoch
  }

  /**
   * Whether a write of the key has to come here instead of going to the key's owner at once. Throws
   * `closed`.
   */
  governs(hash: number, tenant: Tenant, routes: Routes<unknown>): boolean {
    if (this.isClosed) {
      throw new CacheError('closed', 'the cache is closed')
    }
    if (tenant.outreach > 0 || this.turns.isTaken(hash)) {
      return true
    }
    const { before } = routes
    return before !== undefined && ownerOf(before, hash) !== ownerOf(routes, hash)
  }

  /** As Node.submit. Throws `overloaded`; `sink` is told when the key's turn came and went. */
  submit(tenant: Tenant, write: Write, sink: Sink, index: number): void {
    const bytes = write.value.length
    if (this.held >= MAX_HELD || this.heldBytes + bytes > MAX_HELD_BYTES) {
      throw new CacheError(
        'overloaded',
        'too many writes wait for keys that are being moved or copied: try again in a moment',
      )
    }
    this.held++
    this.heldBytes += bytes
    const held = holdWrite(tenant, write, sink, index)
    this.turns
      .take(held.key.hash, () => this.carryOut(held).finally(() => this.letGo(held.key.hash)))
      .then(({ outcome, version }) => sink.settle(index, outcome, version))
      .catch((error: unknown) => sink.fail(index, asCacheError(error, held.isUnderWay)))
      .finally(() => {
        this.held--
        this.heldBytes -= bytes
      })
  }

  /** Takes no more writes; resolves when those that wait have had their turn. */
  async close(): Promise<void> {
    this.isClosed = true
    while (this.held > 0) {
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  /** Brings keys to where they belong, each in its turn; returns what it came to, in their order. */
  async settle(keys: readonly HeldKey[], meter: Meter): Promise<Fate[]> {
    const routes = await this.ready()
    const simple = keys.filter((key) => this.isSimple(key))
    const subjects = simple.map((key) => key.hash)
    const moved = await this.turns.takeAll(subjects, () => transfer(simple, routes, meter))
    const done = new Map(simple.map((key, i) => [key, moved[i]]))
    return Promise.all(
      keys.map((key) => {
        const one = done.get(key)
        const isDone = one !== undefined && one.settled !== 'stale'
        return isDone ? one : this.turns.take(key.hash, () => this.settled(key))
      }),
    )
  }

  /** Whether the key can be settled together with others. */
  private isSimple(key: HeldKey): boolean {
    return key.tenant.outreach === 0 && !this.turns.isTaken(key.hash)
  }

  private async carryOut(write: HeldWrite): Promise<Answer> {
    const replication = new Replication(write, this.nextVersion)
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const routes = await this.ready()
      if (isFlushed(write)) {
        if (replication.decision !== undefined) {
          return replication.decision // carried out just before the flush
        }
        renew(write)
      }
      const { key } = write
      this.letGo(key.hash)
      if (routes.before !== undefined) {
        const fate = await settle(key, routes)
        if (fate.settled === 'stale') {
          continue
        }
        this.settledByWrite(key, fate)
      }
      const answer = await this.apply(write, replication, routes)
      if (answer.outcome !== STALE && !(answer.outcome === NO_SPACE && isFlushed(write))) {
        return answer
      }
    }
    throw overtaken()
  }

  private async apply(
    write: HeldWrite,
    replication: Replication,
    routes: Current,
  ): Promise<Answer> {
    const { key, op, condition, version, deadline, type, value } = write
    const { fence } = routes
    const { record, outreach } = key.tenant
    if (outreach === 0) {
      const rest = { condition, version, deadline, type, value }
      return ask(ownerOf(routes, key.hash), orderOf(key, fence, op, rest))
    }
    if (outreach > record.replicas && (await settle(key, routes)).settled === 'stale') {
      return { outcome: STALE, version: 0 }
    }
    const holders = holdersOf(routes, key.hash, record.replicas)
    if (routes.before !== undefined && !this.inHand.has(key.hash)) {
      this.inHand.set(key.hash, routes.ring.epoch)
      this.marks.mark(key.hash, 1)
    }
    try {
      const answer = await replication.attempt(holders, fence)
      if (hasDisturbed(answer)) {
        await this.settled(key)
      }
      return answer
    } catch (error) {
      await this.settled(key).catch(() => {}) // copies that the write has left, as far as can be
      throw error
    }
  }

  private letGo(hash: number): void {
    if (this.inHand.delete(hash)) {
      this.marks.mark(hash, -1)
    }
  }

  private async settled(key: HeldKey): Promise<Fate> {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const fate = await settle(key, await this.ready())
      if (fate.settled !== 'stale') {
        return fate
      }
    }
    throw overtaken()
  }

  /** Resolves when nothing is under way any more that older routes, or options, have sent. */
  async caughtUp(): Promise<void> {
    await this.ready()
    await this.turns.over()
  }

  /** The routes, once no node carries out anything that older ones sent. */
  private async ready(): Promise<Current> {
    for (;;) {
      const routes = this.current()
      await routes.fenced
      if (routes === this.current()) {
        return routes
      }
    }
  }
}

function overtaken(): CacheError {
  return new CacheError('recovering', 'the ring keeps changing: try again')
}

function asCacheError(error: unknown, isUnderWay: boolean): CacheError {
  if (!(error instanceof CacheError)) {
    return new CacheError('internal', String(error), { maybeStored: true, cause: error })
  }
  const { code, message, maybeStored } = error
  return maybeStored || !isUnderWay ? error : new CacheError(code, message, { maybeStored: true })
}
