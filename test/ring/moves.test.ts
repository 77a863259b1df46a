import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { drawnMoves, inArc, movedShare, moves, Ring, span } from '../../src/ring/index.js'

const moving = suite('ring moves')

/** A node's tokens stand where its id says, `a@10,20`. */
function readable(...ids: string[]): Ring {
  const positions = (id: string) =>
    id
      .slice(id.indexOf('@') + 1)
      .split(',')
      .map(Number)
  const members = ids.map((id) => ({ id, weight: positions(id).length }))
  return Ring.of(members, { virtualNodes: 1, hash: (id, index) => positions(id)[index] })
}

moving('a node that joins takes the arc before its token from the token behind it', () => {
  const arcs = moves(readable('a@100', 'b@200'), readable('a@100', 'b@200', 'c@150'))
  assert.equal(arcs, [{ from: 100, to: 150, source: 'b@200', target: 'c@150' }])
})

moving('a node that leaves gives its arcs to the next tokens', () => {
  const arcs = moves(readable('a@100', 'b@200', 'c@150,250'), readable('a@100', 'b@200'))
  assert.equal(arcs, [
    { from: 100, to: 150, source: 'c@150,250', target: 'b@200' },
    { from: 200, to: 250, source: 'c@150,250', target: 'a@100' },
  ])
})

moving('an arc may run across zero', () => {
  const arcs = moves(readable('a@100', 'b@200'), readable('a@100', 'b@200', 'c@50'))
  assert.equal(arcs, [{ from: 200, to: 50, source: 'a@100', target: 'c@50' }])
})

moving('neighbours with one source and one target are one arc, also across zero', () => {
  const before = readable('a@100,120,4000000000', 'b@200')
  assert.equal(moves(before, readable('c@100,120,4000000000', 'b@200')), [
    { from: 200, to: 120, source: 'a@100,120,4000000000', target: 'c@100,120,4000000000' },
  ])
})

moving('equal rings move nothing; another single node is the whole circle', () => {
  const one = readable('a@5,70')
  assert.equal(moves(one, readable('a@5,70')), [])
  const [arc, ...rest] = moves(one, readable('b@60'))
  assert.equal(rest, [])
  assert.is(arc.from, arc.to)
  assert.is(span(arc), 2 ** 32)
  assert.ok(inArc(arc, 0) && inArc(arc, arc.from) && inArc(arc, 2 ** 32 - 1))
})

moving('an arc holds its end and not its beginning', () => {
  assert.equal(
    [100, 101, 200, 201].map((at) => inArc({ from: 100, to: 200 }, at)),
    [false, true, true, false],
  )
  const across = { from: 2 ** 32 - 10, to: 10 }
  assert.equal(
    [2 ** 32 - 10, 2 ** 32 - 9, 0, 10, 11].map((at) => inArc(across, at)),
    [false, true, true, true, false],
  )
  assert.is(span({ from: 100, to: 200 }), 100)
  assert.is(span(across), 20)
})

moving('few arcs are drawn as they are', () => {
  const [before, after] = [readable('a@100', 'b@200'), readable('a@100', 'b@200', 'c@150')]
  assert.equal(drawnMoves(before, after, 8), moves(before, after))
})

moving('many are drawn in a limited number of pieces, each true at its end', () => {
  const before = Ring.of(['a', 'b', 'c'].map((id) => ({ id, weight: 1 })))
  const after = before.with({ id: 'd', weight: 1 })
  const pieces = drawnMoves(before, after, 512)
  assert.ok(moves(before, after).length > 4_000)
  assert.ok(pieces.length > 60 && pieces.length <= 512, `${pieces.length}`)
  for (const { to, source, target } of pieces) {
    assert.equal([source, target], [before.owner(to), after.owner(to)])
  }
  const shares = [movedShare(pieces), movedShare(moves(before, after))]
  assert.ok(Math.abs(shares[0] - shares[1]) < 0.06, shares.join(' '))
})

moving('pieces that go on across zero are one', () => {
  const before = readable('a@100,300,500,4000000000', 'b@200,400,600,2200000000')
  const after = readable('c@5')
  assert.is(moves(before, after).length, 6)
  assert.equal(
    drawnMoves(before, after, 4).map(({ from, to, source }) => [from, to, source[0]]),
    [
      [2 ** 31, 0, 'a'],
      [0, 2 ** 31, 'b'],
    ],
  )
})

moving.run()
