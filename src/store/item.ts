/**
 * An item in its chunk. Offsets in words from the chunk's start:
 *
 *      31   28 27                                  0
 *     +-------+-------------------------------------+
 *   0 | kind  | next in the eviction queue          |
 *   1 | flags | previous in the eviction queue      |
 *   2 | dl hi | next in the wheel's slot            |
 *   3 | dl hi | previous in the wheel's slot        |
 *   4 | deadline, low 32 bits (ms since the base)   |
 *   5 | version, low 32 bits                        |
 *   6 | version, high 16    | space (16)            |
 *   7 | value length (22)       | key length - 1 (10) |
 *     +---------------------------------------------+
 *   8 | key, padded with zeros to a word            |
 *     | content type: length byte, text; padded     |  if F_TYPED
 *     | value                                       |  or, if F_CHAINED: its length in bytes,
 *     +---------------------------------------------+  then one reference a segment
 *
 * A reference is a byte offset divided by 8: 28 bits reach 2 GiB. The 4 bits above hold what they
 * can. A deadline is 40 bits: the low nibbles of its high byte in word 2, the high ones in word 3.
 * Once linked, only words 0 to 4 of an item ever change, by the writer alone.
 */
export const HEADER_BYTES = 32
export const HEADER_WORDS = 8

export const I_NEXT = 0
export const I_PREV = 1
export const I_WHEEL_NEXT = 2
export const I_WHEEL_PREV = 3
export const I_DEADLINE = 4
export const I_VERSION = 5
export const I_SPACE = 6
export const I_SIZES = 7

export const REF_MASK = 0x0fff_ffff
export const TOP_MASK = 0xf000_0000 | 0

/** What a chunk holds, in the top bits of its word 0. */
export const KIND_FREE = 0
export const KIND_ITEM = 1
export const KIND_SEGMENT = 2
export const KIND_OVERFLOW = 3

/** Flags in the top bits of word 1. */
export const F_TYPED = 0x1000_0000
export const F_CHAINED = 0x2000_0000
export const F_MAIN = 0x4000_0000
export const F_OWN_QUEUE = 0x8000_0000 | 0

/** A segment: word 0 has kind and its item's reference (0 while unlinked), word 1 its index. */
export const SEGMENT_HEADER_BYTES = 8

export const MAX_KEY_BYTES = 1024
/** An item without a TTL. */
export const NEVER = 2 ** 40 - 1
export const MAX_VERSION = 2 ** 48 - 1

export function padded(bytes: number): number {
  return (bytes + 3) & ~3
}

/** Bytes of key and content type, each padded: where the value begins in an item's body. */
export function valueOffset(keyBytes: number, typeBytes: number): number {
  return padded(keyBytes) + (typeBytes === 0 ? 0 : padded(typeBytes + 1))
}

export function keyLengthOf(words: Int32Array, at: number): number {
  return (words[at + I_SIZES] & 0x3ff) + 1
}

/** Length of the value in bytes; a chained one keeps it in its body. */
export function valueLengthOf(words: Int32Array, at: number): number {
  if ((words[at + I_PREV] & F_CHAINED) === 0) {
    return words[at + I_SIZES] >>> 10
  }
  return words[at + bodyWordsBefore(words, at)]
}

/** Words from the chunk's start to the value (or to a chained value's length word). */
export function bodyWordsBefore(words: Int32Array, at: number): number {
  const key = HEADER_WORDS + ((keyLengthOf(words, at) + 3) >> 2)
  return (words[at + I_PREV] & F_TYPED) === 0 ? key : key + (((words[at + key] & 0xff) + 4) >> 2)
}

export function spaceOf(words: Int32Array, at: number): number {
  return words[at + I_SPACE] & 0xffff
}

export function versionOf(words: Int32Array, at: number): number {
  return (words[at + I_SPACE] >>> 16) * 2 ** 32 + (words[at + I_VERSION] >>> 0)
}

export function deadlineHighOf(words: Int32Array, at: number): number {
  return (words[at + I_WHEEL_NEXT] >>> 28) | ((words[at + I_WHEEL_PREV] >>> 28) << 4)
}

/** Milliseconds since the base; `NEVER` without a TTL. */
export function deadlineOf(words: Int32Array, at: number): number {
  return deadlineHighOf(words, at) * 2 ** 32 + (words[at + I_DEADLINE] >>> 0)
}

/** Sets the deadline and leaves the wheel links empty. */
export function setDeadline(words: Int32Array, at: number, deadline: number): void {
  const high = (deadline / 2 ** 32) | 0
  words[at + I_DEADLINE] = deadline | 0
  words[at + I_WHEEL_NEXT] = (high & 15) << 28
  words[at + I_WHEEL_PREV] = (high >>> 4) << 28
}
