import { MAX_BATCH_KEYS } from '../frames/frame.js'
import { onAbort } from './on-abort.js'

/** Where gathered keys are asked for: one bucket, with one credential. */
export interface Source {
  /** Tells it from every other. */
  readonly name: string
  /** Same order as asked. */
  fetchMany(keys: readonly string[], signal: AbortSignal): Promise<(Uint8Array | undefined)[]>
}

/** A key of a pile, and whoever waits for it. */
interface Wanted {
  readonly value: Promise<Uint8Array | undefined>
  readonly resolve: (value: Uint8Array | undefined) => void
  readonly reject: (error: unknown) => void
  askers: number
}

/** The keys that one turn of the event loop has asked for so far. */
interface Pile {
  readonly wanted: Map<string, Wanted>
  readonly end: AbortController
  /** Askers who have not left. */
  waiting: number
}

/** Makes one request of all the gets that come at once. */
export class Gatherer {
  private readonly piles = new Map<string, Pile>()

  /** The value, in a buffer of its own. A signal ends the wait of this one asker alone. */
  async get(source: Source, key: string, signal?: AbortSignal): Promise<Uint8Array | undefined> {
    signal?.throwIfAborted()
    const pile = this.pileOf(source)
    const wanted = pile.wanted.get(key) ?? newWanted()
    pile.wanted.set(key, wanted)
    const isFirst = wanted.askers++ === 0
    pile.waiting++
    if (pile.wanted.size === MAX_BATCH_KEYS) this.close(source, pile)
    const leave = () => {
      pile.waiting--
      if (pile.waiting > 0) return
      // Nothing will be asked for it: whoever comes now begins another.
      this.close(source, pile)
      pile.end.abort()
    }
    const value = await unlessAborted(wanted.value, signal, leave)
    return isFirst ? value : value?.slice()
  }

  private pileOf(source: Source): Pile {
    const known = this.piles.get(source.name)
    if (known !== undefined) return known
    const pile = { wanted: new Map(), end: new AbortController(), waiting: 0 }
    this.piles.set(source.name, pile)
    queueMicrotask(() => {
      this.close(source, pile)
      ask(source, pile)
    })
    return pile
  }

  /** Nobody joins it any more. */
  private close({ name }: Source, pile: Pile): void {
    if (this.piles.get(name) === pile) this.piles.delete(name)
  }
}

async function ask(source: Source, { wanted, end }: Pile): Promise<void> {
  if (end.signal.aborted) return
  const all = [...wanted.values()]
  try {
    const values = await source.fetchMany([...wanted.keys()], end.signal)
    all.forEach(({ resolve }, i) => {
      resolve(values[i])
    })
  } catch (error) {
    for (const { reject } of all) reject(error)
  }
}

function newWanted(): Wanted {
  let resolve: Wanted['resolve'] = () => {}
  let reject: Wanted['reject'] = () => {}
  const value = new Promise<Uint8Array | undefined>((yes, no) => {
    resolve = yes
    reject = no
  })
  // Whoever waited may have left.
  value.catch(() => {})
  return { value, resolve, reject, askers: 0 }
}

/** Waits, until the signal is aborted: then `leave` is called. */
export function unlessAborted<T>(
  promise: Promise<T>,
  signal: AbortSignal | undefined,
  leave: () => void = () => {},
): Promise<T> {
  if (signal === undefined) return promise
  return new Promise((resolve, reject) => {
    const forget = onAbort(signal, () => {
      leave()
      reject(signal.reason)
    })
    promise.then(resolve, reject).finally(forget)
  })
}
