import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Logger } from 'pino'
import type { Engine } from '../engine/engine.js'
import { onClientError } from './client-error.js'
import { drainedClose } from './close.js'
import { connectionOf } from './connection.js'
import { Dispatcher } from './dispatch.js'
import { EventStreams } from './event-streams.js'
import type { Service } from './exchange.js'
import { MAX_HEADERS } from './head.js'
import { Hosts } from './host.js'
import { Inflight } from './inflight.js'
import { inTurn, untilTaken } from './pipeline.js'
import { Problem } from './problem.js'
import { Request } from './request.js'
import { Router } from './router.js'
import { calls } from './routes.js'

export interface ServerConfig {
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  /** `{id}.{domain}` and `www.{id}.{domain}` stand for a bucket. */
  readonly domain: string
  /** Where a bucket is found from outside, with `{id}` in it. */
  readonly endpointTemplate?: string
  /** Body bytes that all requests together may hold. */
  readonly maxInflightBytes: number
  /** How often `GET /v1/events` says something where nothing happens. */
  readonly heartbeatMs?: number
  readonly logger: Logger
}

export interface RunningServer {
  readonly port: number
  readonly url: string
  /** Stops accepting, lets requests in flight finish for `graceMs`, then cuts the rest off. */
  close(graceMs: number): Promise<void>
}

const MAX_HEAD_BYTES = 16_384
const HEADERS_TIMEOUT_MS = 20_000
const REQUEST_TIMEOUT_MS = 120_000
const KEEP_ALIVE_MS = 65_000
/** A client that neither sends nor takes anything for so long while it is being answered. */
const STALLED_MS = 120_000
/** Node looks at the timeouts above this often. */
const CHECK_MS = 2_000

/** What the Expect header of a request asks for. */
type Expectation = 'none' | 'continue' | 'other'

export async function startServer(engine: Engine, config: ServerConfig): Promise<RunningServer> {
  const server = createServer<typeof Request, typeof ServerResponse>({
    IncomingMessage: Request,
    maxHeaderSize: MAX_HEAD_BYTES,
    headersTimeout: HEADERS_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    connectionsCheckingInterval: CHECK_MS,
    // A missing Host is answered here, as a problem document.
    requireHostHeader: false,
    noDelay: true,
  })
  // One more than we allow, so that too many are seen and refused, not silently let go of.
  server.maxHeadersCount = MAX_HEADERS + 1
  server.timeout = STALLED_MS
  // A client that has sent all and shuts its side still waits for the answer.
  Object.assign(server, { httpAllowHalfOpen: true })

  const port = await listen(server, config)
  const service: Service = {
    engine,
    hosts: new Hosts(config.domain, port, config.endpointTemplate),
    inflight: new Inflight(config.maxInflightBytes),
    streams: new EventStreams(engine, config.heartbeatMs),
    logger: config.logger,
  }
  const dispatcher = new Dispatcher(service, new Router(calls))
  let isClosing = false

  const answer = (req: Request, res: ServerResponse, expectation: Expectation) => {
    const { socket } = req
    const connection = connectionOf(socket)
    if (connection.isClosing) return
    connection.newest = res
    if (isClosing) res.shouldKeepAlive = false
    inTurn(connection, socket, () => {
      if (expectation === 'other') {
        dispatcher.refuse(connection, req, res, true, unknownExpectation())
        return
      }
      return dispatcher.serve(connection, req, res, expectation === 'continue') ?? untilTaken(res)
    })
  }
  server.on('request', (req, res) => answer(req, res, 'none'))
  server.on('checkContinue', (req, res) => answer(req, res, 'continue'))
  server.on('checkExpectation', (req, res) => answer(req, res, 'other'))
  server.on('clientError', onClientError)
  const drained = drainedClose(server)

  return {
    port,
    url: `http://${config.host.includes(':') ? `[${config.host}]` : config.host}:${port}`,
    close: (graceMs) => {
      isClosing = true
      service.streams.close()
      return drained(graceMs)
    },
  }
}

function unknownExpectation(): Problem {
  return new Problem('expectation_failed', 'The only expectation known is 100-continue.')
}

function listen(server: Server, config: ServerConfig): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(config.port, config.host, () => {
      server.off('error', reject)
      server.on('error', (error) => config.logger.error({ err: error }, 'the server failed'))
      resolve((server.address() as AddressInfo).port)
    })
  })
}
