import type { Clock } from '../clock.js'
import { CacheError } from '../errors.js'
import type { Departure } from '../node/far-node.js'
import { Mailbox } from '../node/mailbox.js'
import type { Node } from '../node/node.js'
import { openPorts, type Port } from '../node/ports.js'
import type { Directory } from './directory.js'
import type { Announced, HandedAnswer, HandedWrite, News, Placed } from './news.js'
import type { Circle, Routes } from './routes.js'
import type { Tallies } from './tallies.js'

/**
 * All that another thread needs to attach to an engine and to follow it. It holds no memory of the
 * nodes, as it may live for as long as the thread: that comes through the port.
 */
export interface EngineHandle {
  readonly baseMs: number
  readonly maxValueBytes: number
  readonly writes: boolean
  readonly directory: SharedArrayBuffer
  readonly tally: Float64Array
  readonly clock: SharedArrayBuffer | undefined
  readonly port: Port
  /** Goes with the handle as its transfer list; so a handle is for one thread. */
  readonly transfer: Port[]
}

export interface HandleOptions {
  /** The thread may write too, and check credentials: one of the engine's `writers`. */
  readonly writes?: boolean
}

export interface AnnouncerHost {
  readonly routes: Routes & { readonly all: ReadonlySet<Node> }
  readonly directory: Directory
  readonly tallies: Tallies
  readonly clock: Clock
  readonly maxValueBytes: number
  /** Threads that may write at one time. */
  readonly writers: number
  /** Every bucket; and for those that write every credential, as if they had just been made. */
  known(writes: boolean): News[]
  /** Writes that the engine's thread has to order; `answer` is told of each. */
  carryOut(writes: readonly HandedWrite[], answer: (answer: HandedAnswer) => void): void
}

/** A thread that is attached. */
interface Follower {
  readonly port: Port
  /** Its number among those that write. */
  readonly writer: number | undefined
  readonly answers: HandedAnswer[]
}

/**
 * Tells attached threads of every change. News are posted to each before the directory's count of them
 * goes up: whoever sees the count finds the news at its port. No thread is waited for.
 */
export class Announcer {
  private readonly host: AnnouncerHost
  private readonly followers = new Set<Follower>()
  private readonly serials = new WeakMap<Node, number>()
  private lastSerial = 0
  private isClosed = false

  constructor(host: AnnouncerHost) {
    this.host = host
  }

  /** For one more thread. Throws `overloaded` where no further one may write, and `closed`. */
  handle({ writes = false }: HandleOptions = {}): EngineHandle {
    const { host } = this
    const writer = writes ? this.freeWriter() : undefined
    const { near, far } = openPorts()
    const tally = host.tallies.add()
    const follower: Follower = { port: near, writer, answers: [] }
    for (const news of [...host.known(writes), this.routesFor(follower)]) {
      near.postMessage(news)
    }
    if (this.isClosed) {
      near.close()
    } else {
      this.followers.add(follower)
      near.on('message', (message: readonly HandedWrite[]) => this.take(follower, message))
      near.unref()
      // Also when the other thread has ended.
      near.on('close', () => {
        this.followers.delete(follower)
        host.tallies.fold(tally)
      })
    }
    return {
      baseMs: host.routes.baseMs,
      maxValueBytes: host.maxValueBytes,
      writes,
      directory: host.directory.buffer,
      tally,
      clock: host.clock.shared,
      port: far,
      transfer: [far],
    }
  }

  /** To be called in the turn in which the routes change, before anything is written by them. */
  routes(): void {
    for (const follower of this.followers) {
      follower.port.postMessage(this.routesFor(follower))
    }
    this.host.directory.told()
  }

  gone(node: Node, departure: Departure): void {
    this.tell({ kind: 'gone', serial: this.serialOf(node), departure })
  }

  tell(news: News): void {
    for (const { port, writer } of this.followers) {
      if (news.kind !== 'credentials' || writer !== undefined) {
        port.postMessage(news)
      }
    }
    this.host.directory.told()
  }

  /** Nothing changes after this. */
  close(): void {
    this.isClosed = true
    for (const { port } of this.followers) {
      port.close()
    }
    this.followers.clear()
  }

  private take(follower: Follower, writes: readonly HandedWrite[]): void {
    const { port, answers } = follower
    this.host.carryOut(writes, (answer) => {
      answers.push(answer)
      if (answers.length === 1) {
        setImmediate(() => {
          const news: News = { kind: 'answers', answers: answers.splice(0) }
          port.postMessage(news)
        })
      }
    })
  }

  /** One whose mailboxes hold nothing any more of the thread that had it last. */
  private freeWriter(): number {
    const { writers, routes } = this.host
    if (this.isClosed) {
      throw new CacheError('closed', 'the cache is closed')
    }
    if (writers === 0) {
      throw new CacheError('invalid_option', 'open the engine with `writers`: it has none')
    }
    const taken = new Set([...this.followers].map(({ writer }) => writer))
    for (let writer = 0; writer < writers; writer++) {
      const mailboxes = [...routes.all].flatMap((node) => node.mailboxes[writer] ?? [])
      if (!taken.has(writer) && mailboxes.every((one) => new Mailbox(one).isDrained())) {
        return writer
      }
    }
    throw new CacheError(
      'overloaded',
      `${writers} further threads may write (option writers), and all do, or have just ended: close ` +
        'one, or try again in a moment',
    )
  }

  private routesFor({ writer }: Follower): News {
    const { ring, before, fence } = this.host.routes
    const routes: Announced = {
      ...this.placed(this.host.routes, writer),
      epoch: ring.epoch,
      fence,
      virtualNodes: ring.virtualNodes,
      before: before === undefined ? undefined : this.placed(before, writer),
    }
    return { kind: 'routes', routes }
  }

  private placed({ ring, nodes }: Circle, writer: number | undefined): Placed {
    return {
      members: ring.members.map(({ id, weight }) => ({ id, weight })),
      nodes: nodes.map((node) => ({
        serial: this.serialOf(node),
        lane: node.lane,
        memory: node.memory,
        mailbox: writer === undefined ? undefined : node.mailboxes[writer],
      })),
    }
  }

  private serialOf(node: Node): number {
    const known = this.serials.get(node)
    if (known !== undefined) {
      return known
    }
    this.serials.set(node, ++this.lastSerial)
    return this.lastSerial
  }
}
