import { CacheError } from '../errors.js'
import { InlineNode } from '../node/inline-node.js'
import type { NodeOptions, Sink, Write } from '../node/node.js'
import { OP_TOUCH } from '../store/order.js'

/** Writes that the nodes of one engine have yet to refuse. */
export interface Refusals {
  left: number
}

/**
 * A node in the calling thread in which nothing hangs on when a timer fires: what has expired or was
 * flushed is freed at writes, and where time is moved.
 */
export class TestNode extends InlineNode {
  private readonly refusals: Refusals

  constructor(options: NodeOptions, refusals: Refusals) {
    super(options)
    this.refusals = refusals
  }

  override submit(write: Write, sink: Sink, index: number): void {
    if (write.op <= OP_TOUCH && this.refusals.left > 0) {
      this.refusals.left--
      throw new CacheError(
        'overloaded',
        'the test has this write refused, as a node does whose queue is full: try again',
      )
    }
    super.submit(write, sink, index)
  }

  /** The engine's timer finds nothing to do. */
  override tick(): void {}
}
