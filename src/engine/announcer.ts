import type { Clock } from '../clock.js'
import { openPorts, type Port } from '../node/ports.js'
import type { Member } from '../ring/ring.js'
import type { Directory } from './directory.js'
import type { Circle, Routes } from './routes.js'

/** The members of a ring; `memories[i]` is that of member number i. */
export interface Placed {
  readonly members: readonly Member[]
  readonly memories: readonly SharedArrayBuffer[]
}

/** The routes of one epoch, as they are posted to other threads. */
export interface Announced extends Placed {
  readonly epoch: number
  readonly virtualNodes: number
  /** While keys move: who had them until now. */
  readonly before: Placed | undefined
}

/**
 * All that another thread needs to read from an engine and to follow its ring. It holds no memory of
 * the nodes, as it may live for as long as the thread: that comes through the port.
 */
export interface EngineHandle {
  readonly baseMs: number
  readonly directory: SharedArrayBuffer
  readonly clock: SharedArrayBuffer | undefined
  readonly port: Port
  /** Goes with the handle as its transfer list; so a handle is for one thread. */
  readonly transfer: Port[]
}

/**
 * Tells attached threads of every epoch. The routes are posted to each before the epoch's word in the
 * directory is stored: whoever sees the word finds the routes at its port. No thread is waited for.
 */
export class Announcer {
  private readonly routes: Routes
  private readonly directory: Directory
  private readonly clock: Clock
  private readonly ports = new Set<Port>()
  private isClosed = false

  constructor(routes: Routes, directory: Directory, clock: Clock) {
    this.routes = routes
    this.directory = directory
    this.clock = clock
    directory.epoch = routes.ring.epoch
  }

  /** For one more thread, which hears of every epoch from now on. */
  handle(): EngineHandle {
    const { near, far } = openPorts()
    near.postMessage(this.announced())
    if (this.isClosed) {
      near.close()
    } else {
      this.ports.add(near)
      near.on('close', () => this.ports.delete(near)) // also when the other thread has ended
    }
    return {
      baseMs: this.routes.baseMs,
      directory: this.directory.buffer,
      clock: this.clock.shared,
      port: far,
      transfer: [far],
    }
  }

  /** To be called in the turn in which the routes change, before anything is written by them. */
  announce(): void {
    const announced = this.announced()
    for (const port of this.ports) {
      port.postMessage(announced)
    }
    this.directory.epoch = announced.epoch
  }

  /** No epoch comes after this one. */
  close(): void {
    this.isClosed = true
    for (const port of this.ports) {
      port.close()
    }
    this.ports.clear()
  }

  private announced(): Announced {
    const { ring, before } = this.routes
    return {
      ...placed(this.routes),
      epoch: ring.epoch,
      virtualNodes: ring.virtualNodes,
      before: before === undefined ? undefined : placed(before),
    }
  }
}

function placed({ ring, nodes }: Circle): Placed {
  return {
    members: ring.members.map(({ id, weight }) => ({ id, weight })),
    memories: nodes.map((node) => node.memory),
  }
}
