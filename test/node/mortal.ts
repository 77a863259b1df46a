import { Consumers } from '../../src/node/consumers.js'
import { Mailbox } from '../../src/node/mailbox.js'
import { Memory } from '../../src/store/layout.js'
import { Store } from '../../src/store/store.js'
import { copyBuffer, Limit } from '../store/mortal.js'

/** A node's memory and mailboxes, as they are found by whoever comes next. */
export interface Remains {
  readonly memory: Memory
  readonly mailboxes: readonly Mailbox[]
}

export function copyOf({ memory, mailboxes }: Remains): Remains {
  return {
    memory: Memory.attach(copyBuffer(memory.buffer)),
    mailboxes: mailboxes.map(({ buffer }) => new Mailbox(copyBuffer(buffer))),
  }
}

/** A worker's life on mailboxes and memory; the views in all of them are mortal. */
export type Life = (consumers: Consumers, store: Store) => void

/** The plainest: empties the queues. */
export const drainAll: Life = (consumers) => {
  while (consumers.drain(0) > 0) {}
}

/**
 * Lives on a copy, and dies just before store number `n` to memory or mailboxes. Returns what is left,
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
export function liveUntil({ memory, mailboxes }: Remains, n: number, life: Life): number {
  const limit = new Limit(n)
  const mortalMemory = limit.wrapViews(Memory.attach(memory.buffer))
  const mortalMailboxes = mailboxes.map(({ buffer }) => limit.wrapViews(new Mailbox(buffer)))
  limit.run(() => {
    const store = new Store(mortalMemory)
    life(new Consumers(mortalMailboxes, store), store)
  })
  return limit.count
}
