import type { Server } from 'node:http'
import { Server as NetServer, type Socket } from 'node:net'
import { connectionOf } from './connection.js'

const SWEEP_MS = 25

/**
 * Closes a server as Node's own `close` does not: it takes an answer that is still on its way to a
 * slow client for an idle connection and cuts it off, and a connection that never sent anything, as
 * browsers keep them, for a busy one. So the connections are looked through here.
 */
export function drainedClose(server: Server): (graceMs: number) => Promise<void> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  const sweep = () => {
    for (const socket of sockets) if (isIdle(socket)) socket.destroy()
  }
  return (graceMs) => {
    return new Promise((resolve) => {
      const sweeping = setInterval(sweep, SWEEP_MS)
      const cutOff = setTimeout(() => server.closeAllConnections(), graceMs)
      NetServer.prototype.close.call(server, () => {
        clearInterval(sweeping)
        clearTimeout(cutOff)
        // Nothing is left to close but the timer that looks for late requests.
        server.close(() => resolve())
      })
      sweep()
    })
  }
}

/** Every answer begun is out, or nothing was ever asked. */
function isIdle(socket: Socket): boolean {
  const { newest } = connectionOf(socket)
  return newest === undefined ? socket.bytesRead === 0 : newest.writableFinished
}
