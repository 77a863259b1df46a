import { createServer, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { onClientError } from './client-error.js'
import { drainedClose } from './close.js'
import { connectionOf } from './connection.js'
import type { Dispatcher } from './dispatch.js'
import { MAX_HEADERS } from './head.js'
import { inTurn, untilTaken } from './pipeline.js'
import { Problem } from './problem.js'
import { Request } from './request.js'

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

/** Stops accepting, lets requests under way finish for `graceMs`, then cuts the rest off. */
export type Close = (graceMs: number) => Promise<void>

type Answering = Pick<Dispatcher, 'serve' | 'refuse' | 'countUnreadable'>

/** A server for whoever comes. */
export function newServer(): Server {
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
  allowHalfOpen(server)
  return server
}

/** A server for our own acceptors, which have held every request to the limits already. */
export function newInnerServer(): Server {
  const server = createServer<typeof Request, typeof ServerResponse>({
    IncomingMessage: Request,
    maxHeaderSize: 2 * MAX_HEAD_BYTES,
    headersTimeout: 0,
    requestTimeout: 0,
    keepAliveTimeout: 0,
    requireHostHeader: false,
  })
  server.maxHeadersCount = 0
  server.timeout = 0
  allowHalfOpen(server)
  return server
}

/** A client that has sent all and shuts its side still waits for the answer. */
function allowHalfOpen(server: Server): void {
  Object.assign(server, { httpAllowHalfOpen: true })
}

/** From now on every request of the server goes to the dispatcher, in its connection's turn. */
export function answerBy(server: Server, dispatcher: Answering): Close {
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
  server.on('request', (req: Request, res) => answer(req, res, 'none'))
  server.on('checkContinue', (req: Request, res) => answer(req, res, 'continue'))
  server.on('checkExpectation', (req: Request, res) => answer(req, res, 'other'))
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    const status = onClientError(error, socket)
    if (status !== undefined) dispatcher.countUnreadable(status)
  })
  const drained = drainedClose(server)
  return (graceMs) => {
    isClosing = true
    return drained(graceMs)
  }
}

function unknownExpectation(): Problem {
  return new Problem('expectation_failed', 'The only expectation known is 100-continue.')
}
