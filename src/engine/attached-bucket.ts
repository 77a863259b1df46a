import { CacheError } from '../errors.js'
import type { KeyScratch } from '../key.js'
import { ABSENT, BUSY, type Found, type FoundHead } from '../store/reader.js'
import type { Follower } from './follower.js'
import { type BucketState, Keys, type Reads } from './keys.js'
import { Lookup } from './lookup.js'
import type { BucketRecord } from './records.js'
import { countRead, nodesOf } from './tallies.js'
import type { WriteHost } from './writes.js'

/** A read in whose midst something changes is done again; more than this many times: busy. */
const MAX_LOOKS = 8

/** A bucket's keys from another thread. Once it is deleted calls throw `bucket_not_found`. */
export class AttachedBucket extends Keys<FollowedReads> {}

/** A bucket's reads by routes, and in a generation, that another thread changes. */
export class FollowedReads implements Reads {
  private readonly follower: Follower
  private readonly tally: Float64Array
  private readonly id: number
  private readonly slot: number
  private readonly lookup: Lookup

  constructor(follower: Follower, tally: Float64Array, record: BucketRecord, scratch: KeyScratch) {
    const { directory, routes } = follower
    const { id, slot, seed } = record
    this.follower = follower
    this.tally = tally
    this.id = Number(id)
    this.slot = slot
    this.lookup = new Lookup(routes, scratch, 0, seed, nodesOf(tally), (hash) => {
      if (directory.isInHand(hash)) {
        throw BUSY // this key, or one that shares its mark: over in a moment
      }
      return false
    })
  }

  /** The bucket's generation of now. Throws `bucket_not_found`. */
  get space(): number {
    return this.follower.directory.spaceOf(this.slot, this.id)
  }

  bytes(key: string): Buffer | undefined {
    return this.read(key, bytesOf)
  }

  text(key: string): string | undefined {
    return this.read(key, textOf)
  }

  find(key: string): Found | undefined {
    return this.read(key, find)
  }

  head(key: string): FoundHead | undefined {
    return this.look(key, headOf)
  }

  copyTo(key: string, target: Uint8Array, at: number): number {
    const length = this.look(key, (lookup, name) => lookup.copyTo(name, target, at))
    if (length <= target.length - at) {
      countRead(this.tally, this.slot, length === ABSENT)
    }
    return length
  }

  private read<T>(
    key: string,
    look: (lookup: Lookup, key: string) => T | undefined,
  ): T | undefined {
    const value = this.look(key, look)
    countRead(this.tally, this.slot, value === undefined)
    return value
  }

  /**
   * What was found, or not, counts only where nothing has changed meanwhile: by older routes a key that
   * has moved is missing, a node that is gone may still have one, and an older generation's number may be
   * another bucket's.
   */
  private look<T>(key: string, look: (lookup: Lookup, key: string) => T): T {
    const { follower, lookup, slot } = this
    for (let looks = 0; looks < MAX_LOOKS; looks++) {
      follower.follow()
      lookup.space = this.space
      lookup.isEconomy = follower.routes.before !== undefined && follower.directory.isEconomy(slot)
      try {
        const value = look(lookup, key)
        if (follower.isCurrent) {
          return value
        }
      } catch (error) {
        if (follower.isCurrent) {
          throw error
        }
      }
    }
    throw new CacheError('busy', 'the ring keeps changing: try again at once')
  }
}

/** A bucket's keys, for the thread that is attached so; undefined where there is no such bucket. */
export function attachedBucket(
  host: WriteHost,
  follower: Follower,
  tally: Float64Array,
  id: string,
): AttachedBucket | undefined {
  follower.follow()
  const first = follower.buckets.get(id)
  if (first === undefined) {
    return undefined
  }
  let last = first
  const newest = (): BucketState => {
    follower.follow()
    last = follower.buckets.get(id) ?? last // of one that is deleted, what it was
    return last
  }
  const state: BucketState = {
    get record() {
      return newest().record
    },
    get outreach() {
      return newest().outreach
    },
  }
  const reads = new FollowedReads(follower, tally, first.record, host.scratch)
  return new AttachedBucket(host, state, reads)
}

function bytesOf(lookup: Lookup, key: string): Buffer | undefined {
  return lookup.bytes(key)
}

function textOf(lookup: Lookup, key: string): string | undefined {
  return lookup.text(key)
}

function find(lookup: Lookup, key: string): Found | undefined {
  return lookup.find(key)
}

function headOf(lookup: Lookup, key: string): FoundHead | undefined {
  return lookup.head(key)
}
