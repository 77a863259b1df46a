import { clockFrom } from '../clock.js'
import { canonicalKey, type Key, KeyScratch } from '../key.js'
import { MemoryView } from '../node/memory-view.js'
import { type Member, Ring } from '../ring/ring.js'
import { Memory } from '../store/layout.js'
import { Directory } from './directory.js'
import { Lookup, patiently } from './lookup.js'
import type { Routes } from './routes.js'

/** All that another thread needs to read from an engine: it can be posted to a worker as it is. */
export interface EngineHandle {
  readonly members: readonly Member[]
  readonly virtualNodes: number
  readonly epoch: number
  readonly baseMs: number
  readonly memories: readonly SharedArrayBuffer[]
  readonly directory: SharedArrayBuffer
  readonly clock: SharedArrayBuffer | undefined
}

/** An engine of another thread, to read from: its memory is shared, so no read asks that thread. */
export class AttachedEngine {
  private readonly routes: Routes<MemoryView>
  private readonly directory: Directory
  private readonly scratch = new KeyScratch()

  constructor(handle: EngineHandle) {
    const clock = clockFrom(handle.clock)
    this.directory = new Directory(handle.directory)
    this.routes = {
      ring: Ring.of(handle.members, { virtualNodes: handle.virtualNodes, epoch: handle.epoch }),
      nodes: handle.memories.map((memory) => new MemoryView(Memory.attach(memory), clock)),
      baseMs: handle.baseMs,
    }
  }

  /** The bucket with this id, or undefined. */
  bucket(id: string): AttachedBucket | undefined {
    const found = this.directory.find(id)
    return found === undefined
      ? undefined
      : new AttachedBucket(id, found.slot, found.seed, this.routes, this.directory, this.scratch)
  }
}

/** A bucket's reads from another thread. They throw `bucket_not_found` once it is deleted. */
export class AttachedBucket {
  readonly id: string
  private readonly idNumber: number
  private readonly slot: number
  private readonly directory: Directory
  private readonly reads: Lookup

  constructor(
    id: string,
    slot: number,
    seed: number,
    routes: Routes<MemoryView>,
    directory: Directory,
    scratch: KeyScratch,
  ) {
    this.id = id
    this.idNumber = Number(id)
    this.slot = slot
    this.directory = directory
    this.reads = new Lookup(routes, scratch, 0, seed)
  }

  getSync(key: Key): Buffer | undefined {
    this.reads.space = this.directory.spaceOf(this.slot, this.idNumber)
    const value = this.reads.bytes(canonicalKey(key))
    this.directory.countRead(this.slot, value === undefined)
    return value
  }

  getTextSync(key: Key): string | undefined {
    this.reads.space = this.directory.spaceOf(this.slot, this.idNumber)
    const value = this.reads.text(canonicalKey(key))
    this.directory.countRead(this.slot, value === undefined)
    return value
  }

  get(key: Key): Promise<Buffer | undefined> {
    return patiently(() => this.getSync(key))
  }

  getText(key: Key): Promise<string | undefined> {
    return patiently(() => this.getTextSync(key))
  }

  getMany(keys: readonly Key[]): Promise<(Buffer | undefined)[]> {
    return Promise.all(keys.map((key) => this.get(key)))
  }
}
