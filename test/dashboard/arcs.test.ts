import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  arcsLost,
  arcsOf,
  CIRCLE,
  holds,
  type OwnedArc,
  part,
  pointAt,
  SAMPLES,
  sweep,
  thinned,
} from '../../src/dashboard/page/ring/arcs.js'
import { drawnMoves, movedShare, moves, Ring } from '../../src/ring/index.js'

const arcs = suite('dashboard arcs')

const DRAWN = 2_048

function shapeOf(ring: Ring) {
  return { members: ring.members.map(({ id }) => id), circle: ring.ownersAround(DRAWN) }
}

function exactShapeOf(ring: Ring) {
  const positions = [...ring.tokens]
  return { ...shapeOf(ring), positions, owners: [...ring.tokenOwners] }
}

function ringOf(count: number, virtualNodes: number): Ring {
  const members = Array.from({ length: count }, (_, i) => ({ id: `n${i + 1}`, weight: 1 }))
  return Ring.of(members, { virtualNodes })
}

function whole(drawn: readonly OwnedArc[]): number {
  return drawn.reduce((sum, arc) => sum + part(arc), 0)
}

arcs('of few tokens each is an arc, and the owner is the right one at its very ends', () => {
  const ring = ringOf(5, 1)
  const drawn = arcsOf(exactShapeOf(ring))
  assert.is(drawn.length, 5)
  for (const { from, to, owner } of drawn) {
    assert.is(owner, ring.owner(to))
    assert.is(owner, ring.owner((from + 1) % CIRCLE))
    assert.ok(owner !== ring.owner((to + 1) % CIRCLE))
  }
  assert.ok(Math.abs(whole(drawn) - 1) < 1e-9)
  for (const [id, share] of ring.shares()) {
    assert.ok(Math.abs(whole(drawn.filter(({ owner }) => owner === id)) - share) < 1e-9, id)
  }
})

arcs('thousands are bounded, each true at its end, and together the whole circle', () => {
  const ring = ringOf(8, 1_024)
  const drawn = arcsOf(shapeOf(ring))
  assert.ok(drawn.length > SAMPLES / 2 && drawn.length <= SAMPLES, `${drawn.length}`)
  for (const { to, owner } of drawn) assert.is(owner, ring.owner(to))
  assert.ok(Math.abs(whole(drawn) - 1) < 1e-9)
})

arcs('neighbours of one owner are one arc, a single node the whole circle', () => {
  const [arc, ...rest] = arcsOf(shapeOf(ringOf(1, 16)))
  assert.equal(rest, [])
  assert.is(part(arc), 1)
  const [begin, end] = sweep(arc)
  assert.ok(Math.abs(end - begin - 2 * Math.PI) < 1e-9)
})

arcs('what moves is thinned alike, and the share of it stays about what it is', () => {
  const [before, after] = [ringOf(4, 1_024), ringOf(5, 1_024)]
  const all = drawnMoves(before, after, DRAWN)
  const few = thinned(all)
  assert.ok(few.length > 60 && few.length <= SAMPLES, `${few.length}`)
  for (const { to, source, target } of few) {
    assert.equal([source, target], [before.owner(to), after.owner(to)])
  }
  assert.ok(Math.abs(movedShare(few) - movedShare(moves(before, after))) < 0.08)
  const exact = moves(ringOf(4, 1), ringOf(5, 1))
  assert.is(thinned(exact), exact)
})

arcs('a lost node gives each of its arcs to the next other one', () => {
  const ring = ringOf(4, 1)
  const lost = arcsLost(arcsOf(exactShapeOf(ring)), 'n2')
  const without = ring.without('n2')
  assert.ok(lost.length > 0)
  for (const { to, source, target } of lost) {
    assert.equal([source, target], ['n2', without.owner(to)])
  }
  assert.equal(arcsLost(arcsOf(shapeOf(ringOf(1, 16))), 'n1'), [])
})

arcs('an arc across zero goes on clockwise', () => {
  const arc = { from: CIRCLE * 0.75, to: CIRCLE * 0.25 }
  const [begin, end] = sweep(arc)
  assert.ok(end > begin)
  assert.ok(Math.abs(end - begin - Math.PI) < 1e-6)
  assert.ok(holds(arc, 0) && holds(arc, arc.to) && !holds(arc, arc.from))
  assert.ok(Math.abs(part(arc) - 0.5) < 1e-9)
})

arcs('zero degrees are at the top, ninety on the right', () => {
  assert.equal(pointAt(0, 10), [0, -10])
  assert.equal(pointAt(90, 10), [10, -0])
})

arcs.run()
