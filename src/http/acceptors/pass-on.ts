import { Agent, type ClientRequest, type IncomingMessage, request } from 'node:http'
import { CacheError } from '../../errors.js'
import { Aborted } from '../body.js'
import { drain } from '../drain.js'
import type { Exchange } from '../exchange.js'

/** Fields about one connection, not about the message (RFC 9110, 7.6.1). */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])
/** Methods that have a body as often as not: without a length one would be taken for chunked. */
const WITH_BODY: ReadonlySet<string | undefined> = new Set(['PUT', 'POST', 'PATCH'])
const EVENT_STREAM = 'text/event-stream'

/** Hands requests on, as they came, to the thread that has the engine, and its answers back. */
export class PassOn {
  private readonly agent = new Agent({ keepAlive: true })
  private readonly socketPath: string

  constructor(socketPath: string) {
    this.socketPath = socketPath
  }

  /** Resolves when the answer is out. Rejects where there is none. */
  pass(x: Exchange): Promise<void> {
    const { socketPath, agent } = this
    const { req, res } = x
    const { socket } = req
    return new Promise((resolve, reject) => {
      const onward = request({
        ...{ socketPath, agent, setHost: false },
        method: req.method,
        path: req.url,
        headers: fieldsOnward(x),
      })
      const end = () => {
        res.off('close', end)
        socket.off('close', end)
        req.unpipe(onward)
        // What is left of a short body, so that the next request is seen.
        if (!req.destroyed) req.resume()
        onward.destroy()
        resolve()
      }
      res.once('close', end)
      // While it stands behind another answer, the response does not learn of it.
      socket.once('close', end)
      onward.once('response', (answer) => relay(x, onward, answer))
      onward.on('error', (error: NodeJS.ErrnoException) => {
        if (res.headersSent || res.destroyed) res.destroy()
        else reject(socket.destroyed ? new Aborted() : unreached(error))
      })
      sendBody(x, onward)
    })
  }

  close(): void {
    this.agent.destroy()
  }
}

/** A client that holds its body back is told to go on when the other side says so. */
function sendBody({ req, res, head, expectsContinue }: Exchange, onward: ClientRequest): void {
  if (!head.hasBody) {
    onward.end()
  } else if (expectsContinue) {
    onward.flushHeaders()
    onward.once('continue', () => {
      res.writeContinue()
      req.pipe(onward)
    })
  } else {
    req.pipe(onward)
  }
}

function relay(x: Exchange, onward: ClientRequest, answer: IncomingMessage): void {
  const { req, res, connection } = x
  // Of a body that was refused half-way, or behind a stream, nothing more can be answered.
  const isLast = answer.headers.connection === 'close'
  if (isLast) {
    connection.isClosing = true
    connection.waiting.length = 0
  }
  if (answer.headers['content-type'] === EVENT_STREAM) {
    // Elsewhere a client may shut its side and wait; one that listens has gone.
    req.socket.once('end', () => onward.destroy())
    res.setTimeout(0)
  }
  const fields = endToEnd(answer.rawHeaders)
  if (isLast) fields.push('Connection', 'close')
  res.writeHead(answer.statusCode ?? 502, answer.statusMessage, fields)
  answer.on('error', () => res.destroy())
  answer.on('end', () => {
    if (!isLast || req.complete) {
      res.end()
      return
    }
    req.unpipe(onward)
    drain(req, () => res.end())
  })
  answer.pipe(res, { end: false })
  if (isLast && req.method === 'HEAD') res.flushHeaders()
}

function fieldsOnward({ req, head }: Exchange): string[] {
  const fields = endToEnd(req.rawHeaders)
  if (head.host === undefined) fields.push('Host', 'localhost')
  if (head.chunked) fields.push('Transfer-Encoding', 'chunked')
  else if (head.contentLength < 0 && WITH_BODY.has(req.method)) fields.push('Content-Length', '0')
  return fields
}

/** In their order and spelling. */
function endToEnd(raw: readonly string[]): string[] {
  const fields: string[] = []
  for (let i = 0; i < raw.length; i += 2) {
    if (!HOP_BY_HOP.has(raw[i].toLowerCase())) fields.push(raw[i], raw[i + 1])
  }
  return fields
}

/** The server is being stopped: nothing else closes the way to it. */
function unreached(error: NodeJS.ErrnoException): CacheError {
  const maybeStored = error.code !== 'ECONNREFUSED' && error.code !== 'ENOENT'
  return new CacheError('closed', 'The server is shutting down.', { maybeStored, cause: error })
}
