import { sendJson } from '../answer.js'
import { refuseBody } from '../body.js'
import type { Exchange, HomeExchange } from '../exchange.js'
import { Problem } from '../problem.js'
import { refuseQuery } from '../query.js'

/** The process is up. */
export function healthy(x: Exchange): void {
  refuseQuery(x.search)
  refuseBody(x)
  sendJson(x, 200, { status: 'up' })
}

/** Every node of the ring serves. */
export function ready(x: HomeExchange): void {
  refuseQuery(x.search)
  refuseBody(x)
  if (!x.service.engine.ready) {
    throw new Problem('recovering', 'A node of the ring is not serving yet.', {
      headers: ['Retry-After', '1'],
    })
  }
  sendJson(x, 200, { status: 'ready' })
}
