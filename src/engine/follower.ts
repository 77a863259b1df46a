import { type Clock, clockFrom } from '../clock.js'
import { CacheError } from '../errors.js'
import { drain, listenOn, type Port, takePort } from '../node/ports.js'
import type { EngineHandle } from './announcer.js'
import { Credentials } from './credentials.js'
import { Directory } from './directory.js'
import { FollowedRoutes } from './followed-routes.js'
import { Handing } from './handing.js'
import type { BucketState } from './keys.js'
import type { News } from './news.js'
import { type Change, changed } from './records.js'

/** Counts of news begin at 0: this one is always behind. */
const CLOSED = -1

/**
 * What an attached thread knows of its engine: routes, buckets, credentials. Whoever goes by them calls
 * `follow` before, and a reader looks at `isCurrent` after: one load of a shared word each.
 */
export class Follower {
  readonly directory: Directory
  readonly routes: FollowedRoutes
  readonly handing: Handing
  readonly clock: Clock
  readonly buckets = new Map<string, BucketState>()
  readonly credentials = new Credentials()
  private readonly port: Port
  private seen = CLOSED
  private isOver = false

  constructor(handle: EngineHandle) {
    this.directory = new Directory(handle.directory)
    this.clock = clockFrom(handle.clock)
    this.routes = new FollowedRoutes(handle.baseMs, this.clock)
    this.port = take(handle.port)
    this.handing = new Handing(this.port)
    const { news } = this.directory
    drain(this.port, (message) => this.hear(message as News))
    if (this.routes.nodes.length === 0) {
      throw notAttached()
    }
    this.seen = news
    listenOn(this.port, (message) => this.hear(message as News))
    this.port.on('close', () => this.end())
  }

  /** Nothing has changed since `follow`. */
  get isCurrent(): boolean {
    return this.directory.news === this.seen
  }

  /** From here on all is as the engine's thread last acknowledged it. Throws `closed`. */
  follow(): void {
    if (!this.isCurrent) {
      if (this.seen === CLOSED) {
        throw notAttached()
      }
      const { news } = this.directory
      drain(this.port, (message) => this.hear(message as News))
      this.seen = news
    }
  }

  /** The same for whoever is about to write: the engine has to be there. */
  followToWrite(): void {
    this.follow()
    if (this.isOver) {
      throw new CacheError('closed', 'the cache is closed')
    }
  }

  close(): void {
    this.port.close()
    this.seen = CLOSED
    this.end()
    this.routes.close()
  }

  private hear(news: News): void {
    switch (news.kind) {
      case 'routes':
        this.routes.become(news.routes)
        return
      case 'gone':
        this.routes.gone(news.serial, news.departure)
        return
      case 'bucket':
        this.buckets.set(news.record.id, news)
        return
      case 'no bucket':
        this.buckets.delete(news.id)
        return
      case 'credentials':
        this.apply(news.changes)
        return
      case 'answers':
        this.handing.settle(news.answers)
    }
  }

  private apply(changes: readonly Change[]): void {
    for (const [key, record] of changes.map(changed)) {
      if (record?.type === 'credential') {
        this.credentials.add(record.value)
      } else if (record === undefined) {
        this.credentials.remove(key.slice(key.indexOf('/') + 1))
      }
    }
  }

  /** No news come any more, and no answers: what is in memory can still be read. */
  private end(): void {
    this.isOver = true
    this.routes.end()
    this.handing.failAll(
      new CacheError('closed', 'the cache was closed; a write under way may have been stored', {
        maybeStored: true,
      }),
    )
  }
}

function take(port: Port): Port {
  try {
    return takePort(port)
  } catch (cause) {
    throw new CacheError(
      'invalid_option',
      'this handle is in use already: whoever attaches needs one of their own',
      { cause },
    )
  }
}

function notAttached(): CacheError {
  return new CacheError('closed', 'this thread is not attached to the engine, or no longer')
}
