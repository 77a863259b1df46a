import { C_IN_DOUBT } from '../store/layout.js'
import type { Store } from '../store/store.js'
import { Consumer } from './consumer.js'
import type { Mailbox } from './mailbox.js'

/** The worker's side of all mailboxes of its node, served in turn. */
export class Consumers {
  private readonly store: Store
  private readonly all: readonly Consumer[]
  private next = 0

  constructor(mailboxes: readonly Mailbox[], store: Store) {
    this.store = store
    this.all = mailboxes.map((mailbox, index) => new Consumer(mailbox, index, store))
  }

  get count(): number {
    return this.all.length
  }

  isEmpty(): boolean {
    const { all } = this
    for (let i = 0; i < all.length; i++) {
      if (!all[i].isEmpty()) {
        return false
      }
    }
    return true
  }

  /** Carries out a batch of the next mailbox that has orders; returns how many: 0, all are empty. */
  drain(now: number): number {
    const { all } = this
    for (let i = 0; i < all.length; i++) {
      const done = all[this.next].drain(now)
      this.next = this.next + 1 === all.length ? 0 : this.next + 1
      if (done > 0) {
        return done
      }
    }
    return 0
  }

  /** Carries out all that can be seen now, and nothing that comes meanwhile. */
  finish(now: number): void {
    for (const consumer of this.all) {
      consumer.finish(now)
    }
  }

  /** Finishes what a predecessor left: answers not published, and the order that it died in. */
  recover(now: number): void {
    for (const consumer of this.all) {
      consumer.wake() // whatever becomes of the next order, the answers before it are there
    }
    for (const consumer of this.all) {
      consumer.recover(now)
    }
    this.store.memory.words[C_IN_DOUBT] = 0
  }
}
