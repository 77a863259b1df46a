import type { Principal } from '../engine/credentials.js'
import type { Keys } from '../engine/keys.js'

/** What calls about keys need of an engine: of the process's own, or of one attached to it. */
export interface Front<B extends Keys = Keys> {
  readonly maxValueBytes: number
  /** Changes whenever a credential is added or revoked. */
  readonly credentialEpoch: number
  authenticate(credentialKey: string): Principal | undefined
  bucket(id: string): B | undefined
}
