import { IncomingMessage } from 'node:http'

/** Takes a body's pieces as they leave the parser. */
export interface BodySink {
  piece(chunk: Buffer): void
  end(): void
  /** The client went away before the end. */
  cut(): void
}

/** What Node's types leave out. */
interface Inner {
  /** Nobody is going to read the stream. */
  _dumped: boolean
  readonly _readableState: { ended: boolean; endEmitted: boolean }
}

/**
 * A request whose body can be had straight from the parser. A stream takes two listeners and four turns
 * of the tick queue to say that it has ended, whether anybody listens or not: a tenth of a whole GET or
 * PUT. So where nobody is going to read it, it ends in silence, as Node 24's `optimizeEmptyRequests`
 * has it for requests without a body.
 */
export class Request extends IncomingMessage {
  private sink: BodySink | undefined = undefined
  private isForgone = false

  /** False where pieces already lie in the stream: then it is to be read as a stream. */
  intercept(sink: BodySink): boolean {
    if (this.complete || this.readableLength > 0 || this.destroyed) return false
    this.sink = sink
    return true
  }

  /** From now on pieces go into the stream again. */
  release(): void {
    this.sink = undefined
  }

  /** Nobody will read the stream: there is no body. */
  forgo(): void {
    this.isForgone = true
  }

  override push(chunk: unknown, encoding?: BufferEncoding): boolean {
    const { sink } = this
    if (sink !== undefined && chunk !== null) {
      sink.piece(chunk as Buffer)
      return true
    }
    if (chunk !== null || (sink === undefined && !this.isForgone)) {
      return super.push(chunk, encoding)
    }
    this.sink = undefined
    this.endInSilence()
    sink?.end()
    return false
  }

  private endInSilence(): void {
    const { _dumped, _readableState: state } = this as unknown as Inner
    // Once Node has begun to throw away what nobody reads it waits for the end.
    if (_dumped) {
      super.push(null)
      return
    }
    state.ended = true
    state.endEmitted = true
    ;(this as unknown as Inner)._dumped = true
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    const { sink } = this
    this.sink = undefined
    sink?.cut()
    super._destroy(error, callback)
  }
}
