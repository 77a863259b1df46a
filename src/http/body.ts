import type { Exchange } from './exchange.js'
import { ABSENT } from './head.js'
import { Problem } from './problem.js'
import type { BodySink } from './request.js'

const EMPTY = Buffer.alloc(0)

/** The client went away half-way: nobody is left to be told. */
export class Aborted extends Error {
  constructor() {
    super('the request was cut off')
    this.name = 'Aborted'
  }
}

/**
 * The whole body, or a refusal: before the client sends a byte where the length is announced. One
 * that is cut off rejects, so that half a value is never stored.
 */
export function readBody(
  x: Exchange,
  limitBytes: number,
  tooLarge: () => Problem,
): Promise<Buffer> {
  const { contentLength, chunked } = x.head
  if (contentLength > limitBytes) throw tooLarge()
  if (contentLength <= 0 && !chunked) return Promise.resolve(EMPTY)
  // Only bytes that came are counted as held: announcing many must not keep others out.
  if (contentLength !== ABSENT) x.service.inflight.check(contentLength)
  if (x.expectsContinue) x.res.writeContinue()
  return new Promise((resolve, reject) => {
    const isAnnounced = contentLength !== ABSENT
    attach(
      x,
      isAnnounced
        ? new Announced(x, contentLength, resolve, reject)
        : new Chunked(x, limitBytes, tooLarge, resolve, reject),
    )
  })
}

/** Body bytes are held from here until the answer is given. */
function reserve(x: Exchange, sizeBytes: number): void {
  x.service.inflight.take(sizeBytes)
  x.reservedBytes += sizeBytes
}

function attach(x: Exchange, sink: BodySink): void {
  const { req } = x
  if (req.intercept(sink)) return
  if (req.destroyed) {
    sink.cut()
    return
  }
  req.on('data', (chunk: Buffer) => sink.piece(chunk))
  req.on('end', () => sink.end())
  req.on('close', () => {
    if (!req.readableEnded) sink.cut()
  })
}

/** The parser lets exactly `sizeBytes` through; a body that came in one piece is taken as it is. */
class Announced implements BodySink {
  private readonly x: Exchange
  private readonly sizeBytes: number
  private readonly resolve: (body: Buffer) => void
  private readonly reject: (error: unknown) => void
  private whole: Buffer = EMPTY
  private filled = 0
  private isRefused = false

  constructor(
    x: Exchange,
    sizeBytes: number,
    resolve: (body: Buffer) => void,
    reject: (error: unknown) => void,
  ) {
    this.x = x
    this.sizeBytes = sizeBytes
    this.resolve = resolve
    this.reject = reject
  }

  piece(chunk: Buffer): void {
    if (this.isRefused) return
    try {
      reserve(this.x, chunk.length)
    } catch (error) {
      this.isRefused = true
      this.whole = EMPTY
      this.x.req.release()
      this.reject(error)
      return
    }
    if (chunk.length === this.sizeBytes) {
      this.whole = chunk
      return
    }
    if (this.filled === 0) this.whole = Buffer.allocUnsafeSlow(this.sizeBytes)
    this.filled += chunk.copy(this.whole, this.filled)
  }

  end(): void {
    if (!this.isRefused) this.resolve(this.whole)
  }

  cut(): void {
    this.reject(new Aborted())
  }
}

/** Nobody knows how much will come: counted, against both limits, as it does. */
class Chunked implements BodySink {
  private readonly x: Exchange
  private readonly limitBytes: number
  private readonly tooLarge: () => Problem
  private readonly resolve: (body: Buffer) => void
  private readonly reject: (error: unknown) => void
  private readonly chunks: Buffer[] = []
  private total = 0
  private isRefused = false

  constructor(
    x: Exchange,
    limitBytes: number,
    tooLarge: () => Problem,
    resolve: (body: Buffer) => void,
    reject: (error: unknown) => void,
  ) {
    this.x = x
    this.limitBytes = limitBytes
    this.tooLarge = tooLarge
    this.resolve = resolve
    this.reject = reject
  }

  piece(chunk: Buffer): void {
    if (this.isRefused) return
    this.total += chunk.length
    try {
      if (this.total > this.limitBytes) throw this.tooLarge()
      reserve(this.x, chunk.length)
      this.chunks.push(chunk)
    } catch (error) {
      this.isRefused = true
      this.chunks.length = 0
      this.x.req.release()
      this.reject(error)
    }
  }

  end(): void {
    const { chunks, total } = this
    this.resolve(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks, total))
  }

  cut(): void {
    this.reject(new Aborted())
  }
}

/** For calls whose meaning a body cannot change: one that has a body was meant for another call. */
export function refuseBody(x: Exchange): void {
  if (x.head.hasBody) {
    throw new Problem('invalid_request', `${x.req.method} takes no body here; send none.`)
  }
  x.req.forgo()
}
