import type { Rule } from './rules.js'

/** A victim is taken as it is after so many second chances, so that a put's work is bounded. */
const MAX_CHANCES = 4096
/** In a contest M's hand looks at no more than so many. */
const CONTEST_LOOKS = 16
/** How much more often the challenger must have been asked for: the sketch errs upwards. */
const LEAD = 1
/** Items beyond S's share that go to M at once, where S was larger under another rule. */
const SURPLUS_AT_ONCE = 8
/** Two FIFO queues a set, S and M, as the choice of a victim sees them. */
export interface Queues {
  smallTail(set: number): number
  mainTail(set: number): number
  smallBytes(set: number): number
  mainBytes(set: number): number
  itemBytes(ref: number): number
  frequency(ref: number): number
  setFrequency(ref: number, frequency: number): void
  /** To the head of M, its frequency as it is. */
  promote(ref: number, set: number): void
  /** How often the item's key was asked for lately, as far as is known beside its frequency. */
  estimate(ref: number): number
  /** The item gives up `count` of its frequency: what is known beside it may count that. */
  credit(ref: number, set: number, count: number): void
  /** The ghost is told of a victim from S. */
  remember(ref: number, set: number, capacity: number): void
}

/**
 * The item of the set that should go next by the rule, or 0 where the set is empty. It stays linked.
 * `capacity`: bytes that the set can hold as things are.
 */
export function pickVictim(queues: Queues, set: number, rule: Rule, capacity: number): number {
  const share = Math.floor(capacity * rule.smallShare)
  return rule.contest
    ? contested(queues, set, share, capacity)
    : queued(queues, set, rule, capacity, share)
}

/** S's first tail that was read too little, or M's without frequency, whichever queue is too long. */
function queued(queues: Queues, set: number, rule: Rule, capacity: number, share: number): number {
  for (let chances = MAX_CHANCES; chances > 0; chances--) {
    const ref = queues.smallTail(set)
    const hasMain = queues.mainTail(set) !== 0
    if (ref === 0 || (hasMain && queues.mainBytes(set) > capacity - share)) {
      return hasMain ? mainVictim(queues, set, chances) : ref
    }
    const frequency = queues.frequency(ref)
    queues.credit(ref, set, frequency)
    if (frequency < rule.promoteAt) {
      queues.remember(ref, set, capacity)
      return ref
    }
    queues.promote(ref, set)
    queues.setFrequency(ref, 0)
  }
  return queues.smallTail(set) || queues.mainTail(set)
}

/** M's first tail without frequency left; the others go round with one less, at most `looks`. */
function mainVictim(queues: Queues, set: number, looks: number): number {
  for (let left = looks; ; left--) {
    const ref = queues.mainTail(set)
    const frequency = queues.frequency(ref)
    if (frequency === 0 || left <= 0) {
      return ref
    }
    queues.promote(ref, set)
    queues.setFrequency(ref, frequency - 1)
    queues.credit(ref, set, 1)
  }
}

/** S's tail, or for its sake an item of M that is asked for less often. */
function contested(queues: Queues, set: number, share: number, capacity: number): number {
  for (let n = 0; n < SURPLUS_AT_ONCE; n++) {
    const ref = queues.smallTail(set)
    if (ref === 0 || queues.smallBytes(set) - queues.itemBytes(ref) <= share) {
      break
    }
    queues.promote(ref, set)
  }
  const candidate = queues.smallTail(set)
  if (queues.mainTail(set) === 0) {
    return candidate
  }
  if (candidate === 0 || queues.smallBytes(set) < share) {
    return mainVictim(queues, set, CONTEST_LOOKS)
  }
  const frequency = queues.frequency(candidate)
  const worth = queues.estimate(candidate) + frequency
  queues.credit(candidate, set, frequency)
  if (worth > LEAD) {
    const holder = mainVictim(queues, set, CONTEST_LOOKS)
    if (worth > queues.estimate(holder) + queues.frequency(holder) + LEAD) {
      queues.promote(candidate, set)
      queues.setFrequency(candidate, 0)
      return holder
    }
  }
  queues.remember(candidate, set, capacity)
  return candidate
}
