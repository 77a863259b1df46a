import * as assert from 'uvu/assert'
import {
  deadlineOf,
  I_WHEEL_NEXT,
  I_WHEEL_PREV,
  NEVER,
  REF_MASK,
  setDeadline,
} from '../../src/store/item.js'
import { Memory, WHEEL_SLOTS } from '../../src/store/layout.js'
import { Wheel } from '../../src/store/wheel.js'
import { Chance } from './chance.js'

/** A wheel alone, and beside it a plain map of deadlines. */
export class WheelRig {
  readonly memory = Memory.create(2 ** 20, 1, 0)
  readonly wheel = new Wheel(this.memory)
  readonly deadlines = new Map<number, number>()
  readonly expired: number[] = []
  private readonly first = this.memory.shape.pagesAt >> 1
  /** The time last advanced to. */
  now = 0
  /** Whether the last advance stopped at its limit: work waits in slots whose turn has come. */
  private isBehind = false

  /** The reference of item number `n`: only its header's words are used. */
  ref(n: number): number {
    return this.first + n * 4
  }

  schedule(n: number, deadline: number): void {
    setDeadline(this.memory.words, this.ref(n) << 1, deadline)
    this.wheel.schedule(this.ref(n))
    this.deadlines.set(n, deadline)
  }

  deschedule(n: number): void {
    this.wheel.deschedule(this.ref(n))
    this.deadlines.delete(n)
  }

  /** Advances, and holds each expiry against the map. Returns what is left of the limit. */
  advance(now: number, limit: number): number {
    this.now = Math.max(this.now, now)
    let expiries = 0
    const left = this.wheel.advance(now, limit, (refs, count) => {
      for (const ref of refs.subarray(0, count)) {
        const n = (ref - this.first) / 4
        const deadline = this.deadlines.get(n)
        assert.ok(deadline !== undefined, `item ${n} expires twice`)
        assert.ok(deadline <= now, `item ${n} expires ${deadline - now} ms too early`)
        this.deschedule(n)
        this.expired.push(n)
        expiries++
      }
    })
    assert.ok(expiries <= limit, 'more expired than the limit allows')
    this.isBehind = left === 0
    if (left > 0) {
      assert.is(this.wheel.now, Math.max(now, this.wheel.now))
      for (const [n, deadline] of this.deadlines) {
        assert.ok(deadline > now, `item ${n} was due, and stayed`)
      }
    }
    return left
  }

  /** Every link and bit; each item stands in the slot that its deadline and the time say. */
  check(): void {
    const { words } = this.memory
    const seen = new Set<number>()
    this.wheel.lists((list, slot, first) => {
      assert.ok(this.wheel.isBitRight(slot), `bit of slot ${slot}`)
      let before = list + 1
      for (let ref = first; ref !== 0; ref = words[(ref << 1) + I_WHEEL_NEXT] & REF_MASK) {
        assert.not.ok(seen.has(ref), 'an item stands twice')
        seen.add(ref)
        assert.is(words[(ref << 1) + I_WHEEL_PREV] & REF_MASK, before, 'a link back')
        assert.is(deadlineOf(words, ref << 1), this.deadlines.get((ref - this.first) / 4))
        this.checkSlot(ref, slot)
        before = ref
      }
    })
    const timed = [...this.deadlines.values()].filter((deadline) => deadline !== NEVER)
    assert.is(seen.size, timed.length, 'items scheduled')
    this.checkNext(timed)
  }

  private checkSlot(ref: number, slot: number): void {
    const level = Math.floor(slot / WHEEL_SLOTS)
    const turn = Math.floor(this.wheel.now / 2 ** (8 * level)) % WHEEL_SLOTS
    const waits = slot % WHEEL_SLOTS === turn
    assert.ok(waits || this.wheel.slotOf(ref) === slot, `item ${ref} in slot ${slot}`)
  }

  /** next() is never later than a deadline, and Infinity only of an empty wheel. */
  private checkNext(timed: readonly number[]): void {
    const next = this.wheel.next()
    if (timed.length === 0) {
      assert.is(next, Number.POSITIVE_INFINITY)
      return
    }
    const earliest = Math.max(this.wheel.now, Math.min(...timed))
    assert.ok(next <= earliest, `next() is ${next}, a deadline is ${earliest}`)
    assert.ok(next >= this.wheel.now)
    const sameTurn = earliest - this.wheel.now < WHEEL_SLOTS - (this.wheel.now % WHEEL_SLOTS)
    if (sameTurn && !this.isBehind) {
      assert.is(next, earliest, 'next() within the turn of the first level')
    }
  }
}

const SPANS = [2, 300, 70_000, 20_000_000, 5_000_000_000, 31_536_000_000]

/** A store's time ends after 34 years, at 2^40 ms: the fuzzer begins anew before that. */
const LATEST = 2 ** 39

/** Random schedules, changes and advances, every link verified after every step. */
export function fuzzWheel(seed: number, steps: number, items: number): number {
  const chance = new Chance(seed)
  let rig = new WheelRig()
  let expired = 0
  for (let step = 1; step <= steps; step++) {
    try {
      if (rig.now > LATEST) {
        rig = new WheelRig()
      }
      stepOf(rig, chance, items)
      rig.check()
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause)
      throw new Error(`seed ${seed}, step ${step}: ${why}`, { cause })
    }
    expired += rig.expired.length
    rig.expired.length = 0
  }
  return expired
}

function stepOf(rig: WheelRig, chance: Chance, items: number): void {
  const n = chance.below(items)
  const dice = chance.below(10)
  if (dice < 5) {
    if (rig.deadlines.has(n)) {
      rig.deschedule(n)
    }
    const ahead = chance.below(chance.pick(SPANS))
    rig.schedule(n, chance.once(20) ? NEVER : Math.max(0, rig.now + ahead - chance.below(3)))
  } else if (dice === 5) {
    if (rig.deadlines.has(n)) {
      rig.deschedule(n)
    }
  } else {
    const ahead = chance.below(chance.pick(chance.once(10) ? SPANS : SPANS.slice(0, 3)))
    rig.advance(rig.now + ahead, 1 + chance.below(chance.once(3) ? 3 : 60))
  }
}
