import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Connection } from './connection.js'
import type { Answered } from './exchange.js'

/** With so many requests waiting a client is not read from for a while. */
const PAUSE_AT = 64
/** What one more read can bring is far below this. */
const MAX_WAITING = 10_000

/**
 * Requests of one connection, in order. A client may send several without waiting for answers, and
 * a GET sent behind a PUT must see what it stored (RFC 9112, 9.3.2), so while one is being answered
 * the next ones wait. Where all are answered at once nobody ever does.
 */
export function inTurn(connection: Connection, socket: Socket, serve: () => Answered): void {
  if (connection.isBusy) {
    wait(connection, socket, serve)
    return
  }
  const answered = serve()
  if (answered === undefined) return
  connection.isBusy = true
  answered.then(() => goOn(connection, socket))
}

function wait(connection: Connection, socket: Socket, serve: () => Answered): void {
  const { waiting } = connection
  waiting.push(serve)
  // Not within the parser's turn: it starts the socket again at the end of each request.
  if (waiting.length === PAUSE_AT) setImmediate(() => waiting.length > 0 && socket.pause())
  if (waiting.length > MAX_WAITING) socket.destroy()
}

function goOn(connection: Connection, socket: Socket): void {
  const { waiting } = connection
  connection.isBusy = false
  while (waiting.length > 0 && !connection.isBusy) {
    if (socket.destroyed) {
      waiting.length = 0
      return
    }
    const next = waiting.shift()
    if (next !== undefined) inTurn(connection, socket, next)
    if (waiting.length === 0) socket.resume()
  }
}

/** Bytes of answers that a client has not read yet, beyond which its next requests wait. */
const MAX_UNREAD_BYTES = 65_536

/**
 * What a request answered at once still waits for: nothing, or that its answer is taken. A client that
 * asks on without reading would otherwise fill the memory with answers.
 */
export function untilTaken(res: ServerResponse): Answered {
  const { socket } = res
  // Without a socket the answer stands behind an earlier one of the same connection.
  if (socket !== null && socket.writableLength <= MAX_UNREAD_BYTES) return undefined
  if (res.writableFinished || res.destroyed) return undefined
  return new Promise((resolve) => res.once('close', resolve))
}
