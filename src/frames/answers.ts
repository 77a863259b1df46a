import {
  COUNT,
  FrameError,
  FrameReader,
  HEAD_BYTES,
  OUTCOMES,
  VALUES,
  writeHead,
  writeU32,
} from './frame.js'

/** In the place of a value's length: there is none. Beyond every length that fits an answer. */
export const NO_VALUE = 0xffff_ffff

/** kind · count · for each: u32 length, or NO_VALUE; bytes */
export function encodeValues(values: readonly (Uint8Array | undefined)[]): Uint8Array {
  const size = values.reduce((sum, value) => sum + 4 + (value?.length ?? 0), HEAD_BYTES)
  const bytes = new Uint8Array(size)
  let at = writeHead(bytes, VALUES, values.length)
  for (const value of values) {
    at = writeU32(bytes, at, value?.length ?? NO_VALUE)
    if (value !== undefined) {
      bytes.set(value, at)
      at += value.length
    }
  }
  return bytes
}

/** The values are views of `bytes`. */
export function decodeValues(bytes: Uint8Array): (Uint8Array | undefined)[] {
  const reader = new FrameReader(bytes)
  const count = reader.head(VALUES)
  const values: (Uint8Array | undefined)[] = []
  for (let index = 0; index < count; index++) {
    reader.index = index
    const length = reader.u32('the length of a value')
    if (length === NO_VALUE) {
      values.push(undefined)
    } else {
      const at = reader.take(length, 'a value')
      values.push(bytes.subarray(at, at + length))
    }
  }
  reader.end()
  return values
}

/** kind · count · a bit for each, the first one lowest; bits that are left over are 0 */
export function encodeOutcomes(outcomes: readonly boolean[]): Uint8Array {
  const bytes = new Uint8Array(HEAD_BYTES + Math.ceil(outcomes.length / 8))
  const at = writeHead(bytes, OUTCOMES, outcomes.length)
  outcomes.forEach((outcome, i) => {
    if (outcome) bytes[at + (i >>> 3)] |= 1 << (i & 7)
  })
  return bytes
}

export function decodeOutcomes(bytes: Uint8Array): boolean[] {
  const reader = new FrameReader(bytes)
  const count = reader.head(OUTCOMES)
  const at = reader.take(Math.ceil(count / 8), 'the list of outcomes')
  reader.end()
  const outcomes: boolean[] = []
  for (let i = 0; i < count; i++) outcomes.push((bytes[at + (i >>> 3)] & (1 << (i & 7))) !== 0)
  if ((count & 7) !== 0 && bytes[bytes.length - 1] >>> (count & 7) !== 0) {
    throw new FrameError('bits are set beyond the last outcome', bytes.length - 1)
  }
  return outcomes
}

/** kind · u32 */
export function encodeCount(count: number): Uint8Array {
  const bytes = new Uint8Array(HEAD_BYTES)
  writeHead(bytes, COUNT, count)
  return bytes
}

export function decodeCount(bytes: Uint8Array): number {
  const reader = new FrameReader(bytes)
  const count = reader.head(COUNT)
  reader.end()
  return count
}
