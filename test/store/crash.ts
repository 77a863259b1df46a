import { adopt } from '../../src/store/adopt.js'
import { Memory } from '../../src/store/layout.js'
import { Reader } from '../../src/store/reader.js'
import { Scanner } from '../../src/store/scan.js'
import { Store } from '../../src/store/store.js'
import { BASE_MS, Pen, SEED } from './pen.js'

/** The writer's death in these tests. */
class Death extends Error {}

/** A copy of a store's memory, as a fresh thread finds it. */
export function copyOf(memory: Memory): Memory {
  const buffer = new SharedArrayBuffer(memory.buffer.byteLength)
  new Uint8Array(buffer).set(memory.bytes)
  return Memory.attach(buffer)
}

/** Runs an operation on a copy of the memory and counts its stores to memory. */
export function countStores(memory: Memory, operation: (store: Store) => void): number {
  const { store, stores } = mortal(copyOf(memory), Number.POSITIVE_INFINITY)
  operation(store)
  return stores()
}

/** Runs an operation on a copy, lets the writer die before store number `n`, and adopts the memory. */
export function dieAt(
  memory: Memory,
  n: number,
  now: number,
  operation: (store: Store) => void,
): { survivor: Store; memory: Memory } {
  const copy = copyOf(memory)
  try {
    operation(mortal(copy, n).store)
  } catch (error) {
    if (!(error instanceof Death)) {
      throw error
    }
  }
  return { survivor: adopt(copy, now), memory: copy }
}

/**
 * A store that throws before its n-th write to memory. Its views are wrapped, so that each single
 * store is a moment to die at; a bulk copy is two, its begin and its end.
 */
function mortal(memory: Memory, dieAtStore: number): { store: Store; stores: () => number } {
  const store = new Store(memory)
  let count = 0
  const tick = () => {
    if (++count >= dieAtStore) {
      throw new Death()
    }
  }
  const bulk = new Set<unknown>(['set', 'fill', 'copyWithin'])
  const wrapped = new Map<object, object>()
  for (const view of [memory.words, memory.bytes, memory.floats]) {
    const proxy = new Proxy(view, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name, target)
        if (typeof value !== 'function') {
          return value
        }
        return (...args: unknown[]) => {
          if (bulk.has(name)) tick()
          const result: unknown = value.apply(target, args)
          if (bulk.has(name)) tick()
          return result
        }
      },
      set(target, name, value) {
        tick()
        return Reflect.set(target, name, value, target)
      },
    })
    wrapped.set(view, proxy)
  }
  wrapViews(store, wrapped, new Set([memory]))
  for (const method of ['open', 'close'] as const) {
    store.table[method] = (line: number) => {
      tick()
      Atomics.add(memory.words, line, 1)
    }
  }
  return { store, stores: () => count }
}

/** Replaces the views in every part that the store consists of. */
function wrapViews(part: object, wrapped: Map<object, object>, seen: Set<object>): void {
  seen.add(part)
  for (const [name, value] of Object.entries(part)) {
    if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) {
      const proxy = wrapped.get(value)
      if (proxy !== undefined) Reflect.set(part, name, proxy)
    } else if (!seen.has(value)) {
      wrapViews(value, wrapped, seen)
    }
  }
}

/** All that can be read in a memory: `space/key` and what is known of it. */
export function contents(memory: Memory, spaces: number, now: number): Map<string, string> {
  const clock = () => BASE_MS + now
  const reader = new Reader(memory, clock, false)
  const scanner = new Scanner(memory, clock, false)
  const { scratch } = new Pen()
  const all = new Map<string, string>()
  for (let space = 1; space < spaces; space++) {
    const { keys } = scanner.scan(space, new Uint8Array(0), 0, 1_000_000, 1_000_000)
    for (const key of keys) {
      scratch.encode(key)
      const found = reader.find(scratch.hash(SEED), scratch.words, scratch.length, space)
      const value = found?.value.toString('base64')
      all.set(`${space}/${key}`, [found?.version, found?.deadline, found?.type, value].join(' '))
    }
  }
  return all
}
