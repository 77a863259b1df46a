import { spawn } from 'node:child_process'
import type { Server } from 'node:http'
import type { Server as NetServer } from 'node:net'
import type { Place } from './board.js'

/**
 * A thread that is awake would take a whole burst of connections before the others have woken up, and
 * keep them: one that has more than its part leaves the next one to them for so long.
 */
const COURTESY_MS = 0.2
const nothing = new Int32Array(new SharedArrayBuffer(4))

/** A process that takes longer to begin is ended. */
const PATIENCE_MS = 10_000

/** Takes the listening socket at descriptor 4 and hands it back, as another descriptor. */
const MIRROR =
  "const server = require('net').createServer().listen({ fd: 4 });" +
  "process.send('listening', server, () => process.exit())"

/**
 * Listens on the socket that another thread listens on, with a descriptor of its own. Within a process
 * only its number could be handed on, and whoever closes a number that another has closed already closes
 * somebody else's file. A socket that is sent to another process and back comes as a new descriptor.
 */
export async function listenBeside(server: Server, descriptor: number): Promise<void> {
  const own = await mirrored(descriptor)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(own, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

function mirrored(descriptor: number): Promise<NetServer> {
  return new Promise((resolve, reject) => {
    const { NODE_OPTIONS, ...env } = process.env
    const child = spawn(process.execPath, ['-e', MIRROR], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc', descriptor],
      env,
      timeout: PATIENCE_MS,
    })
    child.once('message', (_, handle) => resolve(handle as NetServer))
    child.once('error', reject)
    // Comes behind the message, which an exit can overtake.
    child.once('disconnect', () => reject(new Error('no socket came back')))
  })
}

/** Counts this acceptor's connections. */
export function countConnections(server: Server, place: Place): void {
  server.on('connection', (socket) => {
    place.connect(1)
    socket.once('close', () => place.connect(-1))
  })
}

/** Leaves some connections to the others; they are counted before. */
export function acceptBeside(server: Server, place: Place): void {
  server.on('connection', () => {
    if (place.excess > 1) Atomics.wait(nothing, 0, 0, COURTESY_MS)
  })
}
