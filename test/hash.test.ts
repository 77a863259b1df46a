import { randomBytes } from 'node:crypto'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import xxhash from 'xxhash-addon'
import { remix, xxh32, xxh32Words } from '../src/hash.js'

const hash = suite('hash')

/** The native library's answer. It takes the seed as four bytes and gives the hash, big-endian. */
function reference(bytes: Uint8Array, seed: number): number {
  const seedBytes = Buffer.alloc(4)
  seedBytes.writeUInt32BE(seed)
  const native = new xxhash.XXHash32(seedBytes)
  native.update(Buffer.from(bytes))
  return native.digest().readUInt32BE()
}

function agree(bytes: Uint8Array, seed: number): void {
  const at = `length ${bytes.length}, seed ${seed}, bytes ${Buffer.from(bytes.subarray(0, 100)).toString('hex')}`
  assert.is(xxh32(bytes, 0, bytes.length, seed), reference(bytes, seed), at)
}

hash('the vectors of the specification', () => {
  const none = new Uint8Array(0)
  assert.is(xxh32(none, 0, 0, 0), 0x02cc5d05)
  assert.is(xxh32(none, 0, 0, 0x9e3779b1), 0x36b78ae7)
  assert.is(xxh32(new TextEncoder().encode('abc'), 0, 3, 0), 0x32d153ff)
})

hash('equals the native library at every length from 0 to 100', () => {
  for (let length = 0; length <= 100; length++) {
    for (let round = 0; round < 8; round++) {
      agree(randomBytes(length), randomBytes(4).readUInt32BE())
    }
  }
})

hash('equals it with awkward seeds', () => {
  const bytes = randomBytes(37)
  for (const seed of [0, 1, 0x7fffffff, 0x80000000, 0x9e3779b1, 0xfffffffe, 0xffffffff]) {
    agree(bytes, seed)
    agree(bytes.subarray(0, 5), seed)
  }
})

hash('equals it on awkward bytes', () => {
  for (const length of [1, 3, 4, 15, 16, 17, 31, 32, 33, 100]) {
    for (const filling of [0x00, 0x7f, 0x80, 0xff]) agree(Buffer.alloc(length, filling), 0xdeadbeef)
  }
  agree(new TextEncoder().encode('日本語 🦊 \u0000 é'), 7)
})

hash('equals it on long input', () => {
  for (const length of [1_024, 65_535, 1_000_003]) agree(randomBytes(length), 0xffffffff)
})

hash('reads only the stretch that it is given', () => {
  const bytes = randomBytes(200)
  for (const [start, length] of [
    [1, 20],
    [3, 0],
    [7, 33],
    [99, 101],
  ]) {
    const alone = bytes.subarray(start, start + length)
    assert.is(xxh32(bytes, start, length, 5), reference(alone, 5))
  }
})

hash('over words it equals the native library, wherever the key begins', () => {
  for (let length = 0; length <= 100; length++) {
    for (const firstWord of [0, 1, 7]) {
      const bytes = randomBytes(length)
      const seed = randomBytes(4).readUInt32BE()
      const padded = Buffer.alloc(256)
      padded.set(bytes, firstWord * 4)
      const words = new Int32Array(padded.buffer, padded.byteOffset, padded.length / 4)
      const at = `length ${length}, word ${firstWord}, seed ${seed}, ${bytes.toString('hex')}`
      assert.is(xxh32Words(words, firstWord, length, seed), reference(bytes, seed), at)
    }
  }
})

hash('remix is a bijection, and far from the identity', () => {
  const seen = new Set<number>()
  for (let i = 0; i < 65_536; i++) seen.add(remix(i))
  for (let i = 0; i < 65_536; i++) seen.add(remix((i << 16) >>> 0))
  assert.is(seen.size, 2 * 65_536 - 1, 'zero is in both runs')

  // The keys of one arc share their high bits: the table's slots must not show it.
  const slots = new Uint32Array(64)
  for (let i = 0; i < 64_000; i++) slots[remix(0x12340000 + i) >>> 26]++
  assert.ok(Math.max(...slots) < 1_300 && Math.min(...slots) > 700)
})

hash.run()
