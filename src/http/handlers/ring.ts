import { drawnMoves } from '../../ring/moves.js'
import { sendJson } from '../answer.js'
import { refuseBody } from '../body.js'
import type { HomeExchange } from '../exchange.js'
import { parseFlag, parseQuery } from '../query.js'

/** Finer than a screen shows. */
export const DRAWN_POSITIONS = 2_048

/** Nodes and enough to draw the circle; every single token only where asked for: they are many. */
export function describeRing(x: HomeExchange): void {
  refuseBody(x)
  const { tokens } = parseQuery(x.search, ['tokens'])
  const isFull = parseFlag(tokens, 'tokens')
  const { engine } = x.service
  const { ring, formerRing = ring } = engine
  sendJson(x, 200, {
    ...engine.ringStatus(),
    members: ring.members.map((member) => member.id),
    circle: ring.ownersAround(DRAWN_POSITIONS),
    moves: formerRing === ring ? [] : drawnMoves(formerRing, ring, DRAWN_POSITIONS),
    ...(isFull ? { positions: Array.from(ring.tokens), owners: Array.from(ring.tokenOwners) } : {}),
  })
}
