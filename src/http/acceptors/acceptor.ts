/** The life of a further acceptor: a thread that serves keys from shared memory. */
import { parentPort, workerData } from 'node:worker_threads'
import { AttachedEngine } from '../../engine/attached.js'
import { Dispatcher } from '../dispatch.js'
import { Hosts } from '../host.js'
import { answerBy, newServer } from '../http-server.js'
import { Inflight } from '../inflight.js'
import { keyCalls } from '../key-routes.js'
import { watchLoop } from '../metrics/loop-delay.js'
import { Meters } from '../metrics/meter.js'
import { Router } from '../router.js'
import { Board } from './board.js'
import { PassOn } from './pass-on.js'
import { acceptBeside, countConnections, listenBeside } from './share.js'
import type { AcceptorTask, Stop, Told } from './task.js'

const task = workerData as AcceptorTask
const tell = (told: Told) => parentPort?.postMessage(told)

const engine = new AttachedEngine(task.handle)
const place = new Board(task.board).place(task.number)
const meter = new Meters(task.meters, task.routes).of(task.number)
const service = {
  engine,
  hosts: new Hosts(task.domain, task.port, task.endpointTemplate),
  inflight: new Inflight(task.maxInflightBytes, place),
  meter,
  logger: {
    error: (fields: object, text: string) => tell({ kind: 'error', fields, text }),
    info: (fields: object, text: string) => tell({ kind: 'info', fields, text }),
  },
}
const passOn = new PassOn(task.socketPath)
const dispatcher = new Dispatcher(service, new Router(keyCalls), {
  elsewhere: (x) => passOn.pass(x),
})
const server = newServer()
const close = answerBy(server, dispatcher)
countConnections(server, place)
acceptBeside(server, place)
await listenBeside(server, task.descriptor)
place.begin()
watchLoop(meter.loopDelay)

// With the port closed nothing is left to keep the thread.
parentPort?.once('message', async ({ graceMs }: Stop) => {
  await close(graceMs)
  passOn.close()
  engine.close()
  parentPort?.close()
})
tell({ kind: 'serving' })
