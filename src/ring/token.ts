import { xxh32 } from '../hash.js'

/**
 * Where the `index`-th token of node `id` stands, as an unsigned 32-bit position. It may look at
 * nothing else: only so does a change of one node leave the tokens of all others in place.
 */
export type TokenHash = (id: string, index: number) => number

/**
 * A part of the placement itself: another seed is another ring. Fixed, so that every thread and
 * every host computes the same circle.
 */
const TOKEN_SEED = 0x52494e47
const MAX_DIGITS = 10
const ZERO = 48

const encoder = new TextEncoder()

/**
 * The first `count` tokens of a node: XXH32 over id, a zero byte and the number in decimal digits.
 * Digits hold no zero byte, so the last one splits the label in only one way, and `node1` + `0`
 * can't stand where `node` + `10` does.
 */
export function tokensOf(id: string, count: number, hash?: TokenHash): Uint32Array {
  const tokens = new Uint32Array(count)
  if (hash !== undefined) {
    for (let i = 0; i < count; i++) tokens[i] = hash(id, i)
    return tokens
  }
  const name = encoder.encode(id)
  const label = new Uint8Array(name.length + 1 + MAX_DIGITS)
  label.set(name)
  const start = name.length + 1
  for (let i = 0; i < count; i++) {
    const end = writeDigits(label, start, i)
    tokens[i] = xxh32(label, 0, end, TOKEN_SEED)
  }
  return tokens
}

/** `number` in decimal at `start`; answers where the next byte would go. */
function writeDigits(bytes: Uint8Array, start: number, number: number): number {
  let digits = 1
  for (let bound = 10; number >= bound; bound *= 10) digits++
  let rest = number
  for (let at = start + digits - 1; at >= start; at--) {
    const tens = Math.floor(rest / 10)
    bytes[at] = ZERO + rest - tens * 10
    rest = tens
  }
  return start + digits
}
