import type { IncomingMessage } from 'node:http'

const DRAIN_BYTES = 2 ** 20
const DRAIN_MS = 1_000
/** A client that sends more is held up for so long, in which it can see its answer. */
const LINGER_MS = 200

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
    if (read > DRAIN_BYTES) {
      req.off('data', onData)
      req.pause()
      clearTimeout(timer)
      timer = setTimeout(finish, LINGER_MS)
    }
  }
  let timer = setTimeout(finish, DRAIN_MS)
  if (req.destroyed || req.complete) {
    finish()
    return
  }
  req.on('data', onData)
  req.on('end', finish)
  req.on('close', finish)
}
