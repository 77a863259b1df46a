/**
 * Values that tell where they come from: number of the key, length, a counter that rises with every
 * put, the deadline, and noise cut at a place that the counter names. Shorter ones than that carry
 * a byte pattern of their key and length.
 */
const HEADER_BYTES = 16
export const NO_DEADLINE = 0xffff_ffff

const NOISE_BYTES = 2 ** 18
const NOISE = Buffer.alloc(NOISE_BYTES)
for (let i = 0, x = 1; i < NOISE.length; i += 4) {
  x = (Math.imul(x, 1_664_525) + 1_013_904_223) | 0
  NOISE.writeInt32LE(x ^ (x >>> 15), i)
}

export interface Seal {
  readonly key: number
  readonly counter: number
  readonly deadline: number
}

/** Writes a value of `length` bytes to the start of `to`. */
export function sealInto(to: Buffer, length: number, { key, counter, deadline }: Seal): Buffer {
  const value = to.subarray(0, length)
  if (length < HEADER_BYTES) {
    return value.fill(patternOf(key, length))
  }
  value.writeUInt32LE(key, 0)
  value.writeUInt32LE(length, 4)
  value.writeUInt32LE(counter, 8)
  value.writeUInt32LE(deadline, 12)
  const from = noiseOf(counter, length)
  NOISE.copy(value, HEADER_BYTES, from, from + length - HEADER_BYTES)
  return value
}

/** What a value says of itself; a text where it is torn or another key's; undefined: too short. */
export function unseal(value: Buffer, key: number): Seal | string | undefined {
  const { length } = value
  if (length < HEADER_BYTES) {
    const isWhole = value.every((byte) => byte === patternOf(key, length))
    return isWhole ? undefined : `a short value of key ${key} is torn or foreign`
  }
  const counter = value.readUInt32LE(8)
  if (value.readUInt32LE(0) !== key) {
    return `key ${key} has a value of key ${value.readUInt32LE(0)}`
  }
  const from = noiseOf(counter, length)
  const noise = NOISE.subarray(from, from + length - HEADER_BYTES)
  if (value.readUInt32LE(4) !== length || !noise.equals(value.subarray(HEADER_BYTES))) {
    return `key ${key} has a torn value of ${length} bytes`
  }
  return { key, counter, deadline: value.readUInt32LE(12) }
}

function patternOf(key: number, length: number): number {
  return (key * 31 + length) & 0xff
}

function noiseOf(counter: number, length: number): number {
  return (Math.imul(counter, 0x9e3779b1) >>> 0) % (NOISE_BYTES - length)
}
