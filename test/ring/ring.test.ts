import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { CacheError } from '../../src/errors.js'
import { angle, type Member, Ring } from '../../src/ring/index.js'

const ring = suite('ring')

/** A circle that can be read: a node's tokens stand where its id says, `a@10,20`. */
function readable(...ids: string[]): Ring {
  const positions = (id: string) =>
    id
      .slice(id.indexOf('@') + 1)
      .split(',')
      .map(Number)
  const members = ids.map((id) => ({ id, weight: positions(id).length }))
  return Ring.of(members, { virtualNodes: 1, hash: (id, index) => positions(id)[index] })
}

function equal(count: number, name = 'node'): Member[] {
  return Array.from({ length: count }, (_, i) => ({ id: `${name}-${i}`, weight: 1 }))
}

function refusal(code: string, ...words: string[]) {
  return (error: unknown) =>
    error instanceof CacheError &&
    error.code === code &&
    words.every((word) => error.message.includes(word))
}

ring('the owner is the first token at or after the position', () => {
  const circle = readable('a@100', 'b@200', 'c@300')
  assert.is(circle.owner(99), 'a@100')
  assert.is(circle.owner(100), 'a@100')
  assert.is(circle.owner(101), 'b@200')
  assert.is(circle.owner(300), 'c@300')
  assert.is(circle.token(150), 200)
})

ring('past the last token comes the first', () => {
  const circle = readable('a@100', 'b@200')
  for (const position of [201, 2 ** 31, 2 ** 32 - 1, 0]) {
    assert.is(circle.owner(position), 'a@100')
    assert.is(circle.token(position), 100)
  }
})

ring('tokens at both ends of the circle', () => {
  const circle = readable('a@0', 'b@4294967295')
  assert.is(circle.owner(0), 'a@0')
  assert.is(circle.owner(1), 'b@4294967295')
  assert.is(circle.owner(2 ** 32 - 1), 'b@4294967295')
})

ring('many tokens in one cell of the guide', () => {
  const crowd = Array.from({ length: 100 }, (_, i) => 5_000 + i)
  const circle = readable(`a@${crowd.join(',')}`, 'b@4999,5100')
  assert.is(circle.owner(4_999), 'b@4999,5100')
  assert.is(circle.token(5_050), 5_050)
  assert.is(circle.owner(5_100), 'b@4999,5100')
  assert.is(circle.token(5_101), 4_999)
})

ring('of equal tokens the smaller id wins, whoever came first', () => {
  for (const circle of [readable('b@7', 'a@7'), readable('a@7', 'b@7')]) {
    assert.is(circle.owner(7), 'a@7')
    assert.equal([...circle.tokens], [7])
  }
  assert.is(readable('a@7', 'b@7').without('a@7').owner(7), 'b@7')
})

ring('successors are the next distinct members, never the owner', () => {
  const circle = readable('a@10,30,50', 'b@20,60', 'c@40')
  assert.equal(circle.successors(5, 1), ['b@20,60'])
  assert.equal(circle.successors(5, 2), ['b@20,60', 'c@40'])
  assert.equal(circle.successors(35, 2), ['a@10,30,50', 'b@20,60'])
  assert.equal(circle.successors(61, 9), ['b@20,60', 'c@40'], 'fewer where there are fewer')
  assert.equal(circle.successors(5, 0), [])
})

ring('shares are the parts of the circle', () => {
  const quarter = 2 ** 30
  const circle = readable(`a@${quarter}`, `b@${2 * quarter},${3 * quarter}`)
  assert.equal(
    [...circle.shares()],
    [
      [`a@${quarter}`, 0.5],
      [`b@${2 * quarter},${3 * quarter}`, 0.5],
    ],
  )
  assert.equal([...readable('a@77').shares().values()], [1])
})

ring('an angle is position / 2^32 * 360', () => {
  assert.is(angle(0), 0)
  assert.is(angle(2 ** 30), 90)
  assert.is(angle(2 ** 31), 180)
  assert.ok(angle(2 ** 32 - 1) < 360)
})

ring('one virtual node is the textbook circle: one token a node', () => {
  assert.is(Ring.of(equal(5), { virtualNodes: 1 }).tokens.length, 5)
})

ring('tokens come sorted, each once, with their owners, as many as weight and options say', () => {
  const circle = Ring.of([
    { id: 'a', weight: 1 },
    { id: 'b', weight: 0.25 },
  ])
  const tokens = [...circle.tokens]
  assert.ok(tokens.every((token, i) => i === 0 || tokens[i - 1] < token))
  const owners = [...circle.tokenOwners]
  assert.ok(Math.abs(owners.filter((owner) => owner === 0).length - 8_192) <= 2)
  assert.ok(Math.abs(owners.filter((owner) => owner === 1).length - 2_048) <= 2)
  assert.is(Ring.of(equal(1), { virtualNodes: 10, tokensEach: 3 }).tokens.length, 30)
  assert.is(Ring.of([{ id: 'tiny', weight: 0.000_001 }]).tokens.length, 1, 'never none')
})

ring('the places of tokens are part of the contract between hosts', () => {
  const circle = Ring.of([{ id: 'node-1', weight: 1 }], { virtualNodes: 4, tokensEach: 1 })
  assert.equal([...circle.tokens], [170986184, 798870024, 1781619316, 3606998038])
})

ring('each change is one epoch later, and leaves the ring before as it was', () => {
  const first = Ring.of(equal(2), { virtualNodes: 16, epoch: 41 })
  const owners = [...first.tokenOwners]
  const second = first.with({ id: 'late', weight: 2 })
  assert.is(first.epoch, 41)
  assert.is(second.epoch, 42)
  assert.is(second.without('late').epoch, 43)
  assert.is(second.virtualNodes, 16)
  assert.equal(second.members.at(-1), { id: 'late', weight: 2 })
  assert.equal([...first.tokenOwners], owners)
  assert.equal([...second.without('late').tokens], [...first.tokens])
  assert.is(Ring.of(equal(1)).epoch, 0)
  assert.throws(() => Object.assign(first.members[0], { weight: 9 }))
})

ring('what cannot be a ring is refused', () => {
  const two = Ring.of(equal(2), { virtualNodes: 4 })
  assert.throws(() => Ring.of([]), refusal('invalid_option'))
  assert.throws(() => two.with({ id: 'node-1', weight: 1 }), refusal('invalid_option', 'node-1'))
  assert.throws(() => two.without('nobody'), refusal('invalid_option', 'nobody'))
  assert.throws(() => two.without('node-0').without('node-1'), refusal('last_node', 'node-1'))
  assert.throws(() => Ring.of([{ id: '', weight: 1 }]), refusal('invalid_option', 'id'))
  for (const weight of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
    assert.throws(() => Ring.of([{ id: 'a', weight }]), refusal('invalid_option', 'weight'))
  }
  for (const virtualNodes of [0, -1, 1.5, Number.NaN, 2 ** 30]) {
    assert.throws(
      () => Ring.of(equal(1), { virtualNodes }),
      refusal('invalid_option', 'virtualNodes'),
    )
  }
  assert.throws(() => Ring.of([{ id: 'a', weight: 1e9 }]), refusal('invalid_option', 'weight'))
})

ring.run()
