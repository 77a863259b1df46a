import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Logger } from 'pino'
import type { Engine } from '../engine/engine.js'
import { Acceptors } from './acceptors/acceptors.js'
import { Board } from './acceptors/board.js'
import { acceptBeside, countConnections } from './acceptors/share.js'
import { Dispatcher } from './dispatch.js'
import { EventStreams } from './event-streams.js'
import type { Home } from './exchange.js'
import { LiveFigures } from './figures/live-figures.js'
import { Hosts } from './host.js'
import { answerBy, type Close, newServer } from './http-server.js'
import { Inflight } from './inflight.js'
import { watchLoop } from './metrics/loop-delay.js'
import { Meters } from './metrics/meter.js'
import { Monitor } from './metrics/monitor.js'
import { ApiDocument } from './openapi/api-document.js'
import { Router } from './router.js'
import { calls } from './routes.js'
import { Site } from './site.js'

export interface ServerConfig {
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  /** Threads that serve the port, the calling one included; 1 where absent. */
  readonly acceptors?: number
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
  /** Threads that serve the port now. */
  readonly acceptors: number
  /** Stops accepting, lets requests in flight finish for `graceMs`, then cuts the rest off. */
  readonly close: Close
}

/** Serves an engine. For each acceptor but the first it takes one of the engine's `writers`. */
export async function startServer(engine: Engine, config: ServerConfig): Promise<RunningServer> {
  const wanted = config.acceptors ?? 1
  const server = newServer()
  const port = await listen(server, config)
  const board = Board.create(wanted)
  const place = board.place(0)
  const hosts = new Hosts(config.domain, port, config.endpointTemplate)
  const meters = Meters.create(wanted, calls.length)
  const meter = meters.of(0)
  let others: Acceptors | undefined
  const acceptorCount = () => 1 + (others?.count ?? 0)
  const streams = new EventStreams(engine, {
    heartbeatMs: config.heartbeatMs,
    figures: () => new LiveFigures({ engine, monitor }),
  })
  const figures = () => ({
    acceptors: acceptorCount(),
    acceptorDeaths: others?.deathCount ?? 0,
    connections: place.connections,
    heldBytes: place.heldBytes,
    listeners: streams.count,
  })
  const monitor = new Monitor({ engine, meters, calls, figures })
  const home: Home = {
    engine,
    hosts,
    inflight: new Inflight(config.maxInflightBytes, place),
    meter,
    streams,
    monitor,
    site: new Site(),
    document: new ApiDocument(calls, hosts.endpointOf('{id}')),
    logger: config.logger,
  }
  const router = new Router(calls)
  const close = answerBy(server, new Dispatcher(home, router))
  place.begin()
  const ignoreLoop = watchLoop(meter.loopDelay)
  countConnections(server, place)
  if (wanted > 1) {
    acceptBeside(server, place)
    const inner = new Dispatcher(home, router, { isInner: true })
    const options = { engine, server, port, board, meters, inner, config }
    others = await Acceptors.start(wanted - 1, options).catch(async (error: unknown) => {
      home.streams.close()
      await close(0)
      throw error
    })
  }
  return {
    port,
    url: `http://${config.host.includes(':') ? `[${config.host}]` : config.host}:${port}`,
    get acceptors() {
      return acceptorCount()
    },
    close: async (graceMs) => {
      ignoreLoop()
      monitor.close()
      home.streams.close()
      await others?.noneBegins()
      await Promise.all([close(graceMs), others?.close(graceMs)])
    },
  }
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
