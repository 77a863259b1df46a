import { remix } from '../hash.js'
import { REF_MASK, versionOf } from '../store/item.js'
import {
  C_IN_DOUBT,
  C_OUTCOME,
  C_OUTCOME_VERSION,
  C_RESERVE_END,
  C_VERSION_END,
} from '../store/layout.js'
import {
  OP_COPY,
  OP_DELETE,
  OP_DROP,
  OP_GRANT,
  OP_PUT,
  OP_RELEASE,
  OP_STORE,
  type Order,
} from '../store/order.js'
import type { Store } from '../store/store.js'
import { VERSION_RANGE } from './execute.js'

/**
 * What the order that a writer died in has come to, or 0: nothing, it is carried out anew. The store's
 * `version` goes with it. After a roll back the noted outcome is there if and only if the order's
 * last step is; orders that set something to a given state note none, and are simply carried out
 * again. Where all was made anew, the table tells whether the change came about.
 */
export function resume(store: Store, order: Order): number {
  const { words, floats } = store.memory
  const outcome = words[C_OUTCOME]
  if (outcome === 0 || (words[C_IN_DOUBT] === 1 && !isInTable(store, order))) {
    return 0
  }
  store.version = floats[C_OUTCOME_VERSION >> 1]
  return outcome
}

function isInTable(store: Store, order: Order): boolean {
  const { words, floats } = store.memory
  switch (order.op) {
    case OP_PUT:
    case OP_STORE:
    case OP_COPY: {
      const slot = find(store, order)
      const version = slot === 0 ? 0 : versionOf(words, (words[slot] & REF_MASK) << 1)
      return slot !== 0 && version === floats[C_OUTCOME_VERSION >> 1]
    }
    case OP_DELETE:
    case OP_RELEASE:
    case OP_DROP:
      return find(store, order) === 0
    case OP_GRANT: {
      const end = order.version + VERSION_RANGE
      return floats[C_VERSION_END >> 1] === end || floats[C_RESERVE_END >> 1] === end
    }
    default:
      return false
  }
}

function find(store: Store, { hash, words, bodyAt, keyBytes, space }: Order): number {
  return store.table.find(remix(hash), words, bodyAt, keyBytes, space)
}
