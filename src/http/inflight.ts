import type { Place } from './acceptors/board.js'
import { unavailable } from './problem.js'

/**
 * Counts the body bytes that all requests together hold, and refuses more than the limit. Acceptors
 * that look in the same moment may each let a piece through: so far it can be exceeded.
 */
export class Inflight {
  private readonly limitBytes: number
  private readonly place: Place

  constructor(limitBytes: number, place: Place) {
    this.limitBytes = limitBytes
    this.place = place
  }

  /** Throws where so much more would be too much now. */
  check(sizeBytes: number): void {
    if (this.place.heldBytes + sizeBytes > this.limitBytes) {
      throw unavailable('overloaded', 'Too many bytes are being uploaded at once.', false)
    }
  }

  take(sizeBytes: number): void {
    this.check(sizeBytes)
    this.place.hold(sizeBytes)
  }

  give(sizeBytes: number): void {
    this.place.hold(-sizeBytes)
  }
}
