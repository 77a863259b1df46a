import { createHash } from 'node:crypto'

const BLOCK_BYTES = 32

/** Random bytes that hang on the seed alone: SHA-256 over it and a counter. No secret comes of it. */
export function seededRandom(seed: number | string): (count: number) => Uint8Array {
  let block = 0
  return (count) => {
    const bytes = new Uint8Array(count)
    for (let at = 0; at < count; at += BLOCK_BYTES) {
      const fresh = createHash('sha256').update(`${seed}/${block++}`).digest()
      bytes.set(fresh.subarray(0, count - at), at)
    }
    return bytes
  }
}
