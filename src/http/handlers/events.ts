import { refuseBody } from '../body.js'
import { STREAM_HEAD } from '../event-streams.js'
import type { Answered, HomeExchange } from '../exchange.js'
import { refuseQuery } from '../query.js'

/** Changes of the ring, migrations and states of nodes, as they happen. */
export function streamEvents(x: HomeExchange): Answered {
  refuseQuery(x.search)
  refuseBody(x)
  return x.service.streams.open(x)
}

/** The usual way, GET without its body, would never end. */
export function headEvents(x: HomeExchange): void {
  refuseQuery(x.search)
  refuseBody(x)
  x.res.writeHead(200, STREAM_HEAD)
  x.res.end()
}
