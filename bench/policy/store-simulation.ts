import { KeyScratch } from '../../src/key.js'
import { NEVER, padded } from '../../src/store/item.js'
import { Memory } from '../../src/store/layout.js'
import { IF_ANY, OP_PUT, Order } from '../../src/store/order.js'
import { Reader } from '../../src/store/reader.js'
import { Store } from '../../src/store/store.js'
import type { Trace } from './trace-file.js'

const DEFAULT_SEED = 0x1234
const SPACE = 1

/** The store itself as a simulator: a get, and on a miss a put of `valueBytes(size)` bytes. */
export class StoreSimulation {
  readonly store: Store
  private readonly reader: Reader
  private readonly scratch = new KeyScratch()
  private readonly order = new Order()
  private readonly body = new ArrayBuffer(33 * 2 ** 20)
  private readonly seed: number

  /** `seed`: of the bucket's hash, which also chooses what the policy samples. */
  constructor(memoryBytes: number, seed = DEFAULT_SEED) {
    this.seed = seed
    const memory = Memory.create(memoryBytes, 4, 0)
    this.store = new Store(memory)
    this.store.grantVersions(1, 2 ** 40)
    this.store.openSpace(SPACE, seed, 0, 0)
    this.reader = new Reader(memory, () => 0, false)
    this.order.space = SPACE
    this.order.op = OP_PUT
    this.order.condition = IF_ANY
    this.order.deadline = NEVER
    this.order.words = new Int32Array(this.body)
    this.order.bytes = new Uint8Array(this.body)
  }

  /** Plays the trace and returns the misses. */
  run({ keys }: Trace, valueBytes: (index: number) => number): number {
    let misses = 0
    for (let i = 0; i < keys.length; i++) {
      if (!this.get(keys[i])) {
        misses++
        this.put(valueBytes(i))
      }
    }
    return misses
  }

  holds(key: number): boolean {
    const { scratch } = this
    scratch.encode(`key:${key}`)
    return this.reader.has(scratch.hash(this.seed), scratch.words, scratch.length, SPACE)
  }

  private get(key: number): boolean {
    const { scratch } = this
    scratch.encode(`key:${key}`)
    const hash = scratch.hash(this.seed)
    return this.reader.bytesOf(hash, scratch.words, scratch.length, SPACE) !== undefined
  }

  /** Puts the key that was just looked for. */
  private put(valueBytes: number): void {
    const { scratch, order } = this
    order.hash = scratch.hash(this.seed)
    order.keyBytes = scratch.length
    order.valueBytes = valueBytes
    order.bytes.set(scratch.bytes.subarray(0, padded(scratch.length)))
    this.store.put(order, 0)
  }
}
