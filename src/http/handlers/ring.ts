import { CIRCLE } from '../../ring/ring.js'
import { sendJson } from '../answer.js'
import { refuseBody } from '../body.js'
import type { HomeExchange } from '../exchange.js'
import { parseFlag, parseQuery } from '../query.js'

/** Finer than a screen shows. */
const DRAWN_POSITIONS = 2_048

/** Nodes and enough to draw the circle; every single token only where asked for: they are many. */
export function describeRing(x: HomeExchange): void {
  refuseBody(x)
  const { tokens } = parseQuery(x.search, ['tokens'])
  const isFull = parseFlag(tokens, 'tokens')
  const { engine } = x.service
  const { ring } = engine
  const step = CIRCLE / DRAWN_POSITIONS
  sendJson(x, 200, {
    ...engine.ringStatus(),
    members: ring.members.map((member) => member.id),
    circle: Array.from({ length: DRAWN_POSITIONS }, (_, i) => ring.ownerIndex(i * step)),
    ...(isFull ? { positions: Array.from(ring.tokens), owners: Array.from(ring.tokenOwners) } : {}),
  })
}
