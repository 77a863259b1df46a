import { type ServerResponse, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { connectionOf } from './connection.js'
import { Problem } from './problem.js'

/**
 * Answers what Node's parser refuses, and requests that take too long, with a problem document like
 * any other. There is no response object for these, so the bytes are written by hand. Returns the status
 * that was answered with, if something was.
 */
export function onClientError(error: NodeJS.ErrnoException, socket: Socket): number | undefined {
  const connection = connectionOf(socket)
  const { newest } = connection
  const isKnown = connection.isClosing
  connection.isClosing = true
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy()
    return undefined
  }
  if (newest === undefined || newest.writableFinished) {
    return writeLast(socket, problemFor(error))
  }
  if (newest.req.complete) {
    // The fault lies behind a request that is still being answered: that answer goes out first.
    if (!isKnown) newest.once('close', () => socket.destroySoon())
    return undefined
  }
  return refuseHalf(newest, socket, problemFor(error))
}

/** The fault lies in the body of the newest request, so this is the answer to it. */
function refuseHalf(res: ServerResponse, socket: Socket, problem: Problem): number | undefined {
  if (!res.headersSent && res.socket === socket) return writeLast(socket, problem)
  socket.destroy()
  return undefined
}

function problemFor(error: NodeJS.ErrnoException): Problem {
  switch (error.code) {
    case 'HPE_HEADER_OVERFLOW':
      return new Problem('headers_too_large', 'The request line and headers are too long.')
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return new Problem('invalid_body', 'The chunk extensions are too long.', { status: 413 })
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new Problem('request_timeout', 'The request did not arrive in time; send it again.')
    default:
      return new Problem('invalid_request', 'This is not a well-formed HTTP/1.1 request.')
  }
}

function writeLast(socket: Socket, problem: Problem): number {
  const body = problem.body()
  socket.end(
    [
      `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}`,
      `Date: ${new Date().toUTCString()}`,
      'Content-Type: application/problem+json',
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Connection: close',
      '',
      body,
    ].join('\r\n'),
  )
  socket.destroySoon()
  return problem.status
}
