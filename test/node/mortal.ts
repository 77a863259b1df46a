import { Consumer } from '../../src/node/consumer.js'
import { Mailbox } from '../../src/node/mailbox.js'
import { Memory } from '../../src/store/layout.js'
import { Store } from '../../src/store/store.js'
import { copyBuffer, Limit } from '../store/mortal.js'

/** A node's memory and mailbox, as they are found by whoever comes next. */
export interface Remains {
  readonly memory: Memory
  readonly mailbox: Mailbox
}

export function copyOf({ memory, mailbox }: Remains): Remains {
  return {
    memory: Memory.attach(copyBuffer(memory.buffer)),
    mailbox: new Mailbox(copyBuffer(mailbox.buffer)),
  }
}

/** A worker's life on a mailbox and its memory; the views in both are mortal. */
export type Life = (consumer: Consumer, store: Store) => void

/** The plainest: empties the queue. */
export const drainAll: Life = (consumer) => {
  while (consumer.drain(0) > 0) {}
}

/**
 * Lives on a copy, and dies just before store number `n` to memory or mailbox. Returns what is left,
 * and how many stores were made.
 */
export function drainUntil(
  remains: Remains,
  n: number,
  life: Life = drainAll,
): Remains & { stores: number } {
  const copy = copyOf(remains)
  return { ...copy, stores: liveUntil(copy, n, life) }
}

/** The same on the remains themselves. */
export function liveUntil({ memory, mailbox }: Remains, n: number, life: Life): number {
  const limit = new Limit(n)
  const mortalMemory = limit.wrapViews(Memory.attach(memory.buffer))
  const mortalMailbox = limit.wrapViews(new Mailbox(mailbox.buffer))
  limit.run(() => {
    const store = new Store(mortalMemory)
    life(new Consumer(mortalMailbox, store), store)
  })
  return limit.count
}
