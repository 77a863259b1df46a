import { sendJson } from '../answer.js'
import { refuseBody } from '../body.js'
import type { Exchange, HomeExchange } from '../exchange.js'
import { Problem } from '../problem.js'

/** The process is up. */
export function healthy(x: Exchange): void {
  refuseBody(x)
  sendJson(x, 200, { status: 'up' })
}

/** Every node of the ring serves. */
export function ready(x: HomeExchange): void {
  refuseBody(x)
  if (!x.service.engine.ready) {
    throw new Problem('recovering', 'A node of the ring is not serving yet.', {
      headers: ['Retry-After', '1'],
    })
  }
  sendJson(x, 200, { status: 'ready' })
}
