import { adopt } from '../../src/store/adopt.js'
import { Memory } from '../../src/store/layout.js'
import { Reader } from '../../src/store/reader.js'
import { Scanner } from '../../src/store/scan.js'
import { Store } from '../../src/store/store.js'
import { copyOf, Limit } from './mortal.js'
import { BASE_MS, Pen, SEED } from './pen.js'

/** Runs an operation on a copy of the memory and counts its stores to memory. */
export function countStores(memory: Memory, operation: (store: Store) => void): number {
  return lifeOn(copyOf(memory), Number.POSITIVE_INFINITY, operation)
}

/** Runs an operation on a copy, lets the writer die before store number `n`, and adopts the memory. */
export function dieAt(
  memory: Memory,
  n: number,
  now: number,
  operation: (store: Store) => void,
): { survivor: Store; memory: Memory } {
  const copy = copyOf(memory)
  lifeOn(copy, n, operation)
  return { survivor: adopt(copy, now), memory: copy }
}

/** Lets a writer work on the memory until it dies before its store number `n`, or is done. */
export function lifeOn(memory: Memory, n: number, operation: (store: Store) => void): number {
  const limit = new Limit(n)
  const store = new Store(limit.wrapViews(Memory.attach(memory.buffer)))
  limit.run(() => operation(store))
  return limit.count
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
