import type { Server } from 'node:http'
import { setTimeout as pass } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import type { Bucket } from '../../engine/bucket.js'
import type { Engine } from '../../engine/engine.js'
import { CacheError } from '../../errors.js'
import type { Dispatcher } from '../dispatch.js'
import type { Home } from '../exchange.js'
import { answerBy, type Close, newInnerServer } from '../http-server.js'
import type { Meters } from '../metrics/meter.js'
import type { ServerConfig } from '../server.js'
import type { Board } from './board.js'
import { type InnerSocket, listenInside } from './inner-socket.js'
import type { AcceptorTask, Stop, Told } from './task.js'

/** One that dies is replaced, but not more often than so within the window. */
const MAX_DEATHS = 5
const WINDOW_MS = 10_000
/** The mailboxes of one that has died are its successor's once they are empty. */
const RETRY_MS = 50
const RETRIES = 100
/** What an acceptor gets beyond the time to drain before it is ended. */
const MARGIN_MS = 1_000
/** By then the acceptors, the only clients, are gone. */
const INNER_GRACE_MS = 100

export interface AcceptorsOptions {
  readonly engine: Engine
  /** It listens already. */
  readonly server: Server
  readonly port: number
  readonly board: Board
  readonly meters: Meters
  /** Answers what the acceptors do not answer by themselves. */
  readonly inner: Dispatcher<Bucket, Home>
  readonly config: ServerConfig
}

interface Acceptor {
  readonly worker: Worker
  readonly ended: Promise<void>
}

/** The further threads that serve the port: begins them, replaces those that die, ends them. */
export class Acceptors {
  private readonly options: AcceptorsOptions
  private readonly socket: InnerSocket
  private readonly closeInner: Close
  private readonly alive = new Set<Acceptor>()
  private readonly beginning = new Set<Promise<void>>()
  /** Since the start. */
  deathCount = 0
  private deaths: number[] = []
  private isClosing = false

  private constructor(options: AcceptorsOptions, socket: InnerSocket, closeInner: Close) {
    this.options = options
    this.socket = socket
    this.closeInner = closeInner
  }

  /**
   * Resolves when all serve; or, where some cannot, the others. Throws where the system cannot share a
   * port among threads.
   */
  static async start(count: number, options: AcceptorsOptions): Promise<Acceptors> {
    descriptorOf(options.server)
    const server = newInnerServer()
    const close = answerBy(server, options.inner)
    const acceptors = new Acceptors(options, await listenInside(server), close)
    for (let number = 1; number <= count; number++) acceptors.begin(number)
    await acceptors.noneIsBeginning()
    return acceptors
  }

  get count(): number {
    return this.alive.size
  }

  /** From now on none begins: resolves when the listening socket is needed for none any more. */
  noneBegins(): Promise<void> {
    this.isClosing = true
    return this.noneIsBeginning()
  }

  async close(graceMs: number): Promise<void> {
    await this.noneBegins()
    const stop: Stop = { graceMs }
    await Promise.all(
      [...this.alive].map(async ({ worker, ended }) => {
        worker.postMessage(stop)
        const late = setTimeout(() => worker.terminate(), graceMs + MARGIN_MS)
        await ended
        clearTimeout(late)
      }),
    )
    await this.closeInner(INNER_GRACE_MS)
    await this.socket.remove()
  }

  private async noneIsBeginning(): Promise<void> {
    while (this.beginning.size > 0) await Promise.all(this.beginning)
  }

  private begin(number: number): void {
    const { logger } = this.options.config
    const begun = this.serve(number).catch((error: unknown) => {
      if (this.isClosing) return
      logger.error({ err: error }, 'an acceptor could not begin: the server goes on without')
    })
    const all = begun.then(() => {
      this.beginning.delete(all)
    })
    this.beginning.add(all)
  }

  /** Resolves when the acceptor serves. */
  private async serve(number: number): Promise<void> {
    const { handle, ...rest } = await this.task(number)
    const worker = new Worker(new URL('./acceptor.js', import.meta.url), {
      workerData: { handle, ...rest },
      transferList: handle.transfer,
    })
    await new Promise<void>((resolve, reject) => {
      let why: unknown = new Error('its thread ended')
      const ended = new Promise<void>((end) => worker.once('exit', () => end()))
      const acceptor = { worker, ended }
      worker.on('error', (error) => {
        why = error
      })
      worker.on('message', (told: Told) => {
        if (told.kind !== 'serving') {
          this.options.config.logger[told.kind](told.fields, told.text)
          return
        }
        this.alive.add(acceptor)
        resolve()
      })
      worker.once('exit', () => {
        this.options.board.place(number).clear()
        if (this.alive.delete(acceptor)) this.died(number, why)
        else reject(why)
      })
    })
  }

  private async task(number: number): Promise<AcceptorTask> {
    const { board, meters, port, server } = this.options
    const { domain, endpointTemplate, maxInflightBytes } = this.options.config
    const descriptor = descriptorOf(server)
    return {
      handle: await this.handle(),
      board: board.buffer,
      meters: meters.buffer,
      routes: meters.routes,
      number,
      descriptor,
      socketPath: this.socket.path,
      port,
      domain,
      endpointTemplate,
      maxInflightBytes,
    }
  }

  /** The engine learns of a thread's end a moment later than we do. */
  private async handle(): Promise<AcceptorTask['handle']> {
    for (let tries = 1; ; tries++) {
      try {
        return this.options.engine.handle({ writes: true })
      } catch (error) {
        if (tries === RETRIES || this.isClosing) throw error
      }
      await pass(RETRY_MS)
    }
  }

  private died(number: number, why: unknown): void {
    if (this.isClosing) return
    this.deathCount++
    const now = performance.now()
    this.deaths = [...this.deaths.filter((at) => now - at < WINDOW_MS), now]
    const { logger } = this.options.config
    if (this.deaths.length > MAX_DEATHS) {
      logger.error({ err: why }, 'acceptors keep dying: the server goes on with one fewer')
      return
    }
    logger.error({ err: why }, 'an acceptor died: another takes its place')
    this.begin(number)
  }
}

/** There is no public name for it. */
function descriptorOf(server: Server): number {
  const { _handle } = server as unknown as { readonly _handle?: { readonly fd?: number } }
  const descriptor = _handle?.fd ?? -1
  if (descriptor >= 0) return descriptor
  throw new CacheError(
    'invalid_option',
    '--acceptors: on this system threads cannot share a port; leave it out',
  )
}
