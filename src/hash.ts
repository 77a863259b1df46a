/**
 * XXH32 (Yann Collet, https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md) over a byte
 * array, written out because a native call costs twenty times what a short key's hash does.
 * xxhash-addon is the reference that the tests hold it against.
 */
const P1 = 0x9e3779b1 | 0
const P2 = 0x85ebca77 | 0
const P3 = 0xc2b2ae3d | 0
const P4 = 0x27d4eb2f | 0
const P5 = 0x165667b1 | 0

const imul = Math.imul

function round(acc: number, lane: number): number {
  const sum = (acc + imul(lane, P2)) | 0
  return imul((sum << 13) | (sum >>> 19), P1)
}

function lane(bytes: Uint8Array, at: number): number {
  return bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24)
}

/** The last steps: every bit of the sum reaches every bit of the hash. */
function avalanche(sum: number): number {
  let h = sum ^ (sum >>> 15)
  h = imul(h, P2)
  h ^= h >>> 13
  h = imul(h, P3)
  return (h ^ (h >>> 16)) >>> 0
}

/** XXH32 of `bytes[start, start + length)`, as an unsigned 32-bit integer. */
export function xxh32(bytes: Uint8Array, start: number, length: number, seed: number): number {
  const end = start + length
  let at = start
  let h: number
  if (length >= 16) {
    let v1 = (seed + P1 + P2) | 0
    let v2 = (seed + P2) | 0
    let v3 = seed | 0
    let v4 = (seed - P1) | 0
    const limit = end - 16
    do {
      v1 = round(v1, lane(bytes, at))
      v2 = round(v2, lane(bytes, at + 4))
      v3 = round(v3, lane(bytes, at + 8))
      v4 = round(v4, lane(bytes, at + 12))
      at += 16
    } while (at <= limit)
    h =
      (((v1 << 1) | (v1 >>> 31)) +
        ((v2 << 7) | (v2 >>> 25)) +
        ((v3 << 12) | (v3 >>> 20)) +
        ((v4 << 18) | (v4 >>> 14))) |
      0
  } else {
    h = (seed + P5) | 0
  }
  h = (h + length) | 0
  for (; at + 4 <= end; at += 4) {
    h = (h + imul(lane(bytes, at), P3)) | 0
    h = imul((h << 17) | (h >>> 15), P4)
  }
  for (; at < end; at++) {
    h = (h + imul(bytes[at], P5)) | 0
    h = imul((h << 11) | (h >>> 21), P1)
  }
  return avalanche(h)
}

/**
 * The same hash over `length` bytes that start at `words[at]` and are padded with zeros to a whole
 * word: the form in which a key lies in memory. Loads a lane at once; little-endian only.
 */
export function xxh32Words(words: Int32Array, at: number, length: number, seed: number): number {
  let next = at
  let left = length
  let h: number
  if (length >= 16) {
    let v1 = (seed + P1 + P2) | 0
    let v2 = (seed + P2) | 0
    let v3 = seed | 0
    let v4 = (seed - P1) | 0
    do {
      v1 = round(v1, words[next])
      v2 = round(v2, words[next + 1])
      v3 = round(v3, words[next + 2])
      v4 = round(v4, words[next + 3])
      next += 4
      left -= 16
    } while (left >= 16)
    h =
      (((v1 << 1) | (v1 >>> 31)) +
        ((v2 << 7) | (v2 >>> 25)) +
        ((v3 << 12) | (v3 >>> 20)) +
        ((v4 << 18) | (v4 >>> 14))) |
      0
  } else {
    h = (seed + P5) | 0
  }
  h = (h + length) | 0
  for (; left >= 4; left -= 4) {
    h = (h + imul(words[next++], P3)) | 0
    h = imul((h << 17) | (h >>> 15), P4)
  }
  if (left > 0) {
    let tail = words[next]
    for (; left > 0; left--) {
      h = (h + imul(tail & 0xff, P5)) | 0
      h = imul((h << 11) | (h >>> 21), P1)
      tail >>>= 8
    }
  }
  return avalanche(h)
}

/**
 * A second, independent-looking view of a 32-bit hash: murmur3's finaliser, a bijection. The ring
 * places a key by its hash, the table by this, so that the keys of one arc do not cluster.
 */
export function remix(hash: number): number {
  let h = hash ^ 0x5bd1e995
  h = imul(h ^ (h >>> 16), 0x85ebca6b)
  h = imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}
