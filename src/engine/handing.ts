import { CacheError } from '../errors.js'
import type { Sink, Write } from '../node/node.js'
import type { Port } from '../node/ports.js'
import type { Tenant } from './motion/held.js'
import type { HandedAnswer, HandedWrite } from './news.js'
import { ownerOf, type Routes } from './routes.js'
import type { Coordination } from './writes.js'

/** Writes handed over and not answered yet. */
const MAX_HANDED = 16_384

interface Call {
  readonly sink: Sink
  readonly index: number
}

/**
 * Hands writes of keys that move, and of buckets with copies, to the engine's own thread, which orders
 * them: see Coordinator. Those of one turn go together.
 */
export class Handing implements Coordination {
  private readonly port: Port
  private readonly calls = new Map<number, Call>()
  private readonly waiting: HandedWrite[] = []
  private lastCall = 0

  constructor(port: Port) {
    this.port = port
  }

  governs(hash: number, { outreach }: Tenant, routes: Routes<unknown>): boolean {
    const { before } = routes
    return outreach > 0 || (before !== undefined && ownerOf(before, hash) !== ownerOf(routes, hash))
  }

  submit(tenant: Tenant, write: Write, sink: Sink, index: number): void {
    if (this.calls.size >= MAX_HANDED) {
      throw new CacheError(
        'overloaded',
        'too many writes wait for keys that are being moved or copied: try again in a moment',
      )
    }
    const { op, hash, condition, version, deadline, type, value, key } = write
    const call = ++this.lastCall
    this.calls.set(call, { sink, index })
    this.waiting.push({
      call,
      bucketId: tenant.record.id,
      op,
      hash,
      condition,
      version,
      deadline,
      type,
      // Copied now: the caller's objects are its own again when this returns.
      value: typeof value === 'string' ? value : Uint8Array.prototype.slice.call(value),
      words: key.words.slice(0, (key.length + 3) >> 2),
      length: key.length,
    })
    if (this.waiting.length === 1) {
      this.port.ref() // there are answers to wait for
      queueMicrotask(() => this.port.postMessage(this.waiting.splice(0)))
    }
  }

  settle(answers: readonly HandedAnswer[]): void {
    for (const answer of answers) {
      const call = this.calls.get(answer.call)
      this.calls.delete(answer.call)
      if (call === undefined) {
        continue
      }
      if ('outcome' in answer) {
        call.sink.settle(call.index, answer.outcome, answer.version)
      } else {
        const { code, message, maybeStored } = answer
        call.sink.fail(call.index, new CacheError(code, message, { maybeStored }))
      }
    }
    if (this.calls.size === 0) {
      this.port.unref()
    }
  }

  /** No answer will come any more. */
  failAll(error: CacheError): void {
    for (const { sink, index } of [...this.calls.values()]) {
      sink.fail(index, error)
    }
    this.calls.clear()
  }
}
