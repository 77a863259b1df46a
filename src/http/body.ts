import type { Exchange } from './exchange.js'
import { ABSENT } from './head.js'
import { Problem } from './problem.js'

const EMPTY = Buffer.alloc(0)

/** The client went away half-way: nobody is left to be told. */
export class Aborted extends Error {
  constructor() {
    super('the request was cut off')
    this.name = 'Aborted'
  }
}

type TooLarge = () => Problem

/**
 * The whole body, or a refusal: before the client sends a byte where the length is announced. One
 * that is cut off rejects, so that half a value is never stored.
 */
export function readBody(x: Exchange, limitBytes: number, tooLarge: TooLarge): Promise<Buffer> {
  const { contentLength, chunked } = x.head
  if (contentLength > limitBytes) throw tooLarge()
  if (contentLength <= 0 && !chunked) return Promise.resolve(EMPTY)
  if (contentLength !== ABSENT) reserve(x, contentLength)
  if (x.expectsContinue) x.res.writeContinue()
  return contentLength === ABSENT
    ? collectChunked(x, limitBytes, tooLarge)
    : collect(x, contentLength)
}

/** Body bytes are held from here until the answer is given. */
function reserve(x: Exchange, sizeBytes: number): void {
  x.service.inflight.take(sizeBytes)
  x.reservedBytes += sizeBytes
}

/** The parser lets exactly `sizeBytes` through; a body that came in one piece is taken as it is. */
function collect(x: Exchange, sizeBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let whole: Buffer | undefined
    let filled = 0
    x.req.on('data', (chunk: Buffer) => {
      if (chunk.length === sizeBytes) {
        filled = sizeBytes
        resolve(chunk)
        return
      }
      whole ??= Buffer.allocUnsafeSlow(sizeBytes)
      filled += chunk.copy(whole, filled)
      if (filled === sizeBytes) resolve(whole)
    })
    // Comes at the end of every request: only before the last byte does it mean that one was lost.
    x.req.on('close', () => {
      if (filled < sizeBytes) reject(new Aborted())
    })
  })
}

function collectChunked(x: Exchange, limitBytes: number, tooLarge: TooLarge): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let total = 0
    const onData = (chunk: Buffer) => {
      total += chunk.length
      try {
        if (total > limitBytes) throw tooLarge()
        reserve(x, chunk.length)
        chunks.push(chunk)
      } catch (error) {
        x.req.off('data', onData)
        reject(error)
      }
    }
    x.req.on('data', onData)
    x.req.on('end', () => resolve(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks, total)))
    x.req.on('close', () => {
      if (!x.req.complete) reject(new Aborted())
    })
  })
}

/** For calls whose meaning a body cannot change: one that has a body was meant for another call. */
export function refuseBody(x: Exchange): void {
  if (x.head.hasBody) {
    throw new Problem('invalid_request', `${x.req.method} takes no body here; send none.`)
  }
}
