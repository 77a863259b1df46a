import { CacheError } from '../errors.js'
import { KeyScratch } from '../key.js'
import type { EngineHandle } from './announcer.js'
import { type AttachedBucket, attachedBucket } from './attached-bucket.js'
import type { Principal } from './credentials.js'
import { Follower } from './follower.js'
import type { WriteHost } from './writes.js'

/**
 * An engine of another thread. Its memory is shared: no read asks that thread, and writes go to the
 * nodes at once; only those of keys that move, and of buckets with copies, are handed to it. What it has
 * acknowledged, of a change of ring, bucket or credential, is in effect here.
 */
export class AttachedEngine implements Disposable {
  readonly maxValueBytes: number
  private readonly follower: Follower
  private readonly host: WriteHost
  private readonly writes: boolean
  private readonly tally: Float64Array
  private readonly buckets = new Map<string, AttachedBucket>()

  constructor(handle: EngineHandle) {
    const follower = new Follower(handle)
    const { maxValueBytes } = handle
    this.follower = follower
    this.maxValueBytes = maxValueBytes
    this.writes = handle.writes
    this.tally = handle.tally
    this.host = {
      get routes() {
        follower.followToWrite()
        return follower.routes
      },
      coordinator: follower.handing,
      scratch: new KeyScratch(),
      maxValueBytes,
      now: () => follower.clock.now(),
    }
  }

  /** The bucket with this id, or undefined. */
  bucket(id: string): AttachedBucket | undefined {
    const { follower, buckets } = this
    follower.follow()
    if (!follower.buckets.has(id)) {
      buckets.delete(id)
      return undefined
    }
    const bucket = buckets.get(id) ?? attachedBucket(this.host, follower, this.tally, id)
    if (bucket !== undefined) {
      buckets.set(id, bucket)
    }
    return bucket
  }

  /** Who holds this key; undefined for nobody. Throws where the handle was not made to write. */
  authenticate(credentialKey: string): Principal | undefined {
    if (!this.writes) {
      throw new CacheError('closed', 'credentials are known to threads that may write alone')
    }
    this.follower.follow()
    return this.follower.credentials.authenticate(credentialKey)
  }

  /** Changes whenever a credential is added or revoked. */
  get credentialEpoch(): number {
    this.follower.follow()
    return this.follower.credentials.epoch
  }

  /** Lets go of the memory; later calls throw `closed`. The thread's end does it as well. */
  close(): void {
    this.follower.close()
  }

  [Symbol.dispose](): void {
    this.close()
  }
}
