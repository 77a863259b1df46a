import { CacheError } from '../errors.js'
import type { Sink, Write } from '../node/node.js'
import { NO_SPACE } from '../store/order.js'
import type { Tenant } from './motion/held.js'
import type { HandedAnswer, HandedWrite } from './news.js'

interface Orders {
  submit(tenant: Tenant, write: Write, sink: Sink, index: number): void
}

/** Writes that other threads have handed over: carries them out as if they had been asked for here. */
export class HandedWrites {
  private readonly orders: Orders
  private readonly bucket: (id: string) => Tenant | undefined

  constructor(orders: Orders, bucket: (id: string) => Tenant | undefined) {
    this.orders = orders
    this.bucket = bucket
  }

  carryOut(writes: readonly HandedWrite[], answer: (answer: HandedAnswer) => void): void {
    const sink: Sink = {
      settle: (call, outcome, version) => answer({ call, outcome, version }),
      fail: (call, { code, message, maybeStored }) => answer({ call, code, message, maybeStored }),
    }
    for (const write of writes) {
      const tenant = this.bucket(write.bucketId)
      if (tenant === undefined) {
        sink.settle(write.call, NO_SPACE, 0)
        continue
      }
      try {
        this.orders.submit(tenant, orderOf(tenant, write), sink, write.call)
      } catch (error) {
        const known = error instanceof CacheError
        sink.fail(write.call, known ? error : new CacheError('internal', String(error)))
      }
    }
  }
}

function orderOf(tenant: Tenant, handed: HandedWrite): Write {
  const { op, hash, condition, version, deadline, type, value, words, length } = handed
  const key = { words, length }
  const { space } = tenant.reads
  return { op, space, hash, condition, version, deadline, key, type, value, isShared: true }
}
