import { xxh32Words } from '../src/hash.js'
import type { Memory } from '../src/store/layout.js'
import { CREATED, Order } from '../src/store/order.js'
import { Store } from '../src/store/store.js'
import { KEY_BYTES, keyOf, VALUE_BYTES, valueFor } from './items.js'

/** The one bucket's space, and its seed. */
export const SPACE = 1
const SEED = 0x5eed
const VERSIONS = 2 ** 40

export interface DirectStore {
  readonly store: Store
  /** Puts item `index` at time 0, with this deadline. */
  put(index: number, deadline: number): void
}

/** A store without a node around it, so that the caller holds the clock. */
export function openDirectStore(memory: Memory): DirectStore {
  const store = new Store(memory)
  store.openSpace(SPACE, SEED, 0, 0)
  store.grantVersions(1, VERSIONS)
  const bytes = Buffer.alloc(KEY_BYTES + VALUE_BYTES)
  const order = new Order()
  order.space = SPACE
  order.keyBytes = KEY_BYTES
  order.valueBytes = VALUE_BYTES
  order.words = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2)
  order.bytes = bytes
  const value = valueFor(0)
  const put = (index: number, deadline: number) => {
    bytes.latin1Write(keyOf(index), 0)
    bytes.set(value, KEY_BYTES)
    order.hash = xxh32Words(order.words, 0, KEY_BYTES, SEED)
    order.deadline = deadline
    const outcome = store.put(order, 0)
    if (outcome !== CREATED) throw new Error(`item ${index} was answered with ${outcome}`)
  }
  return { store, put }
}
