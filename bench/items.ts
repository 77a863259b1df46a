import type { Bucket } from '../src/index.js'

/** What the quick set stores: keys of 16 bytes, values of 100. */
export const KEY_BYTES = 16
export const VALUE_BYTES = 100
const DIGITS_AT = 4
const BATCH = 1_000

const scratch = Buffer.from('key:000000000000', 'latin1')

/** A key as a parser makes it: a flat string that nobody has hashed yet. The form is redis-benchmark's. */
export function keyOf(index: number): string {
  let rest = index
  for (let at = KEY_BYTES - 1; at >= DIGITS_AT; at--) {
    const next = (rest / 10) | 0
    scratch[at] = 48 + rest - next * 10
    rest = next
  }
  return scratch.latin1Slice(0, KEY_BYTES)
}

/** 100 bytes of ASCII that differ from item to item. */
export function valueFor(index: number): Buffer {
  return Buffer.alloc(VALUE_BYTES, `value of ${index} `, 'latin1')
}

export async function fill(bucket: Bucket, count: number): Promise<void> {
  for (let from = 0; from < count; from += BATCH) {
    const length = Math.min(BATCH, count - from)
    const entries = Array.from({ length }, (_, i): [string, Buffer] => {
      return [keyOf(from + i), valueFor(from + i)]
    })
    await bucket.putMany(entries)
  }
}

/** All indexes below `count`, in an order that has nothing to do with that in which they were put. */
export function shuffled(count: number, seed: number): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, i) => i)
  const picks = randomIndexes(count, 2 ** 32, seed)
  for (let i = count - 1; i > 0; i--) {
    const j = picks[i] % (i + 1)
    const held = order[i]
    order[i] = order[j]
    order[j] = held
  }
  return order
}

/** Indexes below `limit`, evenly spread and the same in every run (xorshift, Marsaglia 2003). */
export function randomIndexes(count: number, limit: number, seed: number): Uint32Array {
  const indexes = new Uint32Array(count)
  let x = seed
  for (let i = 0; i < count; i++) {
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    indexes[i] = Math.floor(((x >>> 0) / 2 ** 32) * limit)
  }
  return indexes
}

declare global {
  // Node's own, which its types leave out: what its parsers make strings with.
  interface Buffer {
    latin1Slice(start: number, end: number): string
  }
}
