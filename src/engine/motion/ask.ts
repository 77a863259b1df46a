import { CacheError } from '../../errors.js'
import type { Node, Sink, Write } from '../../node/node.js'

/** What became of an order, as order.ts has it. */
export interface Answer {
  readonly outcome: number
  readonly version: number
}

/** Turns of the event loop that an order waits for room in a node's queue. */
const MAX_TURNS = 10_000

class Asked implements Sink {
  readonly promise: Promise<Answer>
  private resolve!: (answer: Answer) => void
  private reject!: (error: unknown) => void

  constructor() {
    this.promise = new Promise((resolve, reject) => {
      this.resolve = resolve
      this.reject = reject
    })
  }

  settle(_index: number, outcome: number, version: number): void {
    this.resolve({ outcome, version })
  }

  fail(_index: number, error: CacheError): void {
    this.reject(error)
  }
}

/** One order and its bare outcome. Throws what the node throws; waits where its queue is full. */
export async function ask(node: Node, write: Write): Promise<Answer> {
  for (let turn = 0; ; turn++) {
    const asked = new Asked()
    try {
      node.submit(write, asked, 0)
      return await asked.promise
    } catch (error) {
      const isFull = error instanceof CacheError && error.code === 'overloaded'
      if (!isFull || turn === MAX_TURNS) {
        throw error
      }
    }
    await new Promise((resolve) => setImmediate(resolve))
  }
}
