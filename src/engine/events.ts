import type { NodeState } from '../node/node.js'
import type { Receipt } from './motion/receipt.js'

/** Why a node is gone that was asked to leave; any other that is `down` went bad. */
export const LEFT = 'left the ring'

/** What happens to the ring, told as it happens. */
export type RingEvent =
  | { readonly type: 'ring'; readonly epoch: number; readonly cause: string }
  | { readonly type: 'migration'; readonly migration: Receipt }
  | {
      readonly type: 'node'
      readonly node: string
      readonly state: NodeState
      readonly cause: string
    }

export type Listener = (event: RingEvent) => void

/** Whoever watches. A listener that throws is not heard of again by the others. */
export class Watchers {
  private readonly listeners = new Set<Listener>()

  /** Returns what ends the watch. */
  add(listener: Listener): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  tell(event: RingEvent): void {
    for (const listener of [...this.listeners]) {
      try {
        listener(event)
      } catch {
        this.listeners.delete(listener)
      }
    }
  }
}
