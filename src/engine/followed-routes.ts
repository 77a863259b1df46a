import { clockFrom } from '../clock.js'
import { CacheError } from '../errors.js'
import { MemoryView } from '../node/memory-view.js'
import { listenOn, newestOn, type Port, takePort } from '../node/ports.js'
import { Ring } from '../ring/ring.js'
import { Memory } from '../store/layout.js'
import type { Announced, EngineHandle, Placed } from './announcer.js'
import type { Directory } from './directory.js'
import type { Circle, Routes } from './routes.js'

/** Epochs are counted from 0: this one is always behind. */
const CLOSED = -1

/**
 * The routes as an attached thread knows them. Whoever reads by them calls `follow` before, and looks
 * at `isCurrent` after: one load of a shared word each. Nothing of an older epoch is held, so memory of
 * a node that is gone is let go.
 */
export class FollowedRoutes implements Routes<MemoryView> {
  ring: Ring
  nodes: readonly MemoryView[] = []
  before: Circle<MemoryView> | undefined
  readonly baseMs: number
  fence = 0
  private epoch = CLOSED
  private readonly directory: Directory
  private readonly clock: ReturnType<typeof clockFrom>
  private readonly port: Port

  constructor(handle: EngineHandle, directory: Directory) {
    this.directory = directory
    this.clock = clockFrom(handle.clock)
    this.baseMs = handle.baseMs
    this.port = take(handle.port)
    const first = newestOn(this.port) as Announced | undefined
    if (first === undefined) {
      throw notAttached()
    }
    this.ring = Ring.of(first.members, first)
    this.become(first)
    listenOn(this.port, (message) => {
      if (this.epoch !== CLOSED) {
        this.become(message as Announced)
      }
    })
  }

  /** No epoch has begun after that of these routes. */
  get isCurrent(): boolean {
    return this.directory.epoch <= this.epoch
  }

  /** The routes are those of the ring's epoch, or of one that is just about to begin. */
  follow(): void {
    if (!this.isCurrent) {
      this.catchUp()
    }
  }

  close(): void {
    this.port.close()
    this.epoch = CLOSED
    this.nodes = []
    this.before = undefined
  }

  private catchUp(): void {
    const newest = this.epoch === CLOSED ? undefined : newestOn(this.port)
    if (newest === undefined) {
      throw notAttached()
    }
    this.become(newest as Announced)
  }

  private become(announced: Announced): void {
    const { clock } = this
    const views = new Map<SharedArrayBuffer, MemoryView>()
    const viewOf = (memory: SharedArrayBuffer) => {
      const view = views.get(memory) ?? new MemoryView(Memory.attach(memory), clock)
      views.set(memory, view)
      return view
    }
    const known = [this.ring, this.before?.ring]
    const circleOf = (placed: Placed): Circle<MemoryView> => ({
      ring: known.find((ring) => hasMembers(ring, placed)) ?? Ring.of(placed.members, announced),
      nodes: placed.memories.map(viewOf),
    })
    const { ring, nodes } = circleOf(announced)
    this.before = announced.before === undefined ? undefined : circleOf(announced.before)
    this.ring = ring.at(announced.epoch)
    this.nodes = nodes
    this.epoch = announced.epoch
  }
}

function hasMembers(ring: Ring | undefined, { members }: Placed): ring is Ring {
  return (
    ring?.members.length === members.length &&
    ring.members.every(({ id, weight }, i) => id === members[i].id && weight === members[i].weight)
  )
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
