import type { Engine } from '../engine/engine.js'
import { CacheError } from '../errors.js'
import { authenticate, authorize } from './auth.js'
import type { HomeExchange } from './exchange.js'

export const MAX_WATCHERS = 64
/** What a watcher has not read yet lies in our memory: beyond this it is cut off. */
export const MAX_UNREAD_BYTES = 2 ** 20
/** Shorter than the patience of the proxies that one meets: 30 s and up. */
const HEARTBEAT_MS = 15_000
const HEARTBEAT = ': still here\n\n'
/** What the last message gets to be taken in when the server stops. */
const LAST_WORDS_MS = 250

export const STREAM_HEAD = [
  ...['Content-Type', 'text/event-stream'],
  ...['Cache-Control', 'no-store'],
  // nginx would collect a stream until its buffer is full.
  ...['X-Accel-Buffering', 'no'],
  // Nothing can be answered behind a stream.
  ...['Connection', 'close'],
]

/** How often figures are told, and how soon for the first time: nobody is to look at an empty page. */
const FIGURES_MS = 1_000
const FIRST_FIGURES_MS = 200

type Source = Pick<Engine, 'watch' | 'ringStatus'>

export interface EventOptions {
  readonly heartbeatMs?: number | undefined
  /** What the time since it was last asked was like; nothing is told where absent. */
  readonly figures?: (() => { interval(): object }) | undefined
}

/** All who listen to the ring of one server: `GET /v1/events`. */
export class EventStreams {
  private readonly source: Source
  private readonly streams = new Set<Stream>()
  private readonly heartbeat: NodeJS.Timeout
  private readonly unsubscribe: () => void
  /** Number of the last event; of all that happened, whether or not somebody listened. */
  private lastId = 0
  private isClosed = false
  private readonly figures: EventOptions['figures']
  private figuring: NodeJS.Timeout | undefined
  /** What was told last, for whoever comes between two times. */
  private lastFigures = ''

  constructor(source: Source, { heartbeatMs = HEARTBEAT_MS, figures }: EventOptions = {}) {
    this.source = source
    this.figures = figures
    this.unsubscribe = source.watch((event) => {
      this.lastId++
      if (this.streams.size > 0) this.tell(message(this.lastId, event))
    })
    this.heartbeat = setInterval(() => this.tell(HEARTBEAT), heartbeatMs)
    this.heartbeat.unref()
  }

  get count(): number {
    return this.streams.size
  }

  /** Begins a stream with the whole ring as it is now; resolves when it has ended. */
  open(x: HomeExchange, wantsFigures = false): Promise<void> {
    if (this.isClosed) throw new CacheError('closed', 'The server is shutting down.')
    if (this.streams.size >= MAX_WATCHERS) {
      throw new CacheError(
        'overloaded',
        `${MAX_WATCHERS} clients are listening already; end one, or ask GET /v1/ring instead.`,
      )
    }
    const whole = { type: 'ring', cause: 'connected', ...this.source.ringStatus() }
    const stream = new Stream(x, wantsFigures)
    this.streams.add(stream)
    stream.send(message(this.lastId, whole))
    if (wantsFigures) this.beginFigures(stream)
    return stream.ended.then(() => {
      this.streams.delete(stream)
    })
  }

  /** Ends every stream, those that nobody reads as well. */
  close(): void {
    this.isClosed = true
    this.unsubscribe()
    clearInterval(this.heartbeat)
    clearTimeout(this.figuring)
    for (const stream of this.streams) stream.end()
  }

  private beginFigures(stream: Stream): void {
    if (this.figures === undefined) return
    if (this.figuring === undefined) {
      this.lastFigures = ''
      this.tellFiguresAfter(FIRST_FIGURES_MS, this.figures())
    } else if (this.lastFigures !== '') {
      stream.send(this.lastFigures)
    }
  }

  /** And so on, as long as somebody wants them. */
  private tellFiguresAfter(ms: number, figures: { interval(): object }): void {
    this.figuring = setTimeout(() => {
      const wanting = [...this.streams].filter(({ wantsFigures }) => wantsFigures)
      if (wanting.length === 0) {
        this.figuring = undefined
        return
      }
      this.lastFigures = `event: figures\ndata: ${JSON.stringify(figures.interval())}\n\n`
      for (const stream of wanting) stream.send(this.lastFigures)
      this.tellFiguresAfter(FIGURES_MS, figures)
    }, ms)
    this.figuring.unref()
  }

  private tell(text: string): void {
    for (const stream of this.streams) stream.send(text)
  }
}

/** One answer that goes on until somebody ends it. */
class Stream {
  readonly ended: Promise<void>
  readonly wantsFigures: boolean
  private readonly x: HomeExchange

  constructor(x: HomeExchange, wantsFigures: boolean) {
    this.x = x
    x.isStream = true
    this.wantsFigures = wantsFigures
    const { req, res, connection } = x
    const { socket } = req
    this.ended = new Promise((resolve) => {
      res.once('close', resolve)
      // While it stands behind another answer, the response does not learn of it.
      socket.once('close', () => resolve())
    })
    // Elsewhere a client may shut its side and wait; one that listens has gone.
    socket.once('end', () => this.end())
    res.on('error', () => {})
    connection.isClosing = true
    connection.waiting.length = 0
    // The server's limit is for clients that take nothing; here there may be nothing to take.
    res.setTimeout(0)
    res.writeHead(200, STREAM_HEAD)
  }

  send(text: string): void {
    const { res, req } = this.x
    if (res.writableEnded || res.destroyed) return
    if (!this.isAllowed()) {
      this.end()
      return
    }
    res.write(text)
    if (res.writableLength > MAX_UNREAD_BYTES) req.socket.destroy()
  }

  end(): void {
    const { res, req } = this.x
    if (res.writableEnded) return
    res.end()
    setTimeout(() => req.socket.destroy(), LAST_WORDS_MS).unref()
  }

  /** A credential may be revoked while its stream is open. */
  private isAllowed(): boolean {
    const { service, connection, head } = this.x
    try {
      authorize(authenticate(service.engine, connection, head.authorization), 'root')
      return true
    } catch {
      return false
    }
  }
}

function message(id: number, event: { readonly type: string }): string {
  return `id: ${id}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`
}
