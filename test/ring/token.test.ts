import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import xxhash from 'xxhash-addon'
import { tokensOf } from '../../src/ring/token.js'

const token = suite('ring token')

/** What the rule says in words, by the native library: XXH32 of id, a zero byte and the number. */
function reference(id: string, index: number): number {
  const native = new xxhash.XXHash32(Buffer.from('RING'))
  native.update(Buffer.from(`${id}\0${index}`))
  return native.digest().readUInt32BE()
}

token('a token is the hash of id, zero byte and decimal number', () => {
  for (const id of ['a', 'node-1', 'nœud-🦊', 'a\u00001', 'x'.repeat(100)]) {
    const tokens = tokensOf(id, 1_200)
    for (const index of [0, 1, 9, 10, 11, 99, 100, 101, 999, 1_000, 1_199]) {
      assert.is(tokens[index], reference(id, index), `${id} ${index}`)
    }
  }
})

token('names and numbers do not run together', () => {
  const one = tokensOf('node1', 100)
  const ten = tokensOf('node', 200)
  for (let index = 0; index < 100; index++) {
    assert.is.not(one[index], ten[Number(`1${index}`)], `node1 + ${index}`)
  }
  assert.is.not(tokensOf('a\u00001', 3)[2], tokensOf('a', 13)[12])
})

token('more weight keeps the tokens that were there', () => {
  assert.equal(tokensOf('a', 2_000).subarray(0, 500), tokensOf('a', 500))
})

token('a rule of one own is asked for id and number', () => {
  assert.equal([...tokensOf('ab', 3, (id, index) => id.length * 100 + index)], [200, 201, 202])
})

token.run()
