import type { IncomingMessage } from 'node:http'

const DRAIN_BYTES = 2 ** 20
const DRAIN_MS = 1_000

/**
 * Reads away what a refused client still sends, within bounds: a socket closed while bytes arrive
 * is reset, and the reset can overtake the answer.
 */
export function drain(req: IncomingMessage, done: () => void): void {
  let read = 0
  const finish = () => {
    clearTimeout(timer)
    req.off('data', onData)
    req.off('end', finish)
    req.off('close', finish)
    done()
  }
  const onData = (chunk: Buffer) => {
    read += chunk.length
    if (read > DRAIN_BYTES) finish()
  }
  const timer = setTimeout(finish, DRAIN_MS)
  if (req.destroyed || req.complete) {
    finish()
    return
  }
  req.on('data', onData)
  req.on('end', finish)
  req.on('close', finish)
}
