import type { ServerResponse } from 'node:http'
import type { Bucket } from '../engine/bucket.js'
import type { Principal } from '../engine/credentials.js'
import type { Engine } from '../engine/engine.js'
import type { Keys } from '../engine/keys.js'
import type { Connection } from './connection.js'
import type { EventStreams } from './event-streams.js'
import type { Front } from './front.js'
import type { RequestHead } from './head.js'
import type { Hosts } from './host.js'
import type { Inflight } from './inflight.js'
import type { Meter } from './metrics/meter.js'
import type { Monitor } from './metrics/monitor.js'
import type { ApiDocument } from './openapi/api-document.js'
import type { Request } from './request.js'
import type { Site } from './site.js'

/** Where a fault goes that no client can mend, and who changed what. */
export interface Log {
  error(fields: object, text: string): void
  info(fields: object, text: string): void
}

/** What all requests to one acceptor share. */
export interface Service<B extends Keys = Keys> {
  readonly engine: Front<B>
  readonly hosts: Hosts
  readonly inflight: Inflight
  readonly meter: Meter
  readonly logger: Log
}

/** What those share that the thread with the engine answers. */
export interface Home extends Service<Bucket> {
  readonly engine: Engine
  readonly streams: EventStreams
  readonly site: Site
  readonly document: ApiDocument
  readonly monitor: Monitor
}

/** One request and its answer. */
export class Exchange<S extends Service = Service> {
  readonly service: S
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
  /** What it is counted as: a number in the list of calls; none where another thread counts it. */
  route: number | undefined
  /** Of a call that the log tells of: see isAudited. */
  audited: string | undefined = undefined
  /** Its answer lasts as long as its client likes: no latency. */
  isStream = false
  /** By the clock of `performance`. */
  readonly startedMs: number
  /** Body bytes counted against the limit of the whole server until the answer is given. */
  reservedBytes = 0

  constructor(
    service: S,
    connection: Connection,
    req: Request,
    res: ServerResponse,
    head: RequestHead,
    search: string,
    expectsContinue: boolean,
    startedMs: number,
  ) {
    this.service = service
    this.route = service.meter.none
    this.startedMs = startedMs
    this.connection = connection
    this.req = req
    this.res = res
    this.head = head
    this.search = search
    this.expectsContinue = expectsContinue
  }
}

export type HomeExchange = Exchange<Home>
export type Answered = void | Promise<void>
