import { CacheError } from '../errors.js'
import { canonicalKey, type Key, KeyScratch } from '../key.js'
import { BUSY } from '../store/reader.js'
import type { EngineHandle } from './announcer.js'
import { Directory } from './directory.js'
import { FollowedRoutes } from './followed-routes.js'
import { Lookup, patiently } from './lookup.js'

/** A read in whose midst the ring changes is done again; more than this many times: busy. */
const MAX_LOOKS = 8

/**
 * An engine of another thread, to read from: its memory is shared, so no read asks that thread. It
 * follows a ring that changes.
 */
export class AttachedEngine implements Disposable {
  private readonly routes: FollowedRoutes
  private readonly directory: Directory
  private readonly scratch = new KeyScratch()

  constructor(handle: EngineHandle) {
    this.directory = new Directory(handle.directory)
    this.routes = new FollowedRoutes(handle, this.directory)
  }

  /** The bucket with this id, or undefined. */
  bucket(id: string): AttachedBucket | undefined {
    const found = this.directory.find(id)
    return found === undefined
      ? undefined
      : new AttachedBucket(id, found.slot, found.seed, this.routes, this.directory, this.scratch)
  }

  /** Lets go of the memory; later reads throw `closed`. The thread's end does it as well. */
  close(): void {
    this.routes.close()
  }

  [Symbol.dispose](): void {
    this.close()
  }
}

/** A bucket's reads from another thread. They throw `bucket_not_found` once it is deleted. */
export class AttachedBucket {
  readonly id: string
  private readonly idNumber: number
  private readonly slot: number
  private readonly routes: FollowedRoutes
  private readonly directory: Directory
  private readonly reads: Lookup

  constructor(
    id: string,
    slot: number,
    seed: number,
    routes: FollowedRoutes,
    directory: Directory,
    scratch: KeyScratch,
  ) {
    this.id = id
    this.idNumber = Number(id)
    this.slot = slot
    this.routes = routes
    this.directory = directory
    this.reads = new Lookup(routes, scratch, 0, seed, (hash) => {
      if (directory.isInHand(hash)) {
        throw BUSY // this key, or one that shares its mark: over in a moment
      }
      return false
    })
  }

  getSync(key: Key): Buffer | undefined {
    return this.read(key, bytesOf)
  }

  getTextSync(key: Key): string | undefined {
    return this.read(key, textOf)
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

  /**
   * What was found, or not, counts only where no epoch began meanwhile: by older routes a key that has
   * moved is missing, and a node that is gone may still have one.
   */
  private read<T>(key: Key, look: (reads: Lookup, key: string) => T | undefined): T | undefined {
    const { routes, directory, reads, slot } = this
    const name = canonicalKey(key)
    for (let looks = 0; looks < MAX_LOOKS; looks++) {
      routes.follow()
      reads.space = directory.spaceOf(slot, this.idNumber)
      reads.isEconomy = routes.before !== undefined && directory.isEconomy(slot)
      try {
        const value = look(reads, name)
        if (routes.isCurrent) {
          directory.countRead(slot, value === undefined)
          return value
        }
      } catch (error) {
        if (routes.isCurrent) {
          throw error
        }
      }
    }
    throw new CacheError('busy', 'the ring keeps changing: try again at once')
  }
}

function bytesOf(reads: Lookup, key: string): Buffer | undefined {
  return reads.bytes(key)
}

function textOf(reads: Lookup, key: string): string | undefined {
  return reads.text(key)
}
