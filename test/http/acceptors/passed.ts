import type { AddressInfo } from 'node:net'
import pino from 'pino'
import { Engine } from '../../../src/engine/engine.js'
import { Board } from '../../../src/http/acceptors/board.js'
import { listenInside } from '../../../src/http/acceptors/inner-socket.js'
import { PassOn } from '../../../src/http/acceptors/pass-on.js'
import { Dispatcher } from '../../../src/http/dispatch.js'
import { EventStreams } from '../../../src/http/event-streams.js'
import type { Home } from '../../../src/http/exchange.js'
import { Hosts } from '../../../src/http/host.js'
import { answerBy, newInnerServer, newServer } from '../../../src/http/http-server.js'
import { Inflight } from '../../../src/http/inflight.js'
import { Meters } from '../../../src/http/metrics/meter.js'
import { Monitor } from '../../../src/http/metrics/monitor.js'
import { ApiDocument } from '../../../src/http/openapi/api-document.js'
import { Router } from '../../../src/http/router.js'
import { calls } from '../../../src/http/routes.js'
import { Site } from '../../../src/http/site.js'
import { ROOT_KEY } from '../served.js'

/** One engine behind two ports: `direct` answers, `passed` passes everything on to where it is answered. */
export interface Passed {
  readonly engine: Engine
  readonly direct: number
  readonly passed: number
  readonly logged: string[]
  /** Closes the way to the engine, and leaves the ports. */
  part(): Promise<void>
  close(): Promise<void>
}

const NO_FIGURES = {
  acceptors: 1,
  acceptorDeaths: 0,
  connections: 0,
  heldBytes: 0,
  listeners: 0,
}

export async function openPassed(heartbeatMs?: number): Promise<Passed> {
  const engine = await Engine.open({
    ...{ kind: 'inline', nodes: 2, memory: '64mb', maxValue: '4mb', rootKey: ROOT_KEY },
  })
  const logged: string[] = []
  const streams = new EventStreams(engine, { heartbeatMs })
  const meters = Meters.create(1, calls.length)
  const home: Home = {
    engine,
    hosts: new Hosts('localhost', 7070),
    inflight: new Inflight(8 * 2 ** 20, Board.create(1).place(0)),
    streams,
    monitor: new Monitor({ engine, meters, calls, figures: () => NO_FIGURES }),
    site: new Site(),
    document: new ApiDocument(calls, 'http://www.{id}.localhost:7070/'),
    meter: meters.of(0),
    logger: pino({ level: 'error' }, { write: (line: string) => logged.push(line) }),
  }
  const router = new Router(calls)
  const inner = newInnerServer()
  const closeInner = answerBy(inner, new Dispatcher(home, router, { isInner: true }))
  const socket = await listenInside(inner)
  const passOn = new PassOn(socket.path)
  const open = async (dispatcher: Parameters<typeof answerBy>[1]) => {
    const server = newServer()
    const close = answerBy(server, dispatcher)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return { close, port: (server.address() as AddressInfo).port }
  }
  const direct = await open(new Dispatcher(home, router))
  const elsewhere = passOn.pass.bind(passOn)
  const passed = await open(new Dispatcher(home, new Router<never>([]), { elsewhere }))
  let parted: Promise<void> | undefined
  const part = () => {
    parted ??= closeInner(0).then(() => socket.remove())
    return parted
  }
  return {
    engine,
    direct: direct.port,
    passed: passed.port,
    logged,
    part,
    close: async () => {
      home.streams.close()
      await Promise.all([direct.close(500), passed.close(500)])
      passOn.close()
      await part()
      await engine.close()
    },
  }
}
