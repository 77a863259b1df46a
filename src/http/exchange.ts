import type { ServerResponse } from 'node:http'
import type { Logger } from 'pino'
import type { Principal } from '../engine/credentials.js'
import type { Engine } from '../engine/engine.js'
import type { Connection } from './connection.js'
import type { EventStreams } from './event-streams.js'
import type { RequestHead } from './head.js'
import type { Hosts } from './host.js'
import type { Inflight } from './inflight.js'
import type { Request } from './request.js'

/** What all requests share. */
export interface Service {
  readonly engine: Engine
  readonly hosts: Hosts
  readonly inflight: Inflight
  readonly streams: EventStreams
  readonly logger: Logger
}

/** One request and its answer. */
export class Exchange {
  readonly service: Service
  readonly connection: Connection
  readonly req: Request
  readonly res: ServerResponse
  readonly head: RequestHead
  /** The query string, without the question mark. */
  readonly search: string
  /** The client holds its body back until it is told to go on. */
  readonly expectsContinue: boolean
  /** Who asks; calls that everybody may make have nobody. */
  principal: Principal | undefined = undefined
  /** Body bytes counted against the limit of the whole server until the answer is given. */
  reservedBytes = 0

  constructor(
    service: Service,
    connection: Connection,
    req: Request,
    res: ServerResponse,
    head: RequestHead,
    search: string,
    expectsContinue: boolean,
  ) {
    this.service = service
    this.connection = connection
    this.req = req
    this.res = res
    this.head = head
    this.search = search
    this.expectsContinue = expectsContinue
  }
}

export type Answered = void | Promise<void>
