import { Consumer } from '../../src/node/consumer.js'
import { Mailbox } from '../../src/node/mailbox.js'
import { Memory } from '../../src/store/layout.js'
import { Store } from '../../src/store/store.js'

/** The worker's death in these tests. */
class Death extends Error {}

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

/**
 * Drains a copy of the mailbox into a copy of the memory, and dies just before store number `n` to
 * either of them. Returns what is left, and how many stores were made.
 */
export function drainUntil(remains: Remains, n: number): Remains & { stores: number } {
  const copy = copyOf(remains)
  const limit = new Limit(n)
  const memory = Memory.attach(copy.memory.buffer)
  const mailbox = new Mailbox(copy.mailbox.buffer)
  for (const part of [memory, mailbox]) {
    for (const [name, value] of Object.entries(part)) {
      if (ArrayBuffer.isView(value)) {
        Object.defineProperty(part, name, { value: limit.wrap(value) })
      }
    }
  }
  const restore = limit.wrapAtomics()
  try {
    const consumer = new Consumer(mailbox, new Store(memory))
    while (consumer.drain(0) > 0) {}
  } catch (error) {
    if (!(error instanceof Death)) {
      throw error
    }
  } finally {
    restore()
  }
  return { ...copy, stores: limit.count }
}

const BULK = new Set<unknown>(['set', 'fill', 'copyWithin'])
const ATOMIC = ['load', 'store', 'add', 'exchange', 'compareExchange', 'notify'] as const

/** Views that count the stores made through them, and throw instead of the last one. */
class Limit {
  count = 0
  private readonly dieAt: number
  private readonly originals = new Map<unknown, object>()

  constructor(dieAt: number) {
    this.dieAt = dieAt
  }

  wrap(view: object): object {
    const proxy = new Proxy(view, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name, target)
        if (typeof value !== 'function') {
          return value
        }
        return (...args: unknown[]) => {
          if (BULK.has(name)) this.tick()
          return Reflect.apply(value, target, args)
        }
      },
      set: (target, name, value) => {
        this.tick()
        return Reflect.set(target, name, value, target)
      },
    })
    this.originals.set(proxy, view)
    return proxy
  }

  /** Atomics take no proxies: until the result is called they are handed the views themselves. */
  wrapAtomics(): () => void {
    const before = ATOMIC.map((name) => Atomics[name])
    for (const [i, name] of ATOMIC.entries()) {
      const wrapped = (view: unknown, ...args: unknown[]) => {
        if (name !== 'load') this.tick()
        return Reflect.apply(before[i], Atomics, [this.originals.get(view) ?? view, ...args])
      }
      Reflect.set(Atomics, name, wrapped)
    }
    return () => {
      for (const [i, name] of ATOMIC.entries()) Reflect.set(Atomics, name, before[i])
    }
  }

  private tick(): void {
    if (this.count + 1 === this.dieAt) {
      throw new Death()
    }
    this.count++
  }
}

function copyBuffer(buffer: SharedArrayBuffer): SharedArrayBuffer {
  const copy = new SharedArrayBuffer(buffer.byteLength)
  new Uint8Array(copy).set(new Uint8Array(buffer))
  return copy
}
