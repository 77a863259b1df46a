import { MessageChannel, type MessagePort, receiveMessageOnPort } from 'node:worker_threads'

/** One end of a way to another thread. It can be handed to that thread in a transfer list. */
export type Port = MessagePort

/** The near and the far end of a new way. Neither keeps its process alive. */
export function openPorts(): { readonly near: Port; readonly far: Port } {
  const { port1, port2 } = new MessageChannel()
  return { near: port1, far: port2 }
}

/**
 * The port for oneself alone. Throws where it was taken already, or handed to another thread: to
 * receive on such a port ends the process (Node 20).
 */
export function takePort(port: Port): Port {
  return structuredClone(port, { transfer: [port] })
}

/** Hands over all that has come, in its order, also to a thread whose event loop does not turn. */
export function drain(port: Port, listener: (message: unknown) => void): void {
  for (;;) {
    const received = receiveMessageOnPort(port)
    if (received === undefined) {
      return
    }
    listener(received.message)
  }
}

/** Hears of what comes while the event loop turns: nothing piles up at a thread that is idle. */
export function listenOn(port: Port, listener: (message: unknown) => void): void {
  port.on('message', listener)
  port.unref()
}
