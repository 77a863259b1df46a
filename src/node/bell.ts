import { C_NODE } from '../store/layout.js'

/** Words of a node's memory that its worker and those who write to it share. */
export const N_BELL = C_NODE
export const N_SLEEPING = C_NODE + 16
export const N_STOP = C_NODE + 17
/** 1 while the worker carries out orders: 0 while it starts, or adopts what a dead one left. */
export const N_READY = C_NODE + 19
/** 1 while a worker is in charge: found set by its successor, it says that the first one died. */
export const N_IN_CHARGE = C_NODE + 18
export const N_INTENT_SEQUENCE = C_NODE + 32
/** Writes that went by routes of a lower fence are refused: their routers are to look again. */
export const N_FENCE = C_NODE + 33
/** How many workers in a row died in the order of that sequence number. */
export const N_DEATHS = C_NODE + 34
export const N_DEATHS_SEQUENCE = C_NODE + 35
/** Of which mailbox N_INTENT_SEQUENCE and N_DEATHS_SEQUENCE are. */
export const N_INTENT_MAILBOX = C_NODE + 36
export const N_DEATHS_MAILBOX = C_NODE + 37

/** States of N_SLEEPING. */
const AWAKE = 0
const ASLEEP = 1
const NAPPING = 2

/**
 * Wakes a node's worker if it sleeps; if it naps, only where the caller is in a hurry: it will look
 * by itself in a moment, and a wake-up costs the caller several microseconds. The caller has
 * published its order before.
 */
export function ring(words: Int32Array, isHurried: boolean): void {
  const state = Atomics.load(words, N_SLEEPING)
  if (state === ASLEEP || (state === NAPPING && isHurried)) {
    if (Atomics.compareExchange(words, N_SLEEPING, state, AWAKE) === state) {
      Atomics.add(words, N_BELL, 1)
      Atomics.notify(words, N_BELL)
    }
  }
}

/**
 * Sleeps until the bell rings, or `ms` have passed. `isIdle` is asked once more after the bell is
 * armed: an order published before that look is seen by it, a later one rings.
 */
export function sleep(words: Int32Array, ms: number, isIdle: () => boolean): void {
  rest(words, ASLEEP, ms, isIdle)
}

/** Sleeps for a moment, in which most orders do not ring. */
export function nap(words: Int32Array, ms: number, isIdle: () => boolean): void {
  rest(words, NAPPING, ms, isIdle)
}

function rest(words: Int32Array, state: number, ms: number, isIdle: () => boolean): void {
  const seen = Atomics.load(words, N_BELL)
  Atomics.store(words, N_SLEEPING, state)
  if (isIdle()) {
    Atomics.wait(words, N_BELL, seen, ms)
  }
  Atomics.store(words, N_SLEEPING, AWAKE)
}
