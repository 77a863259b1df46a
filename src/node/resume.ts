import { remix } from '../hash.js'
import { REF_MASK, versionOf } from '../store/item.js'
import { C_INTENT_OUTCOME, C_RESERVE_END, C_VERSION_END, C_VERSION_NEXT } from '../store/layout.js'
import { DONE, OP_DELETE, OP_GRANT, OP_PUT, type Order } from '../store/order.js'
import type { Store } from '../store/store.js'
import { execute, VERSION_RANGE } from './execute.js'

/**
 * Finishes the order that a writer died in, exactly once. The intended outcome is noted just before
 * the table changes: without it nothing had been changed; with it the table tells whether the change
 * came about. Orders that set something to a given state are simply carried out again; a range of
 * versions that is here already is not taken twice.
 */
export function resume(store: Store, order: Order, now: number): number {
  const { words, floats } = store.memory
  const intended = words[C_INTENT_OUTCOME]
  if (intended !== 0 && (order.op === OP_PUT || order.op === OP_DELETE)) {
    const slot = store.table.find(
      remix(order.hash),
      order.words,
      order.bodyAt,
      order.keyBytes,
      order.space,
    )
    if (order.op === OP_DELETE && slot === 0) {
      store.version = 0
      return intended
    }
    const last = floats[C_VERSION_NEXT >> 1] - 1
    if (order.op === OP_PUT && slot !== 0) {
      const version = versionOf(words, (words[slot] & REF_MASK) << 1)
      if (version === last) {
        store.version = version
        return intended
      }
    }
  }
  const end = order.version + VERSION_RANGE
  if (
    order.op === OP_GRANT &&
    (floats[C_VERSION_END >> 1] === end || floats[C_RESERVE_END >> 1] === end)
  ) {
    return DONE
  }
  return execute(store, order, now)
}
