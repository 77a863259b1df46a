import { unavailable } from './problem.js'

/** Counts the body bytes that all requests together hold, and refuses more than the limit. */
export class Inflight {
  private readonly limitBytes: number
  private heldBytes = 0

  constructor(limitBytes: number) {
    this.limitBytes = limitBytes
  }

  /** Throws where so much more would be too much now. */
  check(sizeBytes: number): void {
    if (this.heldBytes + sizeBytes > this.limitBytes) {
      throw unavailable('overloaded', 'Too many bytes are being uploaded at once.', false)
    }
  }

  take(sizeBytes: number): void {
    this.check(sizeBytes)
    this.heldBytes += sizeBytes
  }

  give(sizeBytes: number): void {
    this.heldBytes -= sizeBytes
  }
}
