/** Loaded by `--import` into every thread of an arena: a node's worker can be told to die. */
import { isMainThread } from 'node:worker_threads'
import { C_NODE } from '../../src/store/layout.js'
import { Residents } from '../../src/store/residents.js'
import { Slab } from '../../src/store/slab.js'
import { Store } from '../../src/store/store.js'
import { Table } from '../../src/store/table.js'
import { Wheel } from '../../src/store/wheel.js'

/** Words of a node that nothing else uses: in how many calls of the store to die, and how. */
export const DIE_IN = C_NODE + 62
export const DIE_HOW = C_NODE + 63
export const BY_THROW = 1
export const BY_EXIT = 2
export const BY_HEAP = 3

/** The heap of the thread is all there is for it: V8 ends it, and nothing else. */
function exhaust(): never {
  const held: object[] = []
  for (;;) held.push(new Array(1_000).fill(held))
}

const inner = [Store, Table, Slab, Residents, Wheel]

if (!isMainThread) {
  let words: Int32Array | undefined
  const wait = () => {
    if (words === undefined || words[DIE_IN] === 0 || --words[DIE_IN] > 0) return
    if (words[DIE_HOW] === BY_EXIT) process.exit(7)
    if (words[DIE_HOW] === BY_HEAP) exhaust()
    throw new Error('told to die here')
  }
  for (const { prototype } of inner) {
    for (const [name, { value: method }] of Object.entries(
      Object.getOwnPropertyDescriptors(prototype),
    )) {
      if (name === 'constructor' || typeof method !== 'function') continue
      Object.defineProperty(prototype, name, {
        configurable: true,
        writable: true,
        value(this: { memory?: { words?: Int32Array } }, ...args: unknown[]): unknown {
          // Once in charge, that is: a worker that is still adopting is not to die again.
          if (this instanceof Store) words = this.memory.words
          wait()
          return Reflect.apply(method, this, args)
        },
      })
    }
  }
}
