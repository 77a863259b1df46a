import {
  DONE,
  IF_ABSENT,
  MISSING,
  OP_COPY,
  OP_DELETE,
  OP_DROP,
  OP_FENCE,
  OP_GRANT,
  OP_KILL_SPACE,
  OP_OPEN_SPACE,
  OP_PUT,
  OP_RELEASE,
  OP_STORE,
  OP_TICK,
  OP_TOUCH,
  type Order,
  STALE,
} from '../store/order.js'
import type { Store } from '../store/store.js'
import { N_FENCE } from './bell.js'

/** Versions that one grant holds: an hour of a thousand puts a second, four times over. */
export const VERSION_RANGE = 2 ** 24

/** Carries out one order. Returns its outcome; the store's `version` goes with it. */
export function execute(store: Store, order: Order, now: number): number {
  store.version = 0
  if (isOfData(order.op) && ((order.fence - store.memory.words[N_FENCE]) | 0) < 0) {
    return STALE
  }
  switch (order.op) {
    case OP_PUT:
    case OP_STORE:
      return store.put(order, now)
    case OP_COPY:
      // Where it replaces something it is stored all the same: what was there must not stay.
      return order.deadline <= now && order.condition === IF_ABSENT
        ? MISSING
        : store.put(order, now)
    case OP_DELETE:
      return store.delete(order, now)
    case OP_TOUCH:
      return store.touch(order, now)
    case OP_RELEASE:
    case OP_DROP:
      return store.release(order, now)
    case OP_FENCE:
      store.memory.words[N_FENCE] = order.version | 0
      return DONE
    case OP_OPEN_SPACE:
      store.openSpace(order.space, order.hash, order.deadline, now)
      return DONE
    case OP_KILL_SPACE:
      store.spaces.book(order.space, 0, 0, now) // what it held until now is on the bill
      store.killSpace(order.space)
      return DONE
    case OP_GRANT:
      store.grantVersions(order.version, order.version + VERSION_RANGE)
      return DONE
    case OP_TICK:
      while (store.advance(now) === 0 || store.sweep(now)) {}
      return DONE
    default:
      throw new RangeError(`unknown order ${order.op}`)
  }
}

function isOfData(op: number): boolean {
  return op <= OP_TOUCH || (op >= OP_STORE && op <= OP_DROP)
}
