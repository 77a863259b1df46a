import { refuseBody } from '../body.js'
import { STREAM_HEAD } from '../event-streams.js'
import type { Answered, HomeExchange } from '../exchange.js'
import { parseFlag, parseQuery } from '../query.js'

/** Changes of the ring, migrations and states of nodes, as they happen. */
export function streamEvents(x: HomeExchange): Answered {
  const wantsFigures = readQuery(x)
  refuseBody(x)
  return x.service.streams.open(x, wantsFigures)
}

/** The usual way, GET without its body, would never end. */
export function headEvents(x: HomeExchange): void {
  readQuery(x)
  refuseBody(x)
  x.res.writeHead(200, STREAM_HEAD)
  x.res.end()
}

/** Whether live figures are to come, too. */
function readQuery({ search }: HomeExchange): boolean {
  return parseFlag(parseQuery(search, ['figures']).figures, 'figures')
}
