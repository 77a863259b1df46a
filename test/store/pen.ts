import { KeyScratch } from '../../src/key.js'
import { NEVER, padded } from '../../src/store/item.js'
import { Memory } from '../../src/store/layout.js'
import { IF_ANY, OP_PUT, Order } from '../../src/store/order.js'
import { Reader } from '../../src/store/reader.js'
import { Store } from '../../src/store/store.js'

export const SEED = 0x1234

/** Writes orders by hand: what a node does for the engine, spelled out for the store's tests. */
export class Pen {
  readonly order = new Order()
  readonly scratch = new KeyScratch()
  private readonly buffer = new ArrayBuffer(40 * 2 ** 20)
  private readonly bytes = Buffer.from(this.buffer)

  constructor() {
    this.order.words = new Int32Array(this.buffer)
    this.order.bytes = new Uint8Array(this.buffer)
  }

  write(
    space: number,
    key: string,
    value: Uint8Array | string = '',
    options: {
      type?: string
      deadline?: number
      condition?: number
      version?: number
      op?: number
    } = {},
  ): Order {
    const { order, bytes, scratch } = this
    scratch.encode(key)
    order.op = options.op ?? OP_PUT
    order.space = space
    order.hash = scratch.hash(SEED)
    order.condition = options.condition ?? IF_ANY
    order.version = options.version ?? 0
    order.deadline = options.deadline ?? NEVER
    order.keyBytes = scratch.length
    bytes.set(scratch.bytes.subarray(0, padded(scratch.length)), 0)
    let at = padded(scratch.length)
    const type = options.type ?? ''
    order.typeBytes = type.length
    if (type !== '') {
      bytes[at] = type.length
      bytes.write(type, at + 1, 'latin1')
      at += padded(type.length + 1)
    }
    const source = typeof value === 'string' ? Buffer.from(value) : value
    bytes.set(source, at)
    order.valueBytes = source.length
    return order
  }
}

export interface Bench {
  store: Store
  reader: Reader
  memory: Memory
  clock: { now: number }
  pen: Pen
}

export const BASE_MS = 1_000_000

/** A store of `sizeBytes` with spaces 1 to `open` open, its clock at the base. */
export function bench(sizeBytes = 2 ** 21, spaces = 16, open = 4): Bench {
  const clock = { now: 0 }
  const memory = Memory.create(sizeBytes, spaces, BASE_MS)
  const store = new Store(memory)
  store.grantVersions(1, 2 ** 40)
  for (let space = 1; space <= open; space++) {
    store.openSpace(space, SEED, 0, 0)
  }
  const reader = new Reader(memory, () => BASE_MS + clock.now, false)
  return { store, reader, memory, clock, pen: new Pen() }
}
