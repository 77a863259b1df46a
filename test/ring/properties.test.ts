import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { inArc, type Member, movedShare, moves, Ring, span } from '../../src/ring/index.js'

const properties = suite('ring properties')

/** ANNULUS_SOAK=1 asks for the full figures. */
const soak = process.env['ANNULUS_SOAK'] === '1'
const numRuns = soak ? 1_000 : 30
const POSITIONS = soak ? 100_000 : 2_000

const weights = fc.constantFrom(0.25, 0.5, 1, 1, 1, 2, 3)
const members = fc.uniqueArray(
  fc.record({ id: fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme' }), weight: weights }),
  { minLength: 1, maxLength: 12, selector: (member) => member.id },
)
/** From the textbook circle to enough tokens to crowd the guide's cells. */
const virtualNodes = fc.constantFrom(1, 2, 7, 40, 160)
const rings = fc.tuple(members, virtualNodes)
const newcomer = { id: 'a newcomer to the ring', weight: 1 }

/** Positions at random and at every place where an error by one would show. */
function positions(...around: Ring[]): number[] {
  const bytes = randomBytes(4 * 200)
  const picked = Array.from({ length: 200 }, (_, i) => bytes.readUInt32LE(4 * i))
  const tokens = around.flatMap((ring) => [...ring.tokens].slice(0, 200))
  const ends = [0, 1, 2 ** 31, 2 ** 32 - 1]
  return [...picked, ...ends, ...tokens.flatMap((t) => [t, (t + 1) >>> 0, (t - 1) >>> 0])]
}

/** The rule in one line, by a look at every token. */
function slowToken(ring: Ring, position: number): number {
  return [...ring.tokens].find((token) => token >= position) ?? ring.tokens[0]
}

function equalNodes(count: number, name: string): Member[] {
  return Array.from({ length: count }, (_, i) => ({ id: `${name}-${i}`, weight: 1 }))
}

function peakOf(ring: Ring): number {
  return Math.max(...ring.shares().values()) * ring.members.length
}

properties(
  'a ring changed step by step is the ring made at once, tokens that two want included',
  () => {
    const steps = fc.array(fc.tuple(fc.boolean(), fc.nat(), weights), { maxLength: 12 })
    // Tokens from a small range: nodes want the same ones all the time.
    const crowded = (id: string, index: number) =>
      ((id.charCodeAt(0) * 7 + index * 13) % 97) * 44_000_000
    fc.assert(
      fc.property(rings, steps, fc.boolean(), ([nodes, count], changes, isCrowded) => {
        const options = { virtualNodes: count, ...(isCrowded ? { hash: crowded } : {}) }
        let ring = Ring.of(nodes, options)
        for (const [isJoin, number, weight] of changes) {
          if (isJoin) {
            const id = `${'xyzXYZ'[number % 6]}${ring.epoch}`
            ring = ring.with({ id, weight })
          } else if (ring.members.length > 1) {
            ring = ring.without(ring.members[number % ring.members.length].id)
          }
          const whole = Ring.of(ring.members, options)
          assert.equal([...ring.tokens], [...whole.tokens])
          assert.equal([...ring.tokenOwners], [...whole.tokenOwners])
          for (const position of positions(ring).slice(0, 100)) {
            assert.is(ring.ownerIndex(position), whole.ownerIndex(position))
          }
        }
      }),
      { numRuns },
    )
  },
)

properties('the guide finds what a look at every token finds', () => {
  fc.assert(
    fc.property(rings, ([nodes, count]) => {
      const ring = Ring.of(nodes, { virtualNodes: count })
      for (const position of positions(ring).slice(0, 400)) {
        const token = slowToken(ring, position)
        assert.is(ring.token(position), token)
        assert.is(ring.owner(position), ring.owner(token))
        assert.is(ring.members[ring.ownerIndex(position)].id, ring.owner(position))
      }
    }),
    { numRuns },
  )
})

properties('the order in which members are named changes nothing', () => {
  fc.assert(
    fc.property(rings, ([nodes, count]) => {
      const ring = Ring.of(nodes, { virtualNodes: count })
      const turned = Ring.of([...nodes].reverse(), { virtualNodes: count })
      assert.equal([...turned.tokens], [...ring.tokens])
      for (const position of positions(ring)) {
        assert.is(turned.owner(position), ring.owner(position))
      }
    }),
    { numRuns },
  )
})

properties('a newcomer takes, and nothing moves between the others', () => {
  fc.assert(
    fc.property(rings, ([nodes, count]) => {
      const before = Ring.of(nodes, { virtualNodes: count })
      const after = before.with(newcomer)
      for (const position of positions(before, after)) {
        const owner = after.owner(position)
        if (owner !== before.owner(position)) assert.is(owner, newcomer.id)
      }
      assert.equal([...after.without(newcomer.id).tokens], [...before.tokens])
      assert.ok(moves(before, after).every((arc) => arc.target === newcomer.id))
      assert.ok(moves(after, before).every((arc) => arc.source === newcomer.id))
    }),
    { numRuns },
  )
})

properties('successors are distinct, not the owner, and in the order of the circle', () => {
  fc.assert(
    fc.property(rings, fc.nat({ max: 14 }), ([nodes, count], wanted) => {
      const ring = Ring.of(nodes, { virtualNodes: count })
      for (const position of positions(ring).slice(0, 60)) {
        const found = ring.successors(position, wanted)
        assert.is(found.length, Math.min(wanted, nodes.length - 1))
        assert.is(new Set([ring.owner(position), ...found]).size, found.length + 1)
        // Who takes over when the owner goes is the first successor: replicas stand there.
        if (found.length > 0) {
          assert.is(ring.without(ring.owner(position)).owner(position), found[0])
        }
      }
    }),
    { numRuns: Math.min(numRuns, 100) },
  )
})

properties('moves are exactly the difference of two rings', () => {
  fc.assert(
    fc.property(rings, members, ([nodes, count], others) => {
      const before = Ring.of(nodes, { virtualNodes: count })
      const after = Ring.of(others, { virtualNodes: count })
      const arcs = moves(before, after)
      for (const position of positions(before, after).slice(0, 400)) {
        const holding = arcs.filter((arc) => inArc(arc, position))
        const [source, target] = [before.owner(position), after.owner(position)]
        assert.is(holding.length, source === target ? 0 : 1)
        if (holding.length === 0) continue
        assert.is(holding[0].source, source)
        assert.is(holding[0].target, target)
      }
      for (const [i, arc] of arcs.entries()) {
        const next = arcs[(i + 1) % arcs.length]
        const mergeable = arc.source === next.source && arc.target === next.target
        assert.ok(arc === next || arc.to !== next.from || !mergeable, 'neighbours are merged')
        assert.ok(span(arc) > 0)
      }
    }),
    { numRuns },
  )
})

properties('shares sum to the circle, and are what positions at random find', () => {
  fc.assert(
    fc.property(rings, ([nodes, count]) => {
      const ring = Ring.of(nodes, { virtualNodes: count })
      const shares = ring.shares()
      const sum = [...shares.values()].reduce((a, b) => a + b, 0)
      assert.ok(Math.abs(sum - 1) < 1e-9)
      const found = new Map<string, number>()
      for (let i = 0; i < POSITIONS; i++) {
        const owner = ring.owner(Math.floor(((i + 0.5) * 2 ** 32) / POSITIONS))
        found.set(owner, (found.get(owner) ?? 0) + 1)
      }
      // Evenly spaced positions misjudge each arc by at most one step.
      const slack = (ring.tokens.length + 1) / POSITIONS
      for (const [id, share] of shares) {
        assert.ok(Math.abs((found.get(id) ?? 0) / POSITIONS - share) <= slack, id)
      }
    }),
    { numRuns },
  )
})

properties('8 equal nodes: peak / average at most 1.05 for each of 100 sets of ids', () => {
  const peaks: number[] = []
  for (let set = 0; set < 100; set++) {
    const name = soak ? randomBytes(8).toString('hex') : `set-${set}`
    const peak = peakOf(Ring.of(equalNodes(8, name)))
    assert.ok(peak <= 1.05, `${name}: ${peak}`)
    peaks.push(peak)
  }
  const mean = peaks.reduce((a, b) => a + b, 0) / peaks.length
  console.log(
    `balance: peak/average mean ${mean.toFixed(4)} worst ${Math.max(...peaks).toFixed(4)}`,
  )
})

properties('a ninth node moves at most 1.1 / 9 of the circle', () => {
  const times: number[] = []
  for (let set = 0; set < (soak ? 100 : 10); set++) {
    const name = soak ? randomBytes(8).toString('hex') : `set-${set}`
    const before = Ring.of(equalNodes(8, name))
    const share = movedShare(moves(before, before.with(newcomer)))
    assert.ok(share <= 1.1 / 9, `${name}: ${share}`)
    times.push(share * 9)
  }
  console.log(`moved: worst ${Math.max(...times).toFixed(4)} / (N + 1)`)
})

properties('twice the weight is twice the share', () => {
  for (const [set, weight] of [2, 3, 0.5, 0.25, 4].entries()) {
    const nodes = [...equalNodes(6, `weights-${set}`), { id: 'other', weight }]
    const share = Ring.of(nodes).shares().get('other') ?? 0
    const fair = weight / (6 + weight)
    assert.ok(Math.abs(share / fair - 1) < 0.1, `weight ${weight}: ${share} for ${fair}`)
  }
})

properties.run()
